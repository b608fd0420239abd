import { Inject, Injectable } from '@nestjs/common';
import type { Marker } from '../../express-session/marker.js';
import type { ActivityLedger, LedgerRecord } from '../../ledger/activity-ledger.js';
import { LedgerUnavailableError, lateAnswer } from '../../ledger/layers/bounded-ledger.js';
import { LEDGER } from '../../ledger/ledger.token.js';
import { attempt, chain, isPromise, type MaybePromise } from '../../ledger/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { keepRecordFor, keepTombstoneFor, type Limits, touchIntervalFor } from '../../policy/limits.js';
import type { Reason } from '../../policy/reason.js';
import { isCertain, standingOf } from '../../policy/standing.js';
import { aged, type DatedRecord } from './read-ahead.js';
import { RecentMap } from '../../express-session/recent-map.js';
import type { Subject } from './request-session.js';
import { SessionEvents } from './session-events.js';
import { UnjudgedActivity } from './unjudged-activity.js';

/** How {@link Timelines.find} is asked. */
interface Asking {
  /** The record, if it was asked for in advance. */
  readonly ahead?: Promise<DatedRecord> | undefined;
  /**
   * Whether the user asks for it. While the ledger is away this is only noted, and counts once the session can be
   * judged.
   */
  readonly isActivity?: () => boolean;
}

/**
 * The timelines of sessions, by their keys. It knows no request, so that whoever has a key can begin, carry
 * on and end a session: requests, streams, `end(hash)`.
 */
