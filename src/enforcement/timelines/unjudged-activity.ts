import type { Clock } from '../../base/clock.js';
import { forwardSteps } from '../../base/forward-clock.js';
import { addActivity, lastActivity, type Stretch } from '../../policy/activity.js';

/** More sessions than an instance serves during an outage. If there are more, the oldest are forgotten. */
const MOST_SESSIONS = 20_000;
/**
 * Each stretch except the first follows a pause that ends the session, unless another instance knows of more activity.
 */
const MOST_STRETCHES = 10;

/**
 * Activity of requests that got 503, because the ledger did not answer and their session could not be judged. Without
 * this, a user who was active during a long outage would be signed out as idle afterwards.
 */
export class UnjudgedActivity {
  /** The time on the clock of the ledger, which only counts forward. */
  readonly now: () => number;
  private readonly sessions = new Map<string, readonly Stretch[]>();

  /** @param clock the clock of the ledger */
  constructor(clock: Clock) {
    this.now = forwardSteps(clock);
  }

  has(key: string): boolean {
    return this.sessions.has(key);
  }

  /** Notes that a session was active at `at`. */
  note(key: string, idleTimeout: number | false, at: number): void {
    const stretches = this.sessions.get(key) ?? [];
    this.sessions.delete(key);
    this.sessions.set(key, addActivity(stretches, at, idleTimeout).slice(0, MOST_STRETCHES));
    for (const oldest of this.sessions.keys()) {
      if (this.sessions.size <= MOST_SESSIONS) break;
      this.sessions.delete(oldest);
    }
  }

  /**
   * Returns the time since the last activity that counts, in milliseconds. `recorded` is the time that the ledger
   * knows.
   */
  idleFor(key: string, recorded: number): number {
    const now = this.now();
    return now - lastActivity(now - recorded, this.sessions.get(key) ?? []);
  }

  forget(key: string): void {
    this.sessions.delete(key);
  }
}
