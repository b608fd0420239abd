/** How often to log that something still fails, in milliseconds. */
const LOG_INTERVAL = 10_000;

/** Lets a line into the log every ten seconds at most, because each request finds out again that something fails. */
export class Seldom {
  private silentUntil = -Infinity;

  /** Whether to log at `now`. Then it is too soon for the next ten seconds. */
  isTime(now: number): boolean {
    if (now < this.silentUntil) return false;
    this.silentUntil = now + LOG_INTERVAL;
    return true;
  }
}
