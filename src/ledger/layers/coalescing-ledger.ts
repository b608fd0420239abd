import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening, Reading } from '../activity-ledger.js';
import { type Clock, monotonicClock } from '../../base/clock.js';
import { forwardSteps } from '../../base/forward-clock.js';
import { chain, type MaybePromise } from '../../base/maybe-promise.js';
import { LONGEST_TIMER } from '../../base/timers.js';
import { assertKey } from '../usable-id.js';
import type { UserSessions } from '../user-sessions.js';
import { LedgerLayer } from './ledger-layer.js';
import { PendingActivity } from './pending-activity.js';

const MOST_SESSIONS = 100_000;
const BATCH = 500; // sessions per command
const FIRST_RETRY = 100; // milliseconds; doubles with each failure
const LONGEST_RETRY = 5000; // milliseconds

/** The options of {@link CoalescingLedger}. */
export interface Coalescing {
  /** How long activity without its own `within` may wait, in milliseconds. */
  readonly within: number;
  /** The clock that times the waiting; default: monotonic. */
  readonly clock?: Clock | undefined;
}

/**
 * Saves most writes to a shared ledger. The first activity of a session is written at once. Later activity is written
 * at most once per `within`. The last activity is always written, also on {@link close}.
 *
 * No active user is ended early, although other instances judge by what is written. Activity waits only if this
 * instance wrote the session less than `within` ago, and if it is at most `2 * within` newer than the activity that was
 * written. It then waits until `within` after that write, and only if what is written is not near its idle limit by
 * then. So the other instances see activity that is at most `2 * within` out of date, and `within` is at most a
 * twentieth of the idle limit. If limits differ by request, `within` is 0: activity is written at once, because the next
 * request on another instance may have any limit. Activity of the last `within` is lost only if the process is killed,
 * or if the ledger cannot be written until the limit is near. No session ends late, because activity keeps the time when
 * it happened, not when it is written.
 *
 * Reads always ask the ledger, so a session that another instance has ended ends here at once. Activity that waits here
 * is merged into the answer. Before the ledger itself judges a session, its activity is written. Longer limits are
 * always written at once.
 */
export class CoalescingLedger extends LedgerLayer {
  private readonly now: () => number;
  private readonly sessions = new Map<string, PendingActivity>();
  private timer: NodeJS.Timeout | undefined;
  private wakesAt = Infinity;
  private flushing: Promise<void> | undefined;
  private failures = 0;
  private retryAt = -Infinity;
  private closed = false;

  /** @param inner a ledger that times out by itself and reports its failures */
  constructor(
    inner: ActivityLedger,
    private readonly options: Coalescing,
  ) {
    super(inner);
    this.now = forwardSteps(options.clock ?? monotonicClock);
  }

  override open(key: string, opening: Opening): MaybePromise<LedgerRecord> {
    return chain(this.inner.open(key, opening), (record) => {
      // Opening has written the activity, so later activity may wait.
      if (record.state === 'open' && Number.isFinite(record.idleFor) && this.hasRoomFor(key)) {
        const session = this.sessionOf(key);
        const activeAt = this.now() - record.idleFor;
        session.opened(activeAt, record.idleFor === 0 ? opening.limits : undefined);
        this.wakeBy(session.dueAt);
      }
      return this.merged(key, record);
    });
  }

  override read(key: string, reading?: Reading): MaybePromise<LedgerRecord | undefined> {
    return chain(this.inner.read(key, reading), (record) => this.merged(key, record));
  }

  override advance(activities: readonly Activity[]): MaybePromise<void> {
    const now = this.now();
    const urgent = new Set<PendingActivity>();
    const unmanaged: Activity[] = [];
    const underWay = new Set<Promise<void>>();
    for (const activity of activities) {
      const { key, idleFor, within = this.options.within } = activity;
      assertKey(key);
      if (!Number.isFinite(idleFor)) continue;
      if (this.closed || !this.hasRoomFor(key)) {
        unmanaged.push(activity);
        continue;
      }
      const session = this.sessionOf(key);
      session.add(now - Math.max(0, idleFor), activity, within);
      if (session.mayWait(now)) this.wakeBy(session.dueAt);
      else if (session.writing) underWay.add(this.writeAfter(session.writing, session));
      else urgent.add(session);
    }
    if (urgent.size > 0) underWay.add(this.write([...urgent]));
    if (unmanaged.length > 0) underWay.add(promised(() => this.inner.advance(unmanaged)));
    return underWay.size > 0 ? Promise.all(underWay).then(() => undefined) : undefined;
  }

  override end(key: string, ending: Ending): MaybePromise<boolean> {
    return chain(this.inner.end(key, ending), (first) => {
      this.sessions.delete(key);
      return first;
    });
  }

