import type { Marker } from '../../express-session/marker.js';
import { RecentMap } from '../../base/recent-map.js';
import type { ActivityLedger, LedgerRecord } from '../../ledger/activity-ledger.js';
import { attempt, chain, type MaybePromise } from '../../base/maybe-promise.js';
import type { Retries } from '../../base/retries.js';
import type { Settings } from '../../options/settings.js';
import { keepRecordFor, keepTombstoneFor } from '../../policy/limits.js';
import type { Reason } from '../../policy/reason.js';
import type { Beginning, WantedPlace } from './beginning.js';
import type { SessionEvents } from './events/session-events.js';
import { fewAtOnce } from '../../base/few-at-once.js';
import { limitsToStore } from './limits-to-store.js';
import { type Enders, Places } from './places.js';
import type { Subject } from './subject.js';
import { TooManySessionsError } from './place.errors.js';

/** The end of all sessions of a user. */
interface EndOfAll {
  readonly reason: Reason;
  /** The keys of the sessions that go on. */
  readonly except: readonly string[];
  /** A reading of the clock. */
  readonly at: number;
}

/** Functions that end sessions. */
interface AllEnders extends Enders {
  end(
    key: string,
    reason: Reason,
    subject: Partial<Subject> & { readonly hasRequest?: boolean },
  ): MaybePromise<boolean>;
}

/** Opens the records of timelines. */
export class Openings {
  private readonly places: Places | undefined;
  private readonly refused = new RecentMap<string, true>(1000);
  private readonly endedUsers = new RecentMap<string, EndOfAll>(10_000);
  private readonly unfinished = new RecentMap<string, true>(10_000);

  constructor(
    private readonly settings: Settings,
    private readonly ledger: ActivityLedger,
    private readonly enders: AllEnders,
    private readonly events: SessionEvents,
    private readonly retries: Retries,
  ) {
    // In report mode, no session may end, so there are no places to give.
    const { mode, ledgerTimeout } = settings;
    this.places =
      mode === 'enforce' && ledger.users ? new Places(ledger.users, enders, retries, ledgerTimeout) : undefined;
  }

  /**
   * Whether a session could not be opened or stored. The ledger may have its record: an answer may be lost or late. Then
   * it has no place, and its start is not reported yet.
   */
  isUnfinished(key: string): boolean {
    return this.unfinished.get(key) === true;
  }

  /** Returns the record of a session, unless it still has to be opened or stored. */
  finished(key: string, record: LedgerRecord | undefined): LedgerRecord | undefined {
    return record?.state === 'open' && this.isUnfinished(key) ? undefined : record;
  }

  /**
   * Opens the record of a session that begins, and stores the session.
   *
   * @throws TooManySessionsError if the user may not have one more
   */
  open(key: string, subject: Subject, beginning: Beginning): MaybePromise<LedgerRecord> {
    const { user, limits } = subject;
    const { place, isFound } = beginning;
    if (!place || !this.places || user === undefined) return this.write(key, subject, beginning);
    const opening = this.openInPlace(this.places, key, { user, limits }, beginning, place);
    return isFound ? this.orDisplaced(opening, key, user) : opening;
  }

  /**
   * Adopts a session of an earlier run of the process, if this is allowed. Its start still counts, and its idle limit
   * restarts. It takes the place of no other session: nobody knows when it was last active.
   *
   * @param maxFor returns how many sessions the user may have
   */
  adopt(
    key: string,
    subject: Subject,
    { startedAt, run }: Marker,
    maxFor: () => MaybePromise<number | false | undefined> = () => false,
  ): MaybePromise<LedgerRecord> | undefined {
    const isOfThisRun = run !== undefined && run === this.ledger.runId;
    if (isOfThisRun || this.settings.unknownSessions === 'expire' || this.mayHaveEnded(startedAt)) return undefined;
    const end = subject.user === undefined ? undefined : this.endedUsers.get(subject.user);
    // The clock of an earlier run may have been wrong.
    const wasThere = end !== undefined && (run !== undefined || startedAt <= end.at);
    if (wasThere && !end.except.includes(key)) return this.asEnded(key, end.reason, subject.user);
    return chain(maxFor(), (max) => {
      const place = max ? ({ max, whenFull: 'refuse' } as const) : undefined;
      return this.open(key, subject, { startedAt, authAge: this.ageOf(startedAt), place, isFound: true });
    });
  }

