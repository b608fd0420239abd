import { RecentMap } from '../../base/recent-map.js';
import type { Reason } from '../../policy/reason.js';

/**
 * Called for each end. `reason` is `undefined` if another process had already ended the session: only the ledger knows
 * the reason. `hasRequest` is false if the session ended without a request of its own.
 */
export type EndListener = (key: string, reason: Reason | undefined, hasRequest: boolean) => void;

interface HowItEnded {
  readonly hasRequest?: boolean | undefined;
  readonly isCertain?: boolean;
}

/**
 * The sessions that recently ended in this process. Before an answer sends a cookie, it looks here, without asking the
 * ledger. This holds more sessions than can end during a slow request.
 */
export class RecentEnds {
  private readonly ends = new RecentMap<string, { readonly reason: Reason; readonly isCertain: boolean }>(10_000);
  private readonly listeners: EndListener[] = [];

  /** Why a session recently ended, or why it was about to be ended when another process ended it. */
  reasonOf(key: string): Reason | undefined {
    return this.ends.get(key)?.reason;
  }

  /**
   * @param first whether this call has ended the session, and no other call or process before
   * @param how.hasRequest see {@link EndListener}
   * @param how.isCertain whether the session has ended for this reason, and was not only about to be ended for it
   */
  note(key: string, reason: Reason, first: boolean, { hasRequest = true, isCertain = first }: HowItEnded = {}): void {
    if (isCertain || !this.ends.get(key)?.isCertain) this.ends.set(key, { reason, isCertain });
    for (const listener of this.listeners) listener(key, first ? reason : undefined, hasRequest);
  }

  /** Calls a listener for each end from now on. */
  listen(listener: EndListener): void {
    this.listeners.push(listener);
  }
}
