import { Inject, Injectable } from '@nestjs/common';
import type { Marker } from '../../express-session/marker.js';
import type { ActivityLedger, LedgerRecord, OpenRecord } from '../../ledger/activity-ledger.js';
import { LedgerUnavailableError, orLate } from '../../ledger/ledger-unavailable.error.js';
import { LEDGER } from '../../ledger/ledger.token.js';
import type { Expired } from '../../ledger/user-sessions.js';
import { attempt, chain, isPromise, type MaybePromise } from '../../base/maybe-promise.js';
import { Retries } from '../../base/retries.js';
import { longestLimits } from '../../options/known-limits.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { keepRecordFor, keepTombstoneFor, type Limits, shorterLimit, touchIntervalFor } from '../../policy/limits.js';
import type { Reason } from '../../policy/reason.js';
import { isCertain, standingOf } from '../../policy/standing.js';
import { aged, type DatedRecord } from './dated-record.js';
import type { Beginning } from './beginning.js';
import { HeldSessions } from './held-sessions.js';
import { Openings } from './openings.js';
import { keepTombstoneOfAny, limitsToStore } from './limits-to-store.js';
import { type Outlook, outlookOf } from './outlook.js';
import { RecentEnds } from './recent-ends.js';
import type { Asking, Subject } from './subject.js';
import { type EndNotes, SessionEvents } from './events/session-events.js';
import { UnjudgedActivity } from './unjudged-activity.js';

/** When to look at a session again that was held, in milliseconds. */
const HELD_FOR = 1000;

