import { randomBytes } from 'node:crypto';
import { timeLeft } from '../../policy/limits.js';
import type { Activity, ActivityLedger, Ending, LedgerLimits, LedgerRecord, Opening } from '../activity-ledger.js';
import { type Clock, monotonicClock } from '../../base/clock.js';
import { forwardSteps } from '../../base/forward-clock.js';
import { assertOpening, openingAuthAge } from '../usable-arguments.js';
import { assertKey } from '../usable-id.js';
import type { UserSessions } from '../user-sessions.js';
import { MemoryUsers } from './memory-users.js';
import { PlaceMarks } from './place-marks.js';
import { describe, tombstone } from './records.js';
import { NO_TRAITS, type TimelineRow, TimelineTable } from './timeline-table.js';

/** How often rows that are no longer needed are deleted, in milliseconds. */
const PRUNE_INTERVAL = 1000;
/** Each time, one part of the table is checked, so the whole table is checked about once a minute. */
const PRUNES_FOR_ALL = 60;

/**
 * Keeps the timelines (when each session started and was last active) in the memory of this process. It is for a single
 * instance, and needs no server. The timelines are lost when the process ends. If the session store survives a restart,
 * see the option `unknownSessions`.
 *
 * Its clock only counts forward: a wall clock that is set back extends no session.
 */
export class MemoryLedger implements ActivityLedger {
  readonly shared = false;
  /** Random: the records belong to this run of the process. */
  readonly runId = randomBytes(6).toString('base64url');
  /** The sessions of each user, and those whose time is over. */
  readonly users: UserSessions;

  private readonly now: () => number;
  private readonly timelines = new TimelineTable();
  private readonly places: PlaceMarks;
  private pruner: NodeJS.Timeout | undefined;

  /**
   * @param options.clock the source of time; default: monotonic
   * @throws TypeError if it is something else, such as a clock without braces
   */
  constructor(options: { clock?: Clock | undefined } = {}) {
    assertOptions(options);
    const { clock = monotonicClock } = options;
    this.now = forwardSteps(clock);
    this.places = new PlaceMarks((key) => {
      const known = this.find(key, this.now());
      return known ? (known.reason ? 'ended' : 'open') : 'none';
    });
    const { timelines, places, now } = this;
    this.users = new MemoryUsers({ timelines, places, now, noted: () => this.pruneLater() });
  }

  /** How many sessions the ledger knows, including ended ones. */
  get size(): number {
    return this.timelines.size;
  }

  open(key: string, opening: Opening): LedgerRecord {
    assertOpening(key, opening);
    const now = this.now();
    return describe(this.find(key, now) ?? this.begin(key, opening, now), now);
  }

  read(key: string): LedgerRecord | undefined {
    const now = this.now();
    const known = this.find(key, now);
    if (known) return describe(known, now);
    // A known key does not have to be checked again.
    assertKey(key);
    return undefined;
  }

  advance(activities: readonly Activity[]): void {
    const now = this.now();
    for (const { key, idleFor, keepFor, limits } of activities) {
      const row = this.timelines.rowOf(key, now);
      if (row === undefined) assertKey(key);
      const latestAt = now - Math.max(0, idleFor);
      if (row === undefined || this.timelines.isEnded(row) || !Number.isFinite(latestAt)) continue;
      this.timelines.advance(row, latestAt, now + keepFor);
      if (limits) this.timelines.lengthen(row, limits, now + keepFor);
    }
  }

  end(key: string, ending: Ending): boolean {
    assertKey(key);
    const now = this.now();
    const row = this.timelines.rowOf(key, now);
    if (row === undefined) this.timelines.add(key, tombstone(ending, now));
    else if (this.timelines.isEnded(row)) return false;
    else this.timelines.end(row, ending.reason, now, now + ending.keepFor);
    this.pruneLater();
    return true;
  }

  close(): void {
    clearInterval(this.pruner);
    this.pruner = undefined;
  }

  private begin(key: string, opening: Opening, now: number): TimelineRow {
    const { user, keepFor, limits, device } = opening;
    const sessionAge = Math.max(0, opening.sessionAge ?? 0);
    const authAge = openingAuthAge(opening);
    const startedAt = now - sessionAge;
    const timeline: TimelineRow = {
      startedAt,
      latestAt: now,
      forgetAt: now + keepFor,
      authAt: authAge === sessionAge ? startedAt : now - authAge,
      user,
      reason: undefined,
      traits: limits || device ? { limits, device: device && Object.freeze({ ...device }) } : NO_TRAITS,
    };
    const row = this.timelines.add(key, timeline);
    this.timelines.due.set(row, now + this.dueIn(key, user, sessionAge, limits));
    this.pruneLater();
    return timeline;
  }

  /**
   * Returns how long a new session can go on without activity. A session that has already given up its place cannot go
   * on.
   */
  private dueIn(key: string, user: string | undefined, sessionAge: number, limits?: LedgerLimits): number {
    if (user !== undefined && this.places.opened(user, key)) return 0;
    return limits ? timeLeft(limits, sessionAge) : Infinity;
  }

  private find(key: string, now: number): TimelineRow | undefined {
    const row = this.timelines.rowOf(key, now);
    return row === undefined ? undefined : this.timelines.get(row);
  }

  private pruneLater(): void {
    this.pruner ??= setInterval(() => this.prune(), PRUNE_INTERVAL).unref();
  }

  /** Checks one part at a time, to avoid a long pause. */
  private prune(): void {
    const now = this.now();
    this.timelines.prune(now, PRUNES_FOR_ALL);
    this.places.prune(now);
    if (this.size === 0 && this.places.isEmpty) this.close();
  }
}

/** @throws TypeError: the ledger would ignore a clock that is passed in another way, and a test could not move time */
function assertOptions(options: unknown): void {
  const { clock = monotonicClock, now } = (options ?? {}) as { clock?: Partial<Clock> | null; now?: unknown };
  const isUsable = typeof options === 'object' && options !== null && now === undefined;
  if (isUsable && typeof clock?.now === 'function') return;
  throw new TypeError('new MemoryLedger({ clock }) takes options. The clock is an object with now().');
}
