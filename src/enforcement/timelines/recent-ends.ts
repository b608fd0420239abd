import { RecentMap } from '../../base/recent-map.js';
import type { Reason } from '../../policy/reason.js';

/**
 * Called for each end. `reason` is `undefined` if another process had already ended the session: only the ledger knows
 * the reason. `hasRequest` is false if the session ended without a request of its own.
 */
export type EndListener = (key: string, reason: Reason | undefined, hasRequest: boolean) => void;

/**
 * The sessions that recently ended in this process. Before an answer sends a cookie, it looks here, without asking the
 * ledger. This holds more sessions than can end during a slow request.
 */
export class RecentEnds {
  private readonly reasons = new RecentMap<string, Reason>(10_000);
  private readonly listeners: EndListener[] = [];

  /** Why a session recently ended, or why it was about to be ended when another process ended it. */
  reasonOf(key: string): Reason | undefined {
    return this.reasons.get(key);
  }

  /** @param first whether this process has ended the session, and no other process before */
  note(key: string, reason: Reason, first: boolean, hasRequest = true): void {
    this.reasons.set(key, reason);
    for (const listener of this.listeners) listener(key, first ? reason : undefined, hasRequest);
  }

  /** Calls a listener for each end from now on. */
  tell(listener: EndListener): void {
    this.listeners.push(listener);
  }
}
