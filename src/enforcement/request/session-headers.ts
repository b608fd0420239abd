import { Inject, Injectable } from '@nestjs/common';
import type { CookieOptions, Request, Response } from 'express';
import onHeaders from 'on-headers';
import {
  cookieOptions,
  detachSession,
  hasSession,
  holdsData,
  isDestroyed,
} from '../../express-session/http-session.js';
import { presentsCookie } from '../../express-session/presented-cookie.js';
import { beforeCommit } from '../../express-session/response-phases.js';
import type { Reason } from '../../policy/reason.js';
import type { SessionStatus } from '../../policy/status.js';
import { encodeServerTiming, type SessionTiming } from '../../wire/server-timing.js';
import { LatelyEnded } from '../lifecycle/recently-ended.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import {
  type LiveVisit,
  notesOf,
  setEnded,
  statusOf,
  verdictOn,
  type Visit,
  visitOf,
} from '../lifecycle/request-session.js';

/** What the answer to a tracked or ended session says of it: `Server-Timing`, the cookie, `res.locals`. */
@Injectable()
export class ResponseHeaders {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly latelyEnded: LatelyEnded,
  ) {}

  /** How the request's session stands, now if it is not said when. */
  status(req: Request, now = this.settings.clock.now()): SessionStatus {
    return statusOf(visitOf(req), now, this.settings.messages);
  }

  /** Shows handlers and templates how the session stands. */
  publish(req: Request, res: Response, now?: number): void {
    res.locals['sessionStatus'] = this.status(req, now);
  }

  /** When its headers go out, the answer tells how the session stands by then. */
  announce(req: Request, res: Response, now?: number): void {
    this.publish(req, res, now);
    const notes = notesOf(req);
    if (notes.announced) return;
    notes.announced = true;
    const cookie = cookieOptions(req);
    onHeaders(res, () => this.complete(req, res, cookie));
  }

  /** The same for a request that got a fresh session: stored and given a cookie only if somebody fills it. */
  announceFresh(req: Request, res: Response): void {
    this.announce(req, res);
    const sessionId = req.sessionID;
    beforeCommit(res, () => {
      if (hasSession(req) && req.sessionID === sessionId && !holdsData(req)) detachSession(req);
    });
  }

  private complete(req: Request, res: Response, cookie: () => CookieOptions): void {
    const visit = this.visitAtEnd(req);
    if (this.settings.serverTiming) this.setServerTiming(visit, res);
    if (mayClearCookie(visit) && !hasSession(req) && presentsCookie(req, this.settings.cookieName)) {
      this.clearCookie(res, cookie());
    }
  }

  private visitAtEnd(req: Request): Visit | undefined {
    const visit = visitOf(req);
    if (visit?.kind !== 'live') return visit;

    // A handler that destroyed the session signed the user out.
    if (isDestroyed(req)) return setEnded(req, visit, 'signed-out', true);

    // It ended while this request was under way: its cookie would take the place of that of a new sign-in.
    const reason = this.latelyEnded.reasonOf(visit.key);
    if (reason === undefined) return visit;
    detachSession(req);
    return setEnded(req, visit, reason, false);
  }

  private clearCookie(res: Response, options: CookieOptions): void {
    try {
      res.clearCookie(this.settings.cookieName, options);
    } catch {
      // The options come out of the store. A throw at this point would leave the request without an answer.
      res.clearCookie(this.settings.cookieName);
    }
  }

  private setServerTiming(visit: Visit | undefined, res: Response): void {
    if (!visit || visit.kind === 'anonymous') return;
    const metric = encodeServerTiming(visit.kind === 'ended' ? expired(visit.reason) : this.timing(visit));
    const others = res.getHeader('Server-Timing');
    res.setHeader('Server-Timing', others === undefined ? metric : `${String(others)}, ${metric}`);
  }

  private timing(visit: LiveVisit): SessionTiming {
    const verdict = verdictOn(visit, this.settings.clock.now());
    if (!verdict.alive) return expired(verdict.reason);
    return { left: verdict.expiresIn, state: verdict.warning ? 'warning' : 'active' };
  }
}

const expired = (reason: Reason): SessionTiming => ({ left: 0, state: `expired-${reason}` });

/**
 * Only an answer that tells the reason clears the cookie: a favicon must not eat it. Never for a
 * session that goes on under another id: a late answer would delete the new cookie.
 */
function mayClearCookie(visit: Visit | undefined): boolean {
  return visit?.kind === 'ended' && visit.told && visit.reason !== 'replaced';
}
