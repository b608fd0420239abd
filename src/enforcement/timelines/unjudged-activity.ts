import type { Clock } from '../../base/clock.js';
import { forwardSteps } from '../../base/forward-clock.js';
import { addActivity, lastActivity, type Stretch } from '../../policy/activity.js';

/** More sessions than an instance serves during an outage. If there are more, the oldest are forgotten. */
const MOST_SESSIONS = 20_000;
/**
 * Each stretch except the first follows a pause that ends the session, unless another instance knows of more activity,
 * or the session has a longer limit than others.
 */
const MOST_STRETCHES = 60;

/**
 * Activity of requests that got 503, because the ledger or the session store did not answer and their session could not
 * be judged. Without this, a user who was active during a long outage would be signed out as idle afterwards.
 */
export class UnjudgedActivity {
  /** The time on the clock of the ledger, which only counts forward. */
  readonly now: () => number;
  private readonly sessions = new Map<string, readonly Stretch[]>();

  /** @param clock the clock of the ledger */
  constructor(clock: Clock) {
    this.now = forwardSteps(clock);
  }

  /** The keys of all sessions of which something is noted. */
  keys(): readonly string[] {
    return [...this.sessions.keys()];
  }

  has(key: string): boolean {
    return this.sessions.has(key);
  }

  /**
   * Notes that a request came at `arrivedAt`, whose user had been active `idleFor` milliseconds before.
   *
   * @param idleTimeout the idle limit of the session; `undefined` if nobody knows it
   * @param shortest the shortest idle limit that the session may have
   */
  note(
    key: string,
    idleTimeout: number | false | undefined,
    arrivedAt: number,
    idleFor: number,
    shortest?: number | false,
  ): void {
    const stretches = this.sessions.get(key) ?? [];
    this.sessions.delete(key);
    const more = addActivity(stretches, arrivedAt - idleFor, idleTimeout, arrivedAt, shortest);
    this.sessions.set(key, more.slice(0, MOST_STRETCHES));
    for (const oldest of this.sessions.keys()) {
      if (this.sessions.size <= MOST_SESSIONS) break;
      this.sessions.delete(oldest);
    }
  }

  /**
   * Returns the time since the last activity that counts, in milliseconds. `recorded` is the time that the ledger
   * knows, and `idleTimeout` the idle limit of the session.
   */
  idleFor(key: string, recorded: number, idleTimeout: number | false): number {
    const now = this.now();
    return now - lastActivity(now - recorded, this.sessions.get(key) ?? [], idleTimeout);
  }

  /**
   * Whether the last activity that was noted is within the idle limit of the session.
   *
   * @param longest the longest idle limit that the session may have, if nobody knew it
   */
  isActive(key: string, longest: number): boolean {
    const last = this.sessions.get(key)?.at(-1);
    return last !== undefined && this.now() - last.to < ((last.idleTimeout ?? longest) || Infinity);
  }

  /** What has been noted about a session so far. */
  of(key: string): readonly Stretch[] | undefined {
    return this.sessions.get(key);
  }

  /** Forgets what has been noted, unless there is more by now. */
  forget(key: string, noted: readonly Stretch[] | undefined): void {
    if (this.sessions.get(key) === noted) this.sessions.delete(key);
  }
}
