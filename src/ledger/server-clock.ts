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
  private ahead: number | undefined;

  /** The server's clock shows no later time now; `Infinity` until it has been heard of. */
  latest(): number {
    return this.ahead === undefined ? Infinity : this.ahead + performance.now();
  }

  /**
   * Takes in what the server's clock showed when it answered.
   *
   * @param askedAt `performance.now()` before the question
   */
  learn(askedAt: number, serverTime: number): void {
    const atLeast = serverTime - performance.now();
    const atMost = serverTime - askedAt;
    const known = this.ahead !== undefined && this.ahead >= atLeast && this.ahead <= atMost;
    if (!known && Number.isFinite(atMost)) this.ahead = atMost;
  }
}
