import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { refusal, unavailable } from './enforcement/request/refusal.js';
import { ResponseHeaders } from './enforcement/request/session-headers.js';
import { type SessionEvent, SessionEvents } from './enforcement/lifecycle/session-events.js';
import { SessionJudge } from './enforcement/lifecycle/session-judge.js';
import { SessionEnder } from './enforcement/lifecycle/request-sessions.js';
import { SessionOpener } from './enforcement/lifecycle/timelines.js';
import { SETTINGS, type Settings } from './options/settings.js';
import { type Visit, visitOf } from './enforcement/lifecycle/request-session.js';
import { hasSession } from './express-session/http-session.js';
import type { MaybePromise } from './ledger/maybe-promise.js';
import { describePolicy, type PolicyDescription } from './compliance/policy-description.js';
import { isReason, type Reason, reasons } from './policy/reason.js';
import type { SessionStatus } from './policy/status.js';

/** What an application calls. */
@Injectable()
export class SessionTimeoutService {
  /** What becomes of the sessions, as it happens in this process. */
  readonly events$: Observable<SessionEvent>;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly judge: SessionJudge,
    private readonly opener: SessionOpener,
    private readonly ender: SessionEnder,
    private readonly headers: ResponseHeaders,
    events: SessionEvents,
  ) {
    this.events$ = events.events$;
  }

  /**
   * How the request's session stands. Durations in milliseconds.
   *
   * @throws SessionUnavailableException (503), as do the other methods, while the ledger does not answer
   */
  async status(req: Request): Promise<SessionStatus> {
    await this.visit(req);
    return this.headers.status(req);
  }

  /** Records activity, also from a passive route. Nothing happens without a session that goes on. */
  async touch(req: Request): Promise<void> {
    const visit = await this.visit(req);
    if (visit?.kind === 'live') await available(req.res, () => this.opener.advance(req, responseOf(req), visit));
  }

  /**
   * Call it after somebody signed in, or proved again who they are: the session goes on under a new id
   * with its data, both limits restart, and the old id ends as `replaced` (OWASP ASVS 5.0, 7.2.4; NIST
   * SP 800-63B-4, section 5.2).
   *
   * @throws Error if there is no session on the request
   * @throws SessionExpiredException (401) if the session ended meanwhile, as when two requests renew it
   */
  async renew(req: Request): Promise<void> {
    if (!hasSession(req)) throw new Error('renew(req) needs a session on the request, and there is none.');
    this.ender.watch(req);
    const visit = visitOf(req);
    const from = visit?.kind === 'live' && visit.sessionId === req.sessionID ? { user: visit.user } : undefined;
    const user = await this.settings.identify?.(req);
    const limits = await this.settings.limitsFor(req, user);
    const res = responseOf(req);
    const moved = await available(res, () => this.opener.move(req, res, { user, limits }, from));
    if (moved.kind === 'ended') throw refusal(req, res, moved, this.settings);
  }

  /**
   * Ends a session for good: that of a request (as `signed-out`), or any one by its hash, as events and
   * logs name it (as `revoked`). A hash that is not known is ended as well, should it turn up.
   *
   * @returns true if this call ended it, false if it had ended or the request has none
   * @throws TypeError if `reason` is none
   */
  async end(target: Request | string, reason?: Reason): Promise<boolean> {
    if (reason !== undefined && !isReason(reason)) {
      throw new TypeError(`end() takes one of the reasons ${reasons.join(', ')}, not ${JSON.stringify(reason)}.`);
    }
    if (typeof target === 'string') return available(undefined, () => this.ender.revoke(target, reason ?? 'revoked'));
    await this.visit(target);
    return available(target.res, () => this.ender.signOut(target, responseOf(target), reason));
  }

  /**
   * What is in force, and which requirements of OWASP ASVS, NIST SP 800-63B, PCI DSS and WCAG it meets:
   * for auditors, as plain data. The limits are those for everybody; `limitsVary` says whether
   * `limitsFor` may set others.
   */
  describePolicy(): PolicyDescription {
    const { limits, limitsVary, identify, trustClientActivity, unknownSessions } = this.settings;
    const { ledger, ledgerTimeout, touchInterval } = this.settings;
    return describePolicy({
      limits,
      limitsVary,
      usersAreKnown: identify !== undefined,
      trustClientActivity,
      unknownSessions,
      ledgerIsShared: ledger.shared,
      ledgerTimeout,
      touchInterval,
    });
  }

  private visit(req: Request): Promise<Visit | undefined> {
    return available(req.res, () => this.judge.judge(req, responseOf(req)));
  }
}

/** What a ledger that does not answer throws becomes 503. */
async function available<T>(res: Response | undefined, ask: () => MaybePromise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw unavailable(res, error);
  }
}

function responseOf(req: Request): Response {
  if (!req.res) throw new Error('The request is not one that Express answers: it has no response.');
  return req.res;
}
