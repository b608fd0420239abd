import type { Marker } from '../../express-session/marker.js';
import type { ActivityLedger, LedgerRecord } from '../../ledger/activity-ledger.js';
import type { MaybePromise } from '../../ledger/maybe-promise.js';
import type { Settings } from '../../options/settings.js';
import { keepRecordFor } from '../../policy/limits.js';
import type { Reason } from '../../policy/reason.js';
import type { Beginning, WantedPlace } from './beginning.js';
import { Places } from './places.js';
import type { Subject } from './subject.js';

/** How sessions are ended whose places are needed. */
interface Enders {
  /** Ends a session if its time is over. True if this call ended it. */
  expire(key: string): MaybePromise<boolean>;
  end(key: string, reason: Reason, subject: Partial<Subject>): MaybePromise<boolean>;
}

/** Opens the records of timelines. */
export class Openings {
  private readonly places: Places | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly ledger: ActivityLedger,
    private readonly enders: Enders,
  ) {
    this.places = ledger.users && new Places(ledger.users, enders);
  }

  /**
   * Opens the record of a session that begins.
   *
   * @throws TooManySessionsError if the user may not have one more
   */
  open(key: string, subject: Subject, beginning: Beginning): MaybePromise<LedgerRecord> {
    const { place } = beginning;
    return place && this.places && subject.user !== undefined
      ? this.openInPlace(this.places, key, { ...subject, user: subject.user }, beginning, place)
      : this.write(key, subject, beginning);
  }

  /**
   * Carries on a session of an earlier run of the process, if that is allowed: its start counts, its activity begins
   * anew.
   */
  adopt(key: string, subject: Subject, { startedAt, run }: Marker): MaybePromise<LedgerRecord> | undefined {
    const isOfThisRun = run !== undefined && run === this.ledger.runId;
    if (isOfThisRun || this.settings.unknownSessions === 'expire') return undefined;
    return this.write(key, subject, { startedAt, authAge: this.ageOf(startedAt) });
  }

  /** Those who have lost their places end when the new session works: whatever the ledger does, the user has one. */
  private async openInPlace(
    places: Places,
    key: string,
    subject: Subject & { readonly user: string },
    beginning: Beginning,
    place: WantedPlace,
  ): Promise<LedgerRecord> {
    const { user } = subject;
    const leaving = await places.claim(user, key, place);
    const record = await this.write(key, subject, beginning);
    await Promise.all(leaving.map((left) => this.displace(left, user)));
    return record;
  }

  private async displace(key: string, user: string): Promise<void> {
    try {
      await this.enders.end(key, 'displaced', { user });
    } catch {
      // The ledger remembers that it has no place any more: the next sign-in or sweep ends it.
    }
  }

  private write(
    key: string,
    { user, limits }: Subject,
    { startedAt, authAge = 0, device }: Beginning,
  ): MaybePromise<LedgerRecord> {
    const sessionAge = startedAt === undefined ? undefined : this.ageOf(startedAt);
    return this.ledger.open(key, { user, sessionAge, authAge, device, limits, keepFor: keepRecordFor(limits) });
  }

  private ageOf(startedAt: number): number {
    return Math.max(0, this.settings.clock.now() - startedAt);
  }
}
