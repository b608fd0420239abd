/** While what is written is no older than this many intervals, newer activity may wait. */
const FRESH = 10;
/** Part of an interval by which writing may come early, so that sessions are written together. */
const EARLY = 1 / 50;

/** What one instance knows of a session's activity, and what of that is written. Times are of one clock. */
export class PendingActivity {
  /** The newest activity. */
  activeAt = -Infinity;
  keepFor = 0;
  /** The write that is under way. */
  writing: Promise<void> | undefined;

  /** The newest activity that the ledger has from here. */
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

  /** When what waits has to be written, or there is nothing left to remember. */
  get dueAt(): number {
    return this.wroteAt + this.within;
  }

  isDue(now: number): boolean {
    return this.dueAt - this.within * EARLY <= now;
  }

  /** @param within how long it may wait */
  add(activeAt: number, keepFor: number, within: number): void {
    this.within = this.isWaiting ? Math.min(this.within, within) : within;
    if (activeAt <= this.activeAt) return;
    this.activeAt = activeAt;
    this.keepFor = keepFor;
  }

  /** Whether what the ledger has is fresh enough for now. */
  mayWait(now: number): boolean {
    return !this.isWaiting || (now < this.dueAt && now - this.writtenActiveAt < FRESH * this.within);
  }

  /** The ledger has taken in that the session was active. */
  written(activeAt: number, wroteAt: number): void {
    this.activeAt = Math.max(this.activeAt, activeAt);
    this.writtenActiveAt = Math.max(this.writtenActiveAt, activeAt);
    this.wroteAt = Math.max(this.wroteAt, wroteAt);
  }
}
