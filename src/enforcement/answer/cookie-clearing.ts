import { Injectable } from '@nestjs/common';
import { isPresented } from '../../express-session/presented-cookie.js';
import { RecentMap } from '../../base/recent-map.js';
import { sessionKey } from '../../express-session/session-key.js';
import { reasonTraits } from '../../policy/reason.js';
import type { EndedSession, RequestState } from '../lifecycle/request-session.js';

/**
 * The longest time of an answer that may clear a cookie, in milliseconds. People need longer to sign in. A browser that has
 * been sent another cookie has it after this time.
 */
const IN_TIME = 2000;

/**
 * Decides which answers clear the cookie of an ended session. In the browser, the last cookie wins. So an answer that
 * clears the cookie must not come after a sign-in in another tab.
 */
@Injectable()
export class CookieClearing {
  /**
   * Sessions, by key, whose cookie an answer of this process has replaced or cleared, and until when requests came that the
   * browser may have sent before it got this answer.
   */
  private readonly replaced = new RecentMap<string, number>(10_000);

  /** Whether an answer whose session is gone may clear the cookie of this name. */
  mayClear(state: RequestState, cookieName: string): boolean {
    const { session, req, http, arrivedAt } = state;
    if (session?.kind !== 'ended' || !mayTell(session, state)) return false;
    const { presentedId } = http;
    // There may be another express-session with its own cookie.
    if (presentedId === undefined || sessionKey(presentedId) !== session.key) return false;
    if (this.replacedUntil(session.key) >= arrivedAt || performance.now() - arrivedAt > IN_TIME) return false;
    return isPresented(req, presentedId, cookieName);
  }

  /** Notes that an answer replaces or clears the cookie of its request. */
  note({ http, session }: RequestState): void {
    const { presentedId } = http;
    if (presentedId === undefined) return;
    const key = sessionKey(presentedId);
    // To clear the cookie of somebody who has signed in would sign them out. Any other cookie is not missed.
    const until = performance.now() + (session?.kind === 'live' ? IN_TIME : 0);
    this.replaced.set(key, Math.max(until, this.replacedUntil(key)));
  }

  private replacedUntil(key: string): number {
    return this.replaced.get(key) ?? -Infinity;
  }
}

/** What the answers are for that people or scripts read (`Sec-Fetch-Dest`). Old browsers do not say it. */
const READ: ReadonlySet<unknown> = new Set([undefined, 'document', 'empty', 'frame', 'iframe']);

/**
 * Only an answer with the reason may clear the cookie. If the answer for a favicon cleared it, the page would never
 * learn the reason. An answer cannot contain the reason if another request ended the session meanwhile.
 */
function mayTell({ reason, ended }: EndedSession, { answerer, req, res }: RequestState): boolean {
  if (!reasonTraits[reason].clearsCookie) return false;
  if (ended !== 'before') return ended === 'here';
  return answerer?.tells === true && res.statusCode !== 404 && READ.has(req.headers['sec-fetch-dest']);
}
