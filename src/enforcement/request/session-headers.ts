import { Inject, Injectable } from '@nestjs/common';
import type { CookieOptions, Response } from 'express';
import { cookieOptions } from '../../express-session/http-session.js';
import { presentsCookie } from '../../express-session/presented-cookie.js';
import { sessionTag } from '../../express-session/session-key.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { type Reason, reasonTraits } from '../../policy/reason.js';
import type { SessionStatus } from '../../policy/status.js';
import { encodeServerTiming, isSharedAnswer, type SessionTiming } from '../../wire/server-timing.js';
import { type LiveSession, type RequestState, statusOf, verdictOn } from '../lifecycle/request-session.js';

/** Tells the session status: to handlers through `res.locals`, to browsers through `Server-Timing` and the cookie. */
@Injectable()
export class SessionHeaders {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /** The current status of the request's session. */
  status({ session }: Pick<RequestState, 'session'>): SessionStatus {
    return statusOf(session, this.settings.clock.now(), this.settings.messages);
  }

  /** Gives the status to handlers and templates. */
  publish(state: RequestState): void {
    state.res.locals['sessionStatus'] = this.status(state);
  }

  /** Sets the headers of the answer. */
  write(state: RequestState): void {
    const { req, res, http, cookie } = state;
    if (this.settings.serverTiming) this.writeServerTiming(state);
    if (mayClearCookie(state) && !http.exists && presentsCookie(req, this.settings.cookieName)) {
      this.clearCookie(res, cookie ? cookieOptions(cookie) : {});
    }
  }

  private clearCookie(res: Response, options: CookieOptions): void {
    try {
      res.clearCookie(this.settings.cookieName, options);
    } catch {
      // The options come from the store. An error here would leave the request without an answer.
      res.clearCookie(this.settings.cookieName);
    }
  }

  private writeServerTiming({ res, session }: RequestState): void {
    if (!session || session.kind === 'anonymous' || isSharedAnswer(res.getHeader('Cache-Control'))) return;
    const at = this.settings.clock.now();
    const status = session.kind === 'ended' ? expired(session.reason) : timing(session, at);
    const metric = encodeServerTiming({ ...status, session: sessionTag(session.key), at });
    const others = res.getHeader('Server-Timing');
    res.setHeader('Server-Timing', others === undefined ? metric : `${String(others)}, ${metric}`);
  }
}

type Timing = Pick<SessionTiming, 'left' | 'state'>;

function timing(session: LiveSession, now: number): Timing {
  const verdict = verdictOn(session, now);
  if (!verdict.alive) return expired(verdict.reason);
  return { left: verdict.expiresIn, state: verdict.warning ? 'warning' : 'active' };
}

const expired = (reason: Reason): Timing => ({ left: 0, state: `expired-${reason}` });

/**
 * Only an answer that tells the reason may clear the cookie: if a favicon cleared it, the page would never be told.
 * An answer cannot tell the reason if another request ended the session in the meantime.
 */
function mayClearCookie({ session, answerer }: RequestState): boolean {
  if (session?.kind !== 'ended' || !reasonTraits[session.reason].clearsCookie) return false;
  return session.ended === 'here' || (session.ended === 'before' && answerer?.tells === true);
}
