import { RecentMap } from '../../express-session/recent-map.js';
import type { Reason } from '../../policy/reason.js';

/** Is told of each end. `reason` is `undefined` if somebody else had ended the session before: only the ledger knows. */
export type EndListener = (key: string, reason: Reason | undefined) => void;

/**
 * The sessions that ended in this process recently. Answers that are under way look here, at once and without asking
 * the ledger, before they send a cookie. It holds more sessions than end while a slow request is under way.
 */
export class RecentEnds {
  private readonly reasons = new RecentMap<string, Reason>(10_000);
  private listener: EndListener = () => {};

  /** Why a session ended recently, or was about to be ended when somebody else did. */
  reasonOf(key: string): Reason | undefined {
    return this.reasons.get(key);
  }

  /** @param first whether this process has ended the session, and not somebody else before */
  note(key: string, reason: Reason, first: boolean): void {
    this.reasons.set(key, reason);
    this.listener(key, first ? reason : undefined);
  }

  /** Tells one listener of each end from now on. */
  tell(listener: EndListener): void {
    this.listener = listener;
  }
}
