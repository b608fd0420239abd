import { longerLimits } from '../../policy/limits.js';
import type { Activity, LedgerLimits } from '../activity-ledger.js';

/** Newer activity may wait while the written activity is less than this many intervals old. */
const FRESH = 10;
/** The fraction of an interval by which a write may come early, so that sessions are written together. */
const EARLY = 1 / 50;

/** The activity of one session, and how much of it this instance has written. All times are on one clock. */
export class PendingActivity {
  /** The newest activity. */
  activeAt = -Infinity;
  keepFor = 0;
  /** The longest limits that hold for what waits. */
  limits: LedgerLimits | undefined;
  /** The write that is under way. */
  writing: Promise<void> | undefined;

  /** The newest activity that this instance has written. */
  private writtenActiveAt = -Infinity;
  /** When that was written. */
  private wroteAt = -Infinity;

  constructor(
    readonly key: string,
    private within: number,
  ) {}

  /** Whether there is activity that is not known to be written. */
  get isWaiting(): boolean {
    return this.activeAt > this.writtenActiveAt;
  }

  /** When waiting activity has to be written, or the session can be forgotten if none waits. */
  get dueAt(): number {
    return this.wroteAt + this.within;
  }

  isDue(now: number): boolean {
    return this.dueAt - this.within * EARLY <= now;
  }

  /** @param within how long the activity may wait */
  add(activeAt: number, { keepFor, limits }: Pick<Activity, 'keepFor' | 'limits'>, within: number): void {
    this.within = this.isWaiting ? Math.min(this.within, within) : within;
    if (limits) this.limits = this.isWaiting && this.limits ? longerLimits(this.limits, limits) : limits;
    if (activeAt <= this.activeAt) return;
    this.activeAt = activeAt;
    this.keepFor = keepFor;
  }

  /** Whether the written activity is recent enough that nothing has to be written now. */
  mayWait(now: number): boolean {
    return !this.isWaiting || (now < this.dueAt && now - this.writtenActiveAt < FRESH * this.within);
  }

  /** Notes that the ledger has stored the activity. */
  written(activeAt: number, wroteAt: number): void {
    this.activeAt = Math.max(this.activeAt, activeAt);
    this.writtenActiveAt = Math.max(this.writtenActiveAt, activeAt);
    this.wroteAt = Math.max(this.wroteAt, wroteAt);
  }
}