  /** Writes pending activity. Later activity is written at once. */
  override async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.flushing;
    await this.writeAll([...this.sessions.values()].filter(({ isWaiting }) => isWaiting)).catch(toldAlready);
    this.sessions.clear();
    await this.inner.close?.();
  }

  protected override usersThrough(inner: UserSessions): UserSessions {
    return {
      ...super.usersThrough(inner),
      ofUser: (user) =>
        chain(inner.ofUser(user), (records) => records.map((record) => this.merged(record.key, record))),
      // The ledger judges by what is written. It must not end a session that is active here.
      expire: (key, expiry) =>
        chain(this.writeNow(key), () =>
          chain(inner.expire(key, expiry), (expired) => {
            if (!expired || 'ended' in expired) this.sessions.delete(key);
            return expired;
          }),
        ),
    };
  }

  private merged<T extends LedgerRecord | undefined>(key: string, record: T): T {
    if (record?.state === 'ended') this.sessions.delete(key);
    const session = this.sessions.get(key);
    if (record?.state !== 'open' || !session?.isWaiting) return record;
    return { ...record, idleFor: Math.min(record.idleFor, Math.max(0, this.now() - session.activeAt)) };
  }

  /** Above this many sessions, activity is written at once. */
  private hasRoomFor(key: string): boolean {
    return this.sessions.size < MOST_SESSIONS || this.sessions.has(key);
  }

  private sessionOf(key: string): PendingActivity {
    let session = this.sessions.get(key);
    if (!session) {
      session = new PendingActivity(key, this.options.within);
      this.sessions.set(key, session);
    }
    return session;
  }

  /** Waits for a write that is under way. It may not include the newest activity, which is then written as well. */
  private async writeAfter(underWay: Promise<void>, session: PendingActivity): Promise<void> {
    await underWay;
    if (!session.mayWait(this.now())) await (session.writing ?? this.write([session]));
  }

  /** Writes the waiting activity of a session, and waits for a write that is under way. */
  private writeNow(key: string): MaybePromise<void> {
    const session = this.sessions.get(key);
    if (session?.writing) return session.writing.then(() => this.writeNow(key));
    return session?.isWaiting ? this.write([session]) : undefined;
  }

  /** Writes the newest activity of each session in one call. */
  private write(sessions: readonly PendingActivity[]): Promise<void> {
    const now = this.now();
    const sent = sessions.map((session) => ({ session, activeAt: session.activeAt, limits: session.limits }));
    const activities = sessions.map((session) => session.toWrite(now));
    const settled = () => {
      for (const session of sessions) session.writing = undefined;
    };
    const writing = promised(() => this.inner.advance(activities)).then(
      () => {
        settled();
        for (const { session, activeAt, limits } of sent) {
          session.written(activeAt, now, limits);
          this.wakeBy(session.dueAt);
        }
        if (this.failures > 0) this.wakeBy(this.now());
        this.failures = 0;
      },
      (error: unknown) => {
        settled();
        this.retryAt = this.now() + Math.min(FIRST_RETRY * 2 ** this.failures, LONGEST_RETRY);
        this.failures += 1;
        this.wakeBy(this.retryAt);
        throw error;
      },
    );
    for (const session of sessions) session.writing = writing;
    return writing;
  }

  private async writeAll(sessions: readonly PendingActivity[]): Promise<void> {
    for (let start = 0; start < sessions.length; start += BATCH) await this.write(sessions.slice(start, start + BATCH));
  }

  /** Writes the activity that is due, and forgets sessions that have nothing to write. */
  private async flush(): Promise<void> {
    const now = this.now();
    if (this.failures > 0) {
      if (now < this.retryAt) return;
      // One write tests whether the ledger is back, so that writes do not pile up if it is not.
      const scout = [...this.sessions.values()].find(({ isWaiting, writing }) => isWaiting && !writing);
      if (scout) await this.write([scout]);
    }
    const due = [...this.sessions.values()].filter((session) => !session.writing && session.isDue(now));
    for (const { key, isWaiting } of due) if (!isWaiting) this.sessions.delete(key);
    await this.writeAll(due.filter(({ isWaiting }) => isWaiting));
  }

  /** One timer for all sessions: it fires when the first of them has to be written. */
  private wakeBy(time: number): void {
    if (this.closed || time >= this.wakesAt) return;
    this.wakesAt = time;
    clearTimeout(this.timer);
    const delay = Math.min(Math.max(0, time - this.now()), LONGEST_TIMER);
    this.timer = setTimeout(() => this.wake(), delay).unref();
  }

  private wake(): void {
    this.wakesAt = Infinity;
    this.flushing ??= this.flush()
      .catch(toldAlready)
      .finally(() => {
        this.flushing = undefined;
        this.wakeBy(this.nextTime());
      });
  }

  private nextTime(): number {
    let next = Infinity;
    for (const { dueAt, writing } of this.sessions.values()) if (!writing) next = Math.min(next, dueAt);
    return this.failures > 0 ? Math.max(next, this.retryAt) : next;
  }
}

/** Turns a command into a promise, even if it throws synchronously. */
async function promised(command: () => MaybePromise<void>): Promise<void> {
  await command();
}

/** Ignores the error: the ledger has reported it, and the activity is written later. */
function toldAlready(): void {}
