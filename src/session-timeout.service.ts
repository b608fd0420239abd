import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import {
  currentSession,
  type RequestSession,
  type RequestState,
  stateOf,
} from './enforcement/lifecycle/request-session.js';
import { SessionEvents } from './enforcement/lifecycle/session-events.js';
import { Timelines } from './enforcement/lifecycle/timelines.js';
import { refusal, unavailable } from './enforcement/request/refusal.js';
import { SessionHeaders } from './enforcement/request/session-headers.js';
import { SessionFlow } from './enforcement/session-flow.js';
import type { MaybePromise } from './ledger/maybe-promise.js';
import { describePolicy, type PolicyDescription } from './compliance/policy-description.js';
import { SETTINGS, type Settings } from './options/settings.js';
import { isReason, type Reason, reasons } from './policy/reason.js';
import type { SessionEvent } from './policy/session-event.js';
import type { SessionStatus } from './policy/status.js';

/** What an application calls. */
@Injectable()
export class SessionTimeoutService {
  /** What becomes of the sessions, as it happens in this process. */
  readonly events$: Observable<SessionEvent>;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly flow: SessionFlow,
    private readonly timelines: Timelines,
    private readonly headers: SessionHeaders,
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
    const state = responding(req);
    await this.arrive(state);
    return this.headers.status(state);
  }

  /** Records activity, also from a passive route. Nothing happens without a session that goes on. */
  async touch(req: Request): Promise<void> {
    const state = responding(req);
    const session = await this.arrive(state);
    if (session?.kind === 'live') await available(state.res, () => this.flow.advance(state, session));
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
    const state = responding(req);
    if (!state.http.exists) throw new Error('renew(req) needs a session on the request, and there is none.');
    const known = currentSession(state);
    const from = known?.kind === 'live' ? { user: known.user } : undefined;
    const user = await this.settings.identify?.(req);
    const limits = await this.settings.limitsFor(req, user);
    const moved = await available(state.res, () => this.flow.renew(state, { user, limits }, from));
    if (moved.kind === 'ended') throw refusal(req, state.res, moved, this.settings);
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
    if (typeof target === 'string') {
      return available(undefined, () => this.timelines.revoke(target, reason ?? 'revoked'));
    }
    const state = responding(target);
    await this.arrive(state);
    return available(state.res, () => this.flow.signOut(state, reason ?? 'signed-out'));
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

  private arrive(state: RequestState): Promise<RequestSession | undefined> {
    return available(state.res, () => this.flow.arrive(state));
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

function responding(req: Request): RequestState {
  if (!req.res) throw new Error('The request is not one that Express answers: it has no response.');
  return stateOf(req, req.res);
}