@Injectable()
export class Timelines {
  /**
   * The sessions that ended in this process recently. Answers that are under way look here, at once and without asking
   * the ledger, before they send a cookie. It holds more sessions than end while a slow request is under way.
   */
  private readonly recentlyEnded = new RecentMap<string, Reason>(10_000);
  private readonly openings = new Map<string, Promise<LedgerRecord>>();
  private readonly unjudged: UnjudgedActivity;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly events: SessionEvents,
  ) {
    this.unjudged = new UnjudgedActivity(ledger.clock ?? settings.clock);
  }

  /** Names the run of the process whose memory holds the timelines; `undefined` for a shared ledger. */
  get runId(): string | undefined {
    return this.ledger.runId;
  }

  read(key: string): MaybePromise<LedgerRecord | undefined> {
    return this.ledger.read(key);
  }

  /**
   * The record of a tracked session. Where there is none, the session is new, or of an earlier run of the
   * process and may be adopted; otherwise its record is lost (`undefined`).
   */
  find(
    key: string,
    subject: Subject,
    marker: Marker | undefined,
    { ahead, isActivity = () => false }: Asking = {},
  ): MaybePromise<LedgerRecord | undefined> {
    const { limits } = subject;
    const askedAt = this.unjudged.now();
    return attempt(
      () => this.readFor(key, limits, ahead),
      (record) => record ?? this.openUnknown(key, subject, marker),
      (error) => {
        const isAway = error instanceof LedgerUnavailableError;
        if (isAway && isActivity()) this.unjudged.note(key, limits.idleTimeout, askedAt);
        throw error;
      },
    );
  }

  /**
   * Begins the timeline of a session that has none; once, however many requests see it first.
   *
   * @param startedAt when the session started, if that is not now
   * @param isReported whether that is reported now
   */
  begin(key: string, subject: Subject, startedAt?: number, isReported = true): MaybePromise<LedgerRecord> {
    const underWay = this.openings.get(key);
    if (underWay) return underWay;
    const opening = this.openOrRead(key, subject, startedAt, isReported);
    if (!isPromise(opening)) return opening;
    this.openings.set(key, opening);
    return opening.finally(() => this.openings.delete(key));
  }

  reportStart(key: string, user: string | undefined): void {
    this.events.emit({ type: 'started', session: key, user });
  }

  /** Records activity `idleFor` milliseconds ago. */
  advance(key: string, limits: Limits, idleFor: number): MaybePromise<void> {
    const { limitsVary, touchInterval } = this.settings;
    // Another instance may judge the next request by a much shorter limit. Then it must know of all activity.
    const within = limitsVary ? 0 : touchIntervalFor(limits.idleTimeout, touchInterval);
    return this.ledger.advance([{ key, idleFor, keepFor: keepRecordFor(limits), within }]);
  }

  /**
   * Milliseconds until the session ends if nothing happens; 0 if it is over. It is judged as a request would
   * judge it, and ended if its time has come.
   *
   * @param startedAt when it started, in case its record has to be adopted
   */
  async timeLeft(key: string, subject: Subject, startedAt: number): Promise<number> {
    const record = await this.find(key, subject, { startedAt, run: this.runId });
    const standing = standingOf(record, subject.limits);
    if (standing.state === 'alive') return standing.verdict.expiresIn;
    if (standing.state === 'overdue') await this.end(key, standing.reason, subject);
    return 0;
  }

  /** Ends a session and reports it. True for exactly one caller. */
  end(key: string, reason: Reason, { user, limits }: Partial<Subject> = {}): MaybePromise<boolean> {
    const report = (first: boolean) => {
      if (first) this.events.emitEnd(key, reason, user);
      return first;
    };
    return attempt(
      () => this.endUnreported(key, reason, limits),
      report,
      (error) => {
        // A ledger that answers too late for its request has ended the session all the same.
        lateAnswer(error)?.then((first) => report(this.noteEnd(key, reason, first as boolean)));
        throw error;
      },
    );
  }

  /** Ends a session, known by its key only. True for exactly one caller. */
  revoke(key: string, reason: Reason): MaybePromise<boolean> {
    return chain(this.ledger.read(key), (record) => this.end(key, reason, { user: record?.user }));
  }

  /** Why a session ended, as the ledger knows it. */
  reasonOfEnd(key: string): MaybePromise<Reason | undefined> {
    return chain(this.ledger.read(key), (record) => (record?.state === 'ended' ? record.reason : undefined));
  }

  /** Leaves a tombstone without a report: that of a session whose time nobody has kept. */
  endUnreported(
    key: string,
    reason: Reason,
    limits: Pick<Limits, 'absoluteTimeout'> = this.settings.limits,
  ): MaybePromise<boolean> {
    return chain(this.ledger.end(key, { reason, keepFor: keepTombstoneFor(limits) }), (first) =>
      this.noteEnd(key, reason, first),
    );
  }

  /** Why a session ended in this process recently; the ledger is not asked. */
  recentEnd(key: string): Reason | undefined {
    return this.recentlyEnded.get(key);
  }

  private noteEnd(key: string, reason: Reason, first: boolean): boolean {
    this.recentlyEnded.set(key, reason);
    return first;
  }

  /** What was asked for in advance may be too early to know a record, or too old. Then it is asked for again. */
  private async fromAhead(key: string, ahead: Promise<DatedRecord>): Promise<LedgerRecord | undefined> {
    return aged(await ahead, this.settings.clock.now()) ?? this.read(key);
  }

  /** Reads a record to judge the session by it. If it is not exact enough, it is read again. */
  private readFor(key: string, limits: Limits, ahead?: Promise<DatedRecord>): MaybePromise<LedgerRecord | undefined> {
    if (this.unjudged.has(key)) {
      return chain(this.ledger.read(key, { exact: true }), (record) => this.catchUp(key, limits, record));
    }
    return chain(ahead ? this.fromAhead(key, ahead) : this.ledger.read(key), (record) =>
      isCertain(record, limits) ? record : this.ledger.read(key, { exact: true }),
    );
  }

  /** Writes what was noted while the ledger was away, before the session is judged. */
  private catchUp(
    key: string,
    limits: Limits,
    record: LedgerRecord | undefined,
  ): MaybePromise<LedgerRecord | undefined> {
    const idleFor = record?.state === 'open' ? this.unjudged.idleFor(key, record.idleFor) : NaN;
    if (record?.state !== 'open' || !(idleFor < record.idleFor)) {
      this.unjudged.forget(key);
      return record;
    }
    return chain(this.advance(key, limits, idleFor), () => {
      this.unjudged.forget(key);
      return { ...record, idleFor };
    });
  }

  private openUnknown(
    key: string,
    subject: Subject,
    marker: Marker | undefined,
  ): MaybePromise<LedgerRecord | undefined> {
    if (!marker) return this.begin(key, subject);
    const isOfThisRun = marker.run !== undefined && marker.run === this.runId;
    if (isOfThisRun || this.settings.unknownSessions === 'expire') return undefined;
    return this.adopt(key, subject, marker.startedAt);
  }

  /** Carries on a session of an earlier run of the process: its start counts, its activity begins anew. */
  private adopt(key: string, { user, limits }: Subject, startedAt: number): MaybePromise<LedgerRecord> {
    const sessionAge = Math.max(0, this.settings.clock.now() - startedAt);
    return this.ledger.open(key, { user, sessionAge, keepFor: keepRecordFor(limits) });
  }

  private openOrRead(
    key: string,
    { user, limits }: Subject,
    startedAt: number | undefined,
    isReported: boolean,
  ): MaybePromise<LedgerRecord> {
    return chain(this.readFor(key, limits), (known) => {
      if (known) return known;
      const sessionAge = startedAt === undefined ? undefined : Math.max(0, this.settings.clock.now() - startedAt);
      return chain(this.ledger.open(key, { user, sessionAge, keepFor: keepRecordFor(limits) }), (record) => {
        if (record.state === 'open' && isReported) this.reportStart(key, user);
        return record;
      });
    });
  }
}
