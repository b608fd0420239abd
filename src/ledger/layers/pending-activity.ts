import { longerLimits } from '../../policy/limits.js';
import type { Activity, LedgerLimits } from '../activity-ledger.js';

/**
 * By how many intervals waiting activity may be newer than what is written. Requests alone never exceed it, because what
 * waits is written once per interval. Reports of old activity may.
 */
const MOST_AHEAD = 2;
/**
 * How old, in intervals, the written activity may be when the waiting ends. The idle limit is at least 20 intervals
 * after it, so the waiting activity is written in time. Only reports of old activity are written that old.
 */
const OLDEST_WRITTEN = 15;
/** The fraction of an interval by which a write may come early, so that sessions are written together. */
const EARLY = 1 / 50;

/** The activity of one session, and how much of it this instance has written. All times are on one clock. */
export class PendingActivity {
  /** The newest activity. */
  activeAt = -Infinity;
  keepFor = 0;
  /** The longest limits that this instance knows; `undefined` if it knows none. */
  limits: LedgerLimits | undefined;
  /** The write that is under way. */
  writing: Promise<void> | undefined;

  /** The newest activity that this instance has written. */
  private writtenActiveAt = -Infinity;
  /** When that was written. */
  private wroteAt = -Infinity;
  /** The limits that were written with it. */
  private writtenLimits: LedgerLimits | undefined;

  constructor(
    readonly key: string,
    private within: number,
  ) {}

  /** Whether something may not have been written yet. */
  get isWaiting(): boolean {
    return this.activeAt > this.writtenActiveAt || this.limits !== this.writtenLimits;
  }

  /** When waiting activity has to be written, or the session can be forgotten if none waits. */
  get dueAt(): number {
    return this.wroteAt + this.within;
  }

  isDue(now: number): boolean {
    return this.dueAt - this.within * EARLY <= now;
  }

  /** @param within how long the activity may wait */
  add(activeAt: number, { keepFor, limits }: Activity, within: number): void {
    this.within = this.isWaiting ? Math.min(this.within, within) : within;
    if (limits && limits !== this.limits) {
      this.limits = longest(this.limits, limits);
      this.keepFor = Math.max(this.keepFor, keepFor);
    }
    if (activeAt <= this.activeAt) return;
    this.activeAt = activeAt;
    this.keepFor = keepFor;
  }

  /** What to write at `now`. */
  toWrite(now: number): Activity {
    const { key, keepFor, limits } = this;
    return { key, idleFor: now - this.activeAt, keepFor, limits };
  }

  /**
   * Whether nothing has to be written now, because the written activity is recent enough. Longer limits cannot wait,
   * because another instance could end the session by the shorter ones.
   */
  mayWait(now: number): boolean {
    if (!this.isWaiting) return true;
    if (this.limits !== this.writtenLimits) return false;
    const { activeAt, writtenActiveAt, dueAt, within } = this;
    if (dueAt - writtenActiveAt > OLDEST_WRITTEN * within) return false;
    return now < dueAt && activeAt - writtenActiveAt <= MOST_AHEAD * within;
  }

  /**
   * Notes that the session has been opened in the ledger.
   *
   * @param limits the limits that were certainly stored with the session
   */
  opened(activeAt: number, limits: LedgerLimits | undefined): void {
    if (limits) this.limits = longest(limits, this.limits ?? limits);
    this.written(activeAt, activeAt, limits);
  }

  /** Notes that the ledger has stored the activity, and the limits. */
  written(activeAt: number, wroteAt: number, limits: LedgerLimits | undefined): void {
    this.activeAt = Math.max(this.activeAt, activeAt);
    this.writtenActiveAt = Math.max(this.writtenActiveAt, activeAt);
    this.wroteAt = Math.max(this.wroteAt, wroteAt);
    this.writtenLimits = limits ?? this.writtenLimits;
  }
}

function longest(known: LedgerLimits | undefined, more: LedgerLimits): LedgerLimits {
  return known ? longerLimits(known, more) : more;
}
