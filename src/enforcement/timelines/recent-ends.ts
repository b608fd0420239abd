import { RecentMap } from '../../express-session/recent-map.js';
import type { Reason } from '../../policy/reason.js';

/**
 * Called for each end. `reason` is `undefined` if another process had already ended the session: only the ledger knows
 * the reason.
 */
export type EndListener = (key: string, reason: Reason | undefined) => void;

/**
 * The sessions that recently ended in this process. Before an answer sends a cookie, it looks here, without asking the
 * ledger. This holds more sessions than can end during a slow request.
 */
export class RecentEnds {
  private readonly reasons = new RecentMap<string, Reason>(10_000);
  private listener: EndListener = () => {};

  /** Why a session recently ended, or why it was about to be ended when another process ended it. */
  reasonOf(key: string): Reason | undefined {
    return this.reasons.get(key);
  }

  /** @param first whether this process has ended the session, and no other process before */
  note(key: string, reason: Reason, first: boolean): void {
    this.reasons.set(key, reason);
    this.listener(key, first ? reason : undefined);
  }

  /** Calls a listener for each end from now on. */
  tell(listener: EndListener): void {
    this.listener = listener;
  }
}
