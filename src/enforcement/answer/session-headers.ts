import { Inject, Injectable } from '@nestjs/common';
import type { CookieOptions, Response } from 'express';
import { answersCookie } from '../../express-session/presented-cookie.js';
import { cookieOptions } from '../../express-session/session-cookie.js';
import { sessionTag } from '../../express-session/session-key.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Reason } from '../../policy/reason.js';
import { type ExpiredStatus, liveStatus, type SessionStatus } from '../../policy/status.js';
import type { Alive } from '../../policy/verdict.js';
import { encodeServerTiming, isSharedAnswer, type SessionTiming } from '../../wire/server-timing.js';
import { CookieClearing } from './cookie-clearing.js';
import { authAgeOf } from '../lifecycle/authentication.js';
import { type LiveSession, type RequestState, verdictOn } from '../lifecycle/request-session.js';

/** Passes the session status on: to handlers in `res.locals`, and to browsers in `Server-Timing` and in the cookie. */
@Injectable()
export class SessionHeaders {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly clearing: CookieClearing,
  ) {}

  /** The current status of the request's session. */
  status(state: RequestState): SessionStatus {
    const { session } = state;
    if (!session || session.kind === 'anonymous') return { state: 'anonymous' };
    if (session.kind === 'ended') return this.expiredStatus(session.reason);

    const now = this.settings.clock.now();
    const verdict = this.settings.mode === 'report' ? endless(session, now) : verdictOn(session, now);
    if (!verdict.alive) return this.expiredStatus(verdict.reason);
    const times = { idleFor: Math.max(0, now - session.activeAt), authAge: authAgeOf(state, session, this.settings) };
    return liveStatus(verdict, times, session.limits, sessionTag(session.key));
  }

  /** Gives the status to handlers and templates. A getter would cost more than the status. */
  publish(state: RequestState): void {
    if (state.hasResponse) state.res.locals['sessionStatus'] = this.status(state);
  }

  /** Sets the headers of the answer. */
  write(state: RequestState): void {
    const { res, http } = state;
    const { cookieName, serverTiming, mode } = this.settings;
    // In report mode, the session does not end. So no answer says so, and no cookie is cleared.
    if (mode === 'report') return;
    if (serverTiming) this.writeServerTiming(state);
    if (http.exists) {
      if (!http.isReused) this.clearing.note(state);
    } else if (this.clearing.mayClear(state, cookieName)) {
      this.clearing.note(state);
      // A handler may have called `res.clearCookie()` already.
      if (!answersCookie(res, cookieName))
        this.clearCookie(res, http.arrivalCookie ? cookieOptions(http.arrivalCookie) : {});
    }
  }

  private clearCookie(res: Response, options: CookieOptions): void {
    try {
      res.clearCookie(this.settings.cookieName, options);
    } catch {
      // The options come from the store. If an error were thrown here, the request would get no answer.
      res.clearCookie(this.settings.cookieName);
    }
  }

  private expiredStatus(reason: Reason): ExpiredStatus {
    return { state: 'expired', reason, message: this.settings.messages[reason] };
  }

  private writeServerTiming({ res, session }: RequestState): void {
    if (!session || session.kind === 'anonymous' || isSharedAnswer((name) => res.getHeader(name))) return;
    const at = this.settings.clock.now();
    const status = session.kind === 'ended' ? ended(session.reason) : timing(session, at);
    const metric = encodeServerTiming({ ...status, session: sessionTag(session.key), at });
    const others = res.getHeader('server-timing');
    res.setHeader('Server-Timing', others === undefined ? metric : `${String(others)}, ${metric}`);
  }
}

/** The verdict on a session that no limit ends. */
function endless(session: LiveSession, now: number): Alive {
  const limits = { ...session.limits, idleTimeout: false, absoluteTimeout: false } as const;
  return verdictOn({ ...session, limits }, now) as Alive;
}

type Timing = Pick<SessionTiming, 'left' | 'state'>;

function timing(session: LiveSession, now: number): Timing {
  const verdict = verdictOn(session, now);
  if (!verdict.alive) return ended(verdict.reason);
  return { left: verdict.expiresIn, state: verdict.warning ? 'warning' : 'active' };
}

const ended = (reason: Reason): Timing => ({ left: 0, state: `expired-${reason}` });
