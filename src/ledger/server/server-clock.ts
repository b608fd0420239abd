/** How long an answer is valid for the server's clock, in milliseconds. After that, the clock may have been set. */
const LIFETIME = 10_000;
/** The maximum drift between two clocks. NTP slows down or speeds up each of them by at most 500 ppm. */
const DRIFT = 1 / 1000;
/** The maximum drift between the wall clock and `performance.now()` in a lifetime, in milliseconds. */
const STEP = 20;
/** The uncertainty above which a reading is of no use, in milliseconds. */
const MOST_UNCERTAIN = 50;

/** How far the server's clock is ahead of `performance.now()`, in milliseconds. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** A reading of the server's clock. */
export interface ServerTime {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** By how many milliseconds `now` may be too early or too late. */
  readonly uncertainty: number;
}

/**
 * What this process knows about the clock of the server that keeps the timelines. It learns from the times in the
 * server's answers. It uses only the steady pace of this process's own clock.
 *
 * The estimate comes from one answer, and is widened by what both clocks can have drifted since. It is dropped if a
 * newer answer contradicts it, or if this machine was suspended or its wall clock set.
 *
 * It cannot notice that somebody sets the server's clock. Until the next answer, but for at most ten seconds, {@link
 * reading} is wrong by this step. After a step forward, a session that has ended may seem to go on during this time.
 * After a step back, a session seems to have less time left than it has. But a reading alone signs nobody out: see
 * `isCertain()`.
 */
export class ServerClock {
  private known: Bounds = { least: -Infinity, most: Infinity };
  private learnedAt = -Infinity;
  /** How far the wall clock was ahead of `performance.now()` at that time. */
  private wallAhead = NaN;

  /** The time on the server's clock now; `undefined` if it is not known well enough. */
  reading(): ServerTime | undefined {
    const now = performance.now();
    const { least, most } = this.boundsAt(now);
    const uncertainty = (most - least) / 2;
    if (!(uncertainty <= MOST_UNCERTAIN) || now - this.learnedAt > LIFETIME) return undefined;
    return { now: now + least + uncertainty, uncertainty };
  }

  /**
   * The latest time that the server's clock can show now; `Infinity` if it is not known.
   *
   * "Active just now" is true when a command is sent. But the command may reach the server much later, after waiting
   * for a connection or for a paused server. So each command includes the latest time at which it can have been sent,
   * and activity counts from then, not from when the server runs the command.
   */
  latest(): number {
    const now = performance.now();
    return now + this.boundsAt(now).most;
  }

  /**
   * Learns from the time that the server's clock showed in an answer.
   *
   * @param askedAt `performance.now()` before the command was sent
   */
  learn(askedAt: number, serverTime: number): void {
    const now = performance.now();
    const answer = { least: serverTime - now, most: serverTime - askedAt };
    if (!Number.isFinite(answer.most)) return;
    const known = now - this.learnedAt > LIFETIME ? undefined : this.boundsAt(now);
    // A slow answer is less exact than what is known, so it is used only if it contradicts that.
    const isNarrower = !known || answer.most - answer.least <= known.most - known.least;
    if (!isNarrower && answer.least <= known.most && answer.most >= known.least) return;
    this.known = answer;
    this.learnedAt = now;
    this.wallAhead = Date.now() - now;
  }

  private boundsAt(now: number): Bounds {
    const isSame = Math.abs(Date.now() - now - this.wallAhead) <= STEP;
    if (!isSame) return { least: -Infinity, most: Infinity };
    const drift = (now - this.learnedAt) * DRIFT;
    return { least: this.known.least - drift, most: this.known.most + drift };
  }
}
