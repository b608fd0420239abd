/**
 * What this process knows about the clock of the server that keeps the timelines.
 *
 * "Active just now" is true when a command is sent. But the command may reach the server much later, after waiting
 * for a connection or for a paused server. So each command includes the latest time at which it can have been sent,
 * and activity counts from then, not from when the server runs the command.
 *
 * Times are milliseconds since 1970 on the server's clock. Of this process's clock only the even pace is used.
 */
export class ServerClock {
  /** How far the server's clock is ahead of `performance.now()`: the lower and the upper bound. */
  private least = -Infinity;
  private most = Infinity;

  /** The latest time that the server's clock can show now; `Infinity` before its first answer. */
  latest(): number {
    return this.most + performance.now();
  }

  /** How far {@link latest} may be ahead of the server's clock, in milliseconds. */
  uncertainty(): number {
    return this.most - this.least;
  }

  /**
   * Learns from the time that the server's clock showed in an answer.
   *
   * @param askedAt `performance.now()` before the command was sent
   */
  learn(askedAt: number, serverTime: number): void {
    const least = serverTime - performance.now();
    const most = serverTime - askedAt;
    if (!Number.isFinite(most)) return;
    // Clocks drift and get reset: bounds that contradict the newest answer are dropped.
    const agrees = least <= this.most && most >= this.least;
    this.least = agrees ? Math.max(least, this.least) : least;
    this.most = agrees ? Math.min(most, this.most) : most;
  }
}
