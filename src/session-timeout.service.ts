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
import { refusal, exceptionFor } from './enforcement/request/refusal.js';
import { SessionHeaders } from './enforcement/request/session-headers.js';
import { SessionFlow } from './enforcement/session-flow.js';
import type { MaybePromise } from './ledger/maybe-promise.js';
import { describePolicy, type PolicyDescription } from './compliance/policy-description.js';
import { type Duration, givenDuration } from './options/duration.js';
import { SETTINGS, type Settings } from './options/settings.js';
import { FreshAuth } from './people/fresh-auth.js';
import { SessionDirectory } from './people/session-directory.js';
import type { SessionInfo } from './policy/session-info.js';
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
    private readonly freshAuth: FreshAuth,
    private readonly directory: SessionDirectory,
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
   * @param options.restartLimits `false` if the user has only proved again who they are, as `@RequireFreshAuth()` asks
   *   for: the absolute limit goes on; default `true`
   * @throws Error if there is no session on the request, or no response that could carry the new cookie, as on a WebSocket
   * @throws SessionExpiredException (401) if the session ended meanwhile, for example because two requests renew it
   */
  async renew(req: Request, { restartLimits = true }: { restartLimits?: boolean | undefined } = {}): Promise<void> {
    const state = stateOf(req);
    if (!state.hasResponse) {
      throw new Error(
        'renew(req) needs a response that carries the new cookie. Call it in a handler of an HTTP request.',
      );
    }
    if (!state.http.exists) throw new Error('renew(req) needs a session on the request, and there is none.');
    await this.arrive(state);
    const moved = await available(state.res, () => this.flow.renew(state, restartLimits));
    if (moved.kind === 'ended') throw refusal(req, state.res, moved, this.settings);
  }

  /**
   * Whether the user of the request proved who they are less than `maxAge` ago. False if nobody is signed in.
   *
   * @throws TypeError if `maxAge` is no duration above 0
   */
  async isFresh(req: Request, maxAge: Duration): Promise<boolean> {
    const milliseconds = givenDuration('isFresh()', maxAge);
    const state = stateOf(req);
    return (await available(state.res, () => this.freshAuth.ageOf(state))) < milliseconds;
  }

  /**
   * Ends a session for good: that of a request (by default as `signed-out`), or any session by its hash, as in events
   * and logs (by default as `revoked`). An unknown hash is ended too, in case the session appears later.
   *
   * @returns true if this call ended it; false if it had already ended or the request has none
   * @throws TypeError if `reason` is not a {@link Reason}
   */
  async end(target: Request | string, reason?: Reason): Promise<boolean> {
    if (reason !== undefined) assertReason('end', reason);
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
   * Returns the hash of the request's session, which names it in events, logs and lists; `undefined` if there is no
   * session on the request.
   */
  hashOf(req: Request): string | undefined {
    return stateOf(req).key;
  }

  /**
   * Lists the sessions of a user that are within their limits, the oldest first: of the user with that id, or of the
   * user of a request, whose own session is `current` then. Empty if nobody is signed in. Durations in milliseconds.
   *
   * @throws Error without the option `identify`, or if the ledger cannot find the sessions of a user
   */
  async list(target: Request | string): Promise<SessionInfo[]> {
    if (typeof target === 'string') return available(undefined, () => this.directory.list(target));
    const state = stateOf(target);
    return available(state.res, async () => {
      const who = await this.directory.whoIs(state);
      return who ? this.directory.list(who.user, who.key) : [];
    });
  }

  /**
   * Ends all sessions of a user for good: of the user with that id, or of the user of a request. After a user has
   * changed the password: `endAll(user, { except: req })` (OWASP ASVS 5.0, 7.4.3).
   *
   * @param options.except a session that goes on: that of a request, or by its hash
   * @param options.reason default `revoked`
   * @returns how many sessions this call has ended
   * @throws Error as {@link list} does
   * @throws TypeError if `reason` is not a {@link Reason}
   */
  async endAll(
    target: Request | string,
    { except, reason = 'revoked' }: { except?: Request | string | undefined; reason?: Reason | undefined } = {},
  ): Promise<number> {
    assertReason('endAll', reason);
    const spared = typeof except === 'object' ? this.hashOf(except) : except;
    if (typeof target === 'string') return available(undefined, () => this.directory.endAll(target, reason, spared));
    const state = stateOf(target);
    return available(state.res, async () => {
      const who = await this.directory.whoIs(state);
      if (!who) return 0;
      if (who.key === spared) return this.directory.endAll(who.user, reason, spared);
      const others = await this.directory.endAll(who.user, reason, who.key);
      return others + Number(await this.flow.signOut(state, reason));
    });
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
      keepsDrafts: this.settings.drafts !== undefined,
    });
  }

  private arrive(state: RequestState): Promise<RequestSession | undefined> {
    return available(state.res, () => this.flow.lookAgain(state));
  }
}

/** @throws TypeError if it is not a reason */
function assertReason(method: string, reason: unknown): void {
  if (isReason(reason)) return;
  throw new TypeError(`${method}() takes one of the reasons ${reasons.join(', ')}, not ${JSON.stringify(reason)}.`);
}

/** Turns the error of a ledger that does not answer into 503. */
async function available<T>(res: Response | undefined, ask: () => MaybePromise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw exceptionFor(res, error);
  }
}
