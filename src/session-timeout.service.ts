import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { ResponseHeaders } from './enforcement/response-headers.js';
import { type SessionEvent, SessionEvents } from './enforcement/session-events.js';
import { SessionJudge } from './enforcement/session-judge.js';
import { SessionLifecycle } from './enforcement/session-lifecycle.js';
import { SETTINGS, type Settings } from './enforcement/settings.js';
import { visitOf } from './enforcement/visit.js';
import { hasSession } from './express-session/http-session.js';
import type { Reason } from './policy/reason.js';
import type { SessionStatus } from './policy/status.js';

/** What an application calls. */
@Injectable()
export class SessionTimeoutService {
  /** What becomes of the sessions, as it happens in this process. */
  readonly events$: Observable<SessionEvent>;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly judge: SessionJudge,
    private readonly lifecycle: SessionLifecycle,
    private readonly headers: ResponseHeaders,
    events: SessionEvents,
  ) {
    this.events$ = events.events$;
  }

  /** How the request's session stands. Durations in milliseconds. */
  async status(req: Request): Promise<SessionStatus> {
    await this.judge.judge(req, responseOf(req));
    return this.headers.status(req);
  }

  /** Records activity, also from a passive route. Nothing happens without a session that goes on. */
  async touch(req: Request): Promise<void> {
    const visit = await this.judge.judge(req, responseOf(req));
    if (visit?.kind === 'live') await this.lifecycle.advance(req, responseOf(req), visit);
  }

  /**
   * Call it after somebody signed in, or proved again who they are: the session goes on under a new id
   * with its data, both limits restart, and the old id ends as `replaced` (OWASP ASVS 5.0, 7.2.4; NIST
   * SP 800-63B-4, section 5.2).
   *
   * @throws Error if there is no session on the request
   */
  async renew(req: Request): Promise<void> {
    if (!hasSession(req)) throw new Error('renew(req) needs a session on the request, and there is none.');
    this.lifecycle.watch(req);
    const visit = visitOf(req);
    const from = visit?.kind === 'live' && visit.sessionId === req.sessionID ? { user: visit.user } : undefined;
    const user = await this.settings.identify?.(req);
    const limits = await this.settings.limitsFor(req, user);
    await this.lifecycle.move(req, responseOf(req), { user, limits }, from);
  }

  /**
   * Ends a session for good: that of a request (as `signed-out`), or any one by its hash, as events and
   * logs name it (as `revoked`).
   *
   * @returns true if this call ended it, false if it had ended or there was none
   */
  async end(target: Request | string, reason?: Reason): Promise<boolean> {
    if (typeof target === 'string') return this.lifecycle.revoke(target, reason ?? 'revoked');
    await this.judge.judge(target, responseOf(target));
    return this.lifecycle.signOut(target, responseOf(target), reason);
  }
}

function responseOf(req: Request): Response {
  if (!req.res) throw new Error('The request is not one that Express answers: it has no response.');
  return req.res;
}