/** The timelines of sessions, by key. It needs no request: streams, the sweep and `end(hash)` have only a key. */
@Injectable()
export class Timelines {
  /** The sessions that recently ended in this process. */
  readonly ends = new RecentEnds();
  /** The sessions that must be left alone for a moment by what ends sessions without a request. */
  readonly held = new HeldSessions();
  private readonly underWay = new Map<string, Promise<LedgerRecord>>();
  /** Activity of sessions that could not be judged. */
  readonly unjudged: UnjudgedActivity;
  /** Work on timelines that has to succeed. */
  readonly retries = new Retries();
  readonly openings: Openings;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly events: SessionEvents,
  ) {
    this.unjudged = new UnjudgedActivity(ledger.clock ?? settings.clock);
    this.openings = new Openings(settings, ledger, this, events, this.retries);
  }

  /** Names the run of the process whose memory holds the timelines; `undefined` for a shared ledger. */
  get runId(): string | undefined {
    return this.ledger.runId;
  }

  read(key: string): MaybePromise<LedgerRecord | undefined> {
    return this.ledger.read(key);
  }

  /**
   * Returns the record of a tracked session; `undefined` if there is none. A session with the marker of an earlier run
   * may be adopted. Then its timeline begins.
   */
  findOrAdopt(
    key: string,
    subject: Subject,
    marker: Marker | undefined,
    { ahead, idleFor, maxFor }: Asking = {},
  ): MaybePromise<LedgerRecord | undefined> {
    const { limits } = subject;
    const askedAt = this.unjudged.now();
    return attempt(
      () => this.readFor(key, limits, ahead),
      (record) =>
        this.openings.finished(key, record) ??
        (marker && (this.openings.adopt(key, subject, marker, maxFor) ?? record)),
      (error) => {
        const ago = error instanceof LedgerUnavailableError ? idleFor?.() : undefined;
        if (ago === undefined) throw error;
        this.unjudged.note(key, limits.idleTimeout, askedAt, ago);
        // Other instances have to know of it before they judge the session.
        this.retries.later(`activity of ${key}`, () => this.readFor(key, limits));
        throw error;
      },
    );
  }

  /**
   * Begins the timeline of a session that has none. Many requests at the same time begin it only once.
   *
   * @throws TooManySessionsError if the user may not have one more
   */
  begin(key: string, subject: Subject, beginning: Beginning = {}): MaybePromise<LedgerRecord> {
    const underWay = this.underWay.get(key);
    if (underWay) return underWay;
    const opening = this.openOrRead(key, subject, beginning);
    if (!isPromise(opening)) return opening;
    this.underWay.set(key, opening);
    return opening.finally(() => this.underWay.delete(key));
  }

  /**
   * Records activity `idleFor` milliseconds ago.
   *
   * @param limits the limits of the session; `undefined` if only the ledger knows them
   * @param burst how long the activity may wait even if limits vary, in milliseconds, because more will follow soon
   */
  advance(key: string, limits: Limits | undefined, idleFor: number, burst = 0): MaybePromise<void> {
    const { limitsVary, touchInterval } = this.settings;
    const known = limits ?? longestLimits(this.settings);
    const interval = touchIntervalFor(known.idleTimeout, touchInterval);
    // Another instance may judge the next request by a much shorter limit. So it must know of all activity.
    const within = limitsVary ? Math.min(burst, interval) : interval;
    const stored = limitsVary && limits ? limitsToStore(limits, this.settings) : undefined;
    return this.ledger.advance([{ key, idleFor, keepFor: keepRecordFor(known), within, limits: stored }]);
  }

  /**
   * Returns the outlook of a session, without a request. Ends the session if it is past a limit, as a request would.
   *
   * @param startedAt when the session started, in case it has to be adopted
   * @param unlessHeld whether to leave it alone while it is held
   */
  async look(key: string, subject: Subject, startedAt: number, unlessHeld = false): Promise<Outlook> {
    const record = await this.findOrAdopt(key, subject, { startedAt, run: this.runId });
    const standing = standingOf(record, subject.limits);
    if (standing.state === 'ended') return { ended: standing.reason };
    if (standing.state === 'alive') return outlookOf(record as OpenRecord, standing.verdict.expiresIn);
    const isHeld = unlessHeld && standing.reason === 'idle' && this.held.has(key);
    if (isHeld) return outlookOf(record as OpenRecord, HELD_FOR);
    const first = await this.end(key, standing.reason, { ...subject, hasRequest: false });
    return { ended: first ? standing.reason : await this.reasonOfEnd(key, standing.reason) };
  }

  /**
   * Ends a session and reports it. Returns true to exactly one caller.
   *
   * @param subject.hasRequest false if no request has the session, so that nobody else deletes its row
   */
  end(
    key: string,
    reason: Reason,
    { user, limits, by, goesOn, hasRequest }: Partial<Subject> & EndNotes & { readonly hasRequest?: boolean } = {},
  ): MaybePromise<boolean> {
    const report = (first: boolean) => {
      this.ends.note(key, reason, first, { hasRequest });
      if (first) this.events.emitEnd(key, reason, user, { by, goesOn });
      return first;
    };
    return orLate(() => this.writeEnd(key, reason, limits), report);
  }

  /** Ends a session of which only the key is known. Returns true to exactly one caller. */
  endByKey(key: string, reason: Reason): MaybePromise<boolean> {
    const notes = { by: 'application', hasRequest: false } as const;
    return chain(this.ledger.read(key), (record) => this.end(key, reason, { ...notes, user: record?.user }));
  }

  /**
   * Ends a session of which only the key is known if it is past a limit, and reports the end. The session is judged by
   * its longest limits, so it never ends early, even if limits differ or have changed.
   *
   * @param unlessHeld whether to leave it alone while it is held
   * @returns that this call has ended it, or when a limit comes; `undefined` if it has no record or had already ended
   */
  expire(key: string, unlessHeld = false): MaybePromise<Expired | undefined> {
    const { limits, limitsVary } = this.settings;
    // If limits differ, the record contains the limits of the session.
    const expiry = { keepFor: keepTombstoneOfAny(this.settings), limits: limitsVary ? undefined : limits };
    const report = (expired: Expired | undefined) => {
      if (expired && 'ended' in expired) {
        this.ends.note(key, expired.ended, true, { hasRequest: false });
        this.events.emitEnd(key, expired.ended, expired.user);
      }
      return expired;
    };
    const end = () =>
      unlessHeld && this.isHeld(key) ? undefined : orLate(() => this.ledger.users?.expire(key, expiry), report);
    // Activity that came during an outage counts first. If limits differ, only a request shows those of the session.
    return this.unjudged.has(key) && !limitsVary ? chain(this.readFor(key, limits), end) : end();
  }

  /** Whether the sweep has to leave a session alone. If limits differ, only a request can judge activity that was noted. */
  isHeld(key: string): boolean {
    if (this.held.has(key)) return true;
    return this.settings.limitsVary && this.unjudged.isActive(key, shorterLimit(longestLimits(this.settings)));
  }

  /** Why a session ended, according to the ledger; `otherwise` if the ledger does not know of an end. */
  reasonOfEnd<T>(key: string, otherwise: T): MaybePromise<Reason | T> {
    return chain(this.ledger.read(key), (record) => (record?.state === 'ended' ? record.reason : otherwise));
  }

  /** Leaves a tombstone without a report, for a session that was not tracked. */
  endSilently(key: string, reason: Reason, limits?: Pick<Limits, 'absoluteTimeout'>): MaybePromise<boolean> {
    return chain(this.writeEnd(key, reason, limits), (first) => {
      this.ends.note(key, reason, first);
      return first;
    });
  }

  /** Why a session recently ended in this process. Does not ask the ledger. */
  recentEnd(key: string): Reason | undefined {
    return this.ends.reasonOf(key);
  }

  private writeEnd(key: string, reason: Reason, limits?: Pick<Limits, 'absoluteTimeout'>): MaybePromise<boolean> {
    const keepFor = limits ? keepTombstoneFor(limits) : keepTombstoneOfAny(this.settings);
    return this.ledger.end(key, { reason, keepFor });
  }

  /** A record that was read in advance may be missing or too old. Then it is read again. */
  private async fromAhead(key: string, ahead: Promise<DatedRecord>): Promise<LedgerRecord | undefined> {
    const record = this.recentEnd(key) === undefined ? aged(await ahead, this.settings.clock.now()) : undefined;
    return record ?? this.read(key);
  }

  /** Reads a record to judge the session. If it is not exact enough, reads it again. */
  private readFor(key: string, limits: Limits, ahead?: Promise<DatedRecord>): MaybePromise<LedgerRecord | undefined> {
    if (this.unjudged.has(key)) {
      return chain(this.ledger.read(key, { exact: true }), (record) => this.catchUp(key, limits, record));
    }
    return chain(ahead ? this.fromAhead(key, ahead) : this.ledger.read(key), (record) =>
      isCertain(record, limits) ? record : this.ledger.read(key, { exact: true }),
    );
  }

  /** Before the session is judged, writes the activity that was noted while the ledger did not answer. */
  private catchUp(key: string, limits: Limits, record?: LedgerRecord): MaybePromise<LedgerRecord | undefined> {
    const noted = this.unjudged.of(key);
    const idleFor = record?.state === 'open' ? this.unjudged.idleFor(key, record.idleFor, limits.idleTimeout) : NaN;
    const counted = record?.state === 'open' && idleFor < record.idleFor ? { ...record, idleFor } : undefined;
    return chain(counted && this.advance(key, limits, idleFor), () => {
      this.unjudged.forget(key, noted);
      return counted ?? record;
    });
  }

  private openOrRead(key: string, subject: Subject, beginning: Beginning): MaybePromise<LedgerRecord> {
    return chain(this.readFor(key, subject.limits), (known) => {
      if (this.openings.finished(key, known)) return known as LedgerRecord;
      return chain(this.openings.open(key, subject, beginning), (record) => {
        const { isAnnounced = true, continues } = beginning;
        if (record.state === 'open' && isAnnounced) this.events.emitStart(key, subject.user, { continues });
        return record;
      });
    });
  }
}
