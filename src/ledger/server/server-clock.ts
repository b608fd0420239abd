/**
 * What this process knows of the clock of a server that keeps the timelines.
 *
 * "Active just now" is true when a command is given. It may reach the server much later: after waiting
 * for a connection, or for a server that was paused. So each command says what time it can be at most,
 * and activity counts from then, not from when the server got round to it.
 *
 * Milliseconds since 1970 by the server; of this process only the even run of its clock matters.
 */
export class ServerClock {
  /** How far the server's clock is ahead of `performance.now()`: at least, and at most. */
  private least = -Infinity;
  private most = Infinity;

  /** The server's clock shows no later time now; `Infinity` until it has been heard of. */
  latest(): number {
    return this.most + performance.now();
  }

  /** By how many milliseconds {@link latest} is ahead of the server's clock at most. */
  uncertainty(): number {
    return this.most - this.least;
  }

  /**
   * Takes in what the server's clock showed when it answered.
   *
   * @param askedAt `performance.now()` before the question
   */
  learn(askedAt: number, serverTime: number): void {
    const least = serverTime - performance.now();
    const most = serverTime - askedAt;
    if (!Number.isFinite(most)) return;
    // Clocks run apart, and are set: what contradicts the newest answer is forgotten.
    const agrees = least <= this.most && most >= this.least;
    this.least = agrees ? Math.max(least, this.least) : least;
    this.most = agrees ? Math.min(most, this.most) : most;
  }
}