  /** Whether a session is so old that a shared ledger may have forgotten its end. */
  private mayHaveEnded(startedAt: number): boolean {
    return this.ledger.shared && this.ageOf(startedAt) > keepTombstoneFor(this.settings.limits);
  }

  /**
   * Notes that all sessions of a user have ended. Those of an earlier run of the process may have no record yet. They end
   * when a request shows them, because they are not adopted.
   *
   * @param except the keys of sessions that go on
   */
  noteEndOfAll(user: string, reason: Reason, except: readonly string[]): void {
    const known = this.endedUsers.get(user);
    // What an earlier call has ended stays ended.
    const spared = known ? except.filter((key) => known.except.includes(key)) : except;
    this.endedUsers.set(user, { reason, except: spared, at: this.settings.clock.now() });
  }

  /**
   * Sessions that have lost their places end only when the new session works. So the user has a session, no matter what
   * the ledger does.
   */
  private async openInPlace(
    places: Places,
    key: string,
    subject: Subject & { readonly user: string },
    beginning: Beginning,
    wanted: WantedPlace,
  ): Promise<LedgerRecord> {
    const { user } = subject;
    const { isFound = false } = beginning;
    try {
      const { opened, leaving } = await places.openIn(user, key, { ...wanted, isFound }, () =>
        this.write(key, subject, beginning),
      );
      await fewAtOnce(leaving, (left) => this.displace(left, user));
      return opened;
    } catch (error) {
      if (error instanceof TooManySessionsError && !isFound) this.noteRefusal(user, key, error);
      throw error;
    }
  }

  /** Ends a session that existed before and gets no place. */
  private async orDisplaced(opening: Promise<LedgerRecord>, key: string, user: string): Promise<LedgerRecord> {
    try {
      return await opening;
    } catch (error) {
      if (!(error instanceof TooManySessionsError)) throw error;
      return this.asEnded(key, 'displaced', user);
    }
  }

  /** Ends a session that existed before, and returns its record. */
  private async asEnded(key: string, reason: Reason, user: string | undefined): Promise<LedgerRecord> {
    await this.enders.end(key, reason, { user });
    return { state: 'ended', reason, user, endedFor: 0 };
  }

  /** Notes a refusal once, although a request tries again each time it saves its session. */
  private noteRefusal(user: string, key: string, { max }: TooManySessionsError): void {
    if (this.refused.get(key)) return;
    this.refused.set(key, true);
    this.events.note({ type: 'sign-in-refused', reason: 'too-many-sessions', user, max });
  }

  private async displace(key: string, user: string): Promise<void> {
    const end = () => this.enders.end(key, 'displaced', { user, hasRequest: false });
    // If this process dies, the next sign-in or sweep ends it: the ledger remembers that it has no place any more.
    await this.retries.insistOn(`${key} without a place`, end).catch(() => undefined);
  }

  private write(key: string, subject: Subject, beginning: Beginning): MaybePromise<LedgerRecord> {
    const { store } = beginning;
    const stored = (record: LedgerRecord): MaybePromise<LedgerRecord> =>
      record.state === 'open' && store ? store(record).then(() => record) : record;
    return attempt(
      () => chain(this.writeRecord(key, subject, beginning), stored),
      (record) => {
        this.unfinished.delete(key);
        return record;
      },
      (error) => {
        this.unfinished.set(key, true);
        throw error;
      },
    );
  }

  private writeRecord(
    key: string,
    { user, limits }: Subject,
    { startedAt, authAge = 0, device }: Beginning,
  ): MaybePromise<LedgerRecord> {
    const sessionAge = startedAt === undefined ? undefined : this.ageOf(startedAt);
    const stored = limitsToStore(limits, this.settings);
    return this.ledger.open(key, {
      user,
      sessionAge,
      authAge,
      device,
      limits: stored,
      keepFor: keepRecordFor(limits),
    });
  }

  private ageOf(startedAt: number): number {
    return Math.max(0, this.settings.clock.now() - startedAt);
  }
}
