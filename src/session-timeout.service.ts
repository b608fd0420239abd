import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import {
  currentSession,
  type RequestSession,
  type RequestState,
  stateOf,
} from './enforcement/lifecycle/request-session.js';
import { SessionLifetime } from './enforcement/lifecycle/session-lifetime.js';
import { SessionEvents } from './enforcement/timelines/session-events.js';
import { Timelines } from './enforcement/timelines/timelines.js';
import { refusal, unavailable } from './enforcement/request/refusal.js';
import { SessionHeaders } from './enforcement/request/session-headers.js';
import { SessionFlow } from './enforcement/session-flow.js';
import type { MaybePromise } from './ledger/maybe-promise.js';
import { describePolicy, type PolicyDescription } from './compliance/policy-description.js';
import { SETTINGS, type Settings } from './options/settings.js';
import { isReason, type Reason, reasons } from './policy/reason.js';
import type { SessionEvent } from './policy/session-event.js';
import type { SessionStatus } from './policy/status.js';

/** What an application calls to read, record, renew and end sessions. */
@Injectable()
export class SessionTimeoutService {
  /** Emits what happens to sessions, as this process sees it. */
  readonly events$: Observable<SessionEvent>;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly flow: SessionFlow,
    private readonly timelines: Timelines,
    private readonly headers: SessionHeaders,
    private readonly lifetime: SessionLifetime,
    events: SessionEvents,
  ) {
    this.events$ = events.events$;
  }

  /**
   * Returns the status of the request's session. Durations in milliseconds. The request of a WebSocket handshake has no
   * response and lasts: its session is looked at anew each time, also by `touch()`.
   *
   * @throws SessionUnavailableException (503) while the ledger does not answer; the other methods throw it too
   */
  async status(req: Request): Promise<SessionStatus> {
    const state = stateOf(req);
    await this.arrive(state);
    return this.headers.status(state);
  }

  /** Records activity, even on a passive route. Does nothing if there is no session or it has ended. */
  async touch(req: Request): Promise<void> {
    const state = stateOf(req);
    const session = await this.arrive(state);
    if (session?.kind !== 'live') return;
    state.outcome = { what: 'activity', why: 'touch()' };
    await available(state.res, () => this.flow.advance(state, session));
  }

  /**
   * Call it after a user has signed in, or has proved again who they are. The session goes on under a new id with its
   * data, both limits restart, and the old id ends as `replaced` (OWASP ASVS 5.0, 7.2.4; NIST SP 800-63B-4, section
   * 5.2).
   *
   * @throws Error if there is no session on the request, or no response that could carry the new cookie, as on a WebSocket
   * @throws SessionExpiredException (401) if the session ended meanwhile, for example because two requests renew it
   */
  async renew(req: Request): Promise<void> {
    const state = stateOf(req);
    if (!state.hasResponse) {
      throw new Error(
        'renew(req) needs a response that carries the new cookie. Call it in a handler of an HTTP request.',
      );
    }
    if (!state.http.exists) throw new Error('renew(req) needs a session on the request, and there is none.');
    await this.arrive(state);
    const moved = await available(state.res, () => this.flow.renew(state));
    if (moved.kind === 'ended') throw refusal(req, state.res, moved, this.settings);
  }

  /**
   * Ends a session for good: that of a request (by default as `signed-out`), or any session by its hash, as in events
   * and logs (by default as `revoked`). An unknown hash is ended too, in case the session appears later.
   *
   * @returns true if this call ended it; false if it had already ended or the request has none
   * @throws TypeError if `reason` is not a {@link Reason}
   */
  async end(target: Request | string, reason?: Reason): Promise<boolean> {
    if (reason !== undefined && !isReason(reason)) {
      throw new TypeError(`end() takes one of the reasons ${reasons.join(', ')}, not ${JSON.stringify(reason)}.`);
    }
    if (typeof target === 'string') {
      return available(undefined, () => this.timelines.revoke(target, reason ?? 'revoked'));
    }
    const state = stateOf(target);
    await this.arrive(state);
    return available(state.res, () => this.flow.signOut(state, reason ?? 'signed-out'));
  }

  /**
   * Calls `listener` once when the request's session ends: for sockets, streams, jobs, uploads, and whatever else lasts
   * longer than the request. It is called at the deadline, which activity moves, when the session is ended in this
   * process, and at most 15 seconds after it was ended in another one. It is called soon if the session has ended
   * already, and never for an anonymous request. If the session goes on under a new id for the same user, the listener
   * goes with it, except where another process gave it the new id: then it is called with `replaced`. If the ledger does
   * not answer for a minute, or at the deadline, it is called with `lost`.
   *
   * @returns how to stop waiting; `listener` is never called afterwards
   *
   * @example
   * const stop = sessions.onEnd(req, (reason) => job.cancel(reason));
   * job.once('done', stop);
   */
  onEnd(req: Request, listener: (reason: Reason) => void): () => void {
    const state = stateOf(req);
    const session = currentSession(state);
    if (session || !state.http.exists) return this.lifetime.onEnd(state, session, listener);
    let isStopped = false;
    let stop: (() => void) | undefined;
    const begin = (found: RequestSession | undefined) => {
      if (!isStopped) stop = this.lifetime.onEnd(state, found, listener);
    };
    this.arrive(state).then(begin, () => isStopped || listener('lost'));
    return () => {
      isStopped = true;
      stop?.();
    };
  }

  /**
   * Returns the settings in force, and which requirements of OWASP ASVS, NIST SP 800-63B, PCI DSS and WCAG they meet,
   * as plain data for auditors. The limits are the default ones; `limitsVary` says whether `limitsFor` may set
   * others.
   */
  describePolicy(): PolicyDescription {
    const { mode, limits, limitsVary, identify, trustClientActivity, unknownSessions } = this.settings;
    const { ledger, ledgerTimeout, touchInterval } = this.settings;
    return describePolicy({
      mode,
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
    return available(state.res, () => this.flow.lookAgain(state));
  }
}

/** Turns the error of a ledger that does not answer into 503. */
async function available<T>(res: Response | undefined, ask: () => MaybePromise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw unavailable(res, error);
  }
}
