import { nameOfCookie, setsCookie } from '../../express-session/presented-cookie.js';
import type { LiveSession, RequestState } from '../lifecycle/request-session.js';

/** If this many answers in a row set the cookie, the reason is `rolling`, and not handlers that change the session. */
const ENOUGH = 20;

/**
 * Finds out whether express-session renews the cookie with each answer (`rolling`). Only the answers show this: one
 * answer without the cookie means no.
 */
export class CookieRenewal {
  private renewed = 0;
  private isKnown = false;

  /**
   * Looks at the answer of a request with a tracked session.
   *
   * @param onLack called once if an answer does not renew the cookie
   * @returns true when it has seen enough
   */
  watch(
    state: RequestState,
    session: LiveSession,
    onLack: (state: RequestState, session: LiveSession) => void,
  ): boolean {
    if (this.isKnown) return true;
    const { http, req, res } = state;
    // Over plain http, a secure cookie is not sent at all.
    if (!http.isReused || (http.cookie.secure === true && !req.secure)) return false;
    res.once('finish', () => {
      if (this.isKnown || !http.exists || state.session !== session) return;
      // Only the request shows the name of the cookie. Other cookies do not count.
      const name = nameOfCookie(req, http.id);
      if (name !== undefined && setsCookie(res, name, http.id)) {
        this.renewed += 1;
        this.isKnown = this.renewed >= ENOUGH;
      } else {
        this.isKnown = true;
        onLack(state, session);
      }
    });
    return false;
  }
}
