import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import {
  currentSession,
  type RequestSession,
  type RequestState,
  stateOf,
} from './enforcement/lifecycle/request-session.js';
import { SessionLifetime } from './enforcement/lifecycle/session-lifetime.js';
import type { SessionStatus } from './enforcement/decorators.js';
import { SessionEvents } from './enforcement/timelines/events/session-events.js';
import { isPromise, type MaybePromise } from './base/maybe-promise.js';
import { callListener } from './enforcement/timelines/session-watch.js';
import { Timelines } from './enforcement/timelines/timelines.js';
import { available, refusal } from './enforcement/answer/refusal.js';
import { SessionHeaders } from './enforcement/answer/session-headers.js';
import { SessionFlow } from './enforcement/session-flow.js';
import { describePolicy, type PolicyDescription } from './compliance/policy-description.js';
import { type Duration, givenDuration } from './options/duration.js';
import { SETTINGS, type Settings } from './options/settings.js';
import { FreshAuth } from './people/fresh-auth.js';
import { SessionDirectory } from './people/session-directory.js';
import {
  assertHashOrRequest,
  assertListener,
  assertOptions,
  assertReason,
  assertUserOrRequest,
  stateIn,
} from './people/service-arguments.js';
import type { SessionInfo } from './policy/session-info.js';
import type { Reason } from './policy/reason.js';
import type { SessionEvent } from './policy/session-event.js';

/** The service that an application calls to read, record, renew and end sessions. */
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
   * Returns the status of the request's session, with durations in milliseconds. With the request of a WebSocket
   * handshake, each call checks the session again, because a socket stays open. `touch()` does the same.
   *
   * @throws SessionUnavailableException (503) while the ledger does not answer; other methods throw it, too
   */
  async status(req: Request): Promise<SessionStatus> {
    const state = stateIn('status()', req);
    await this.arrive(state);
    return this.headers.status(state);
  }

  /** Records activity, even on a passive route. Does nothing if there is no session or it has ended. */
  async touch(req: Request): Promise<void> {
    const state = stateIn('touch()', req);
    const session = await this.arrive(state);
    if (session?.kind !== 'live') return;
    state.outcome = { what: 'activity', why: 'touch()' };
    await available(state.res, () => this.flow.advance(state, session));
  }

  /**
   * Gives the session a new id. Call it after a user has signed in or authenticated again. The session keeps its data,
   * both limits restart, and the old id ends with the reason `replaced` (OWASP ASVS 5.0, 7.2.4; NIST SP 800-63B-4,
   * section 5.2).
   *
   * @param options.restartLimits `false` if the user has only authenticated again, for `@RequireFreshAuth()`. Then the
   *   absolute limit does not restart. Default `true`
   * @throws Error if there is no session on the request, or no response that can carry the new cookie
   * @throws SessionExpiredException (401) if the session has ended meanwhile, for example through another renewal
   */
  async renew(req: Request, { restartLimits = true }: { restartLimits?: boolean | undefined } = {}): Promise<void> {
    const state = stateIn('renew()', req);
    // Who has signed in with a regenerated session gets one timeline, under the last id.
    const arriving = state.isRegenerated ? undefined : available(state.res, () => this.flow.arrive(state));
    if (isPromise(arriving)) await arriving;
    const moved = await available(state.res, () => this.flow.renew(state, restartLimits));
    if (moved.kind === 'ended') throw refusal(req, state.res, moved, this.settings);
  }

  /**
   * Returns whether the user of the request authenticated less than `maxAge` ago. Returns false if nobody is signed in.
   *
   * @throws TypeError if `maxAge` is not a duration above 0
   */
  async isFresh(req: Request, maxAge: Duration): Promise<boolean> {
    const milliseconds = givenDuration('isFresh()', maxAge);
    const state = stateIn('isFresh()', req);
    return (await available(state.res, () => this.freshAuth.ageOf(state))) < milliseconds;
  }

  /**
   * Ends a session for good. With a request, ends the session of the request; the default reason is `signed-out`. With
   * a session hash, as in events and logs, ends that session; the default reason is `revoked`. An unknown hash is
   * ended, too, in case the session appears later.
   *
   * @returns true if this call ended the session; false if it had already ended, or the request has no session
   * @throws TypeError if `target` is neither a request nor a hash, or `reason` is not a {@link Reason}
   */
  async end(target: Request | string, reason?: Reason): Promise<boolean> {
    if (reason !== undefined) assertReason('end()', reason);
    assertHashOrRequest('end()', target);
    if (typeof target === 'string') {
      return available(undefined, () => this.timelines.endByKey(target, reason ?? 'revoked'));
    }
    const state = stateOf(target);
    const arriving = this.arrive(state);
    if (isPromise(arriving)) await arriving;
    return available(state.res, () => this.flow.signOut(state, reason ?? 'signed-out'));
  }

  /**
   * Calls `listener` once when the request's session ends. Use it for anything that lasts longer than the request, such
   * as sockets, streams, jobs and uploads.
   *
   * The listener is called when a limit is reached, and at once if this process ends the session. If another process
   * ends it, the call comes within 15 seconds. If the session has already ended, the call comes soon. If the ledger or
   * `limitsFor` does not answer, the listener is called with `lost` after a minute, or earlier if a known limit is
   * reached first. If the session has not been judged before, as of a socket that nothing guards, the call comes at once.
   * For an anonymous request, it is never called. If the session goes on under a new id for the same
   * user, the listener stays with it. If another process gave the new id, the reason is `replaced`. Errors are logged.
   *
   * @returns a function that stops waiting; after that, `listener` is not called
   *
   * @example
   * const stop = sessions.onEnd(req, (reason) => job.cancel(reason));
   * job.once('done', stop);
   */
  onEnd(req: Request, listener: (reason: Reason) => void): () => void {
    const state = stateIn('onEnd()', req);
    assertListener(listener);
    // If the handler has destroyed the session, the request has none, and the session that it had has ended.
    const session = currentSession(state) ?? (state.http.exists ? undefined : state.session);
    if (session || !state.http.exists) return this.lifetime.onEnd(state, session, listener);
    let isStopped = false;
    let stop: (() => void) | undefined;
    const begin = (found: RequestSession | undefined) => {
      if (!isStopped) stop = this.lifetime.onEnd(state, found, listener);
    };
    const arriving = (async () => await this.arrive(state))();
    arriving.then(begin, () => isStopped || callListener(listener, 'lost'));
    return () => {
      isStopped = true;
      stop?.();
    };
  }

  /**
   * Returns the hash of the request's session, or `undefined` if the request has no session. The hash names the session
   * in events, logs and lists.
   */
  hashOf(req: Request): string | undefined {
    return stateIn('hashOf()', req).key;
  }

  /**
   * Lists the sessions of a user that are within their limits, oldest first, with durations in milliseconds. The user
   * is given by id or by a request. With a request, its own session is marked as `current`. The list is empty if nobody
   * is signed in.
   *
   * @throws Error without the option `identify`, or if the ledger cannot find the sessions of a user
   */
  async list(target: Request | string): Promise<SessionInfo[]> {
    assertUserOrRequest('list()', target);
    if (typeof target === 'string') return available(undefined, () => this.directory.list(target));
    const state = stateOf(target);
    return available(state.res, async () => {
      const who = await this.directory.whoIs(state);
      return who ? this.directory.list(who.user, who.key) : [];
    });
  }

  /**
   * Ends all sessions of a user for good. The user is given by id or by a request. Call `endAll(user, { except: req })`
   * after a user has changed the password (OWASP ASVS 5.0, 7.4.3).
   *
   * @param options.except the session that goes on, given by a request or by its hash
   * @param options.reason default `revoked`
   * @returns how many sessions this call has ended
   * @throws Error as {@link list} does
   * @throws TypeError if `reason` is not a {@link Reason}
   */
  async endAll(
    target: Request | string,
    options: { except?: Request | string | undefined; reason?: Reason | undefined } = {},
  ): Promise<number> {
    assertOptions('endAll()', options);
    const { except, reason = 'revoked' } = options;
    assertReason('endAll()', reason);
    assertUserOrRequest('endAll()', target);
    if (except !== undefined) assertHashOrRequest('endAll(): the option "except"', except);
    const res = typeof target === 'string' ? undefined : stateOf(target).res;
    return available(res, () => this.directory.endAllForApplication(target, reason, except));
  }

  /**
   * Returns the settings in force, and which requirements of OWASP ASVS, NIST SP 800-63B, PCI DSS and WCAG they meet,
   * as plain data for auditors. The limits are the default ones; `limitsVary` says whether `limitsFor` may set
   * others.
   */
  describePolicy(): PolicyDescription {
    const { mode, limits, limitsVary, identify, trustClientActivity, unknownSessions } = this.settings;
    const { ledger, ledgerTimeout, touchInterval, maxSessionsInForce, whenFull } = this.settings;
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
      maxSessions: maxSessionsInForce,
      whenFull,
      sessionsAreListed: this.directory.isAvailable,
      authenticationsAreDated: this.settings.authenticatedAt !== undefined,
      isAudited: this.settings.audit !== undefined,
      socketsAreGuarded: this.lifetime.guardsSockets,
      keepsDrafts: this.settings.drafts !== undefined,
    });
  }

  /** Needs no turn of the event loop if the session is known: handlers may not wait for `renew()` and `end()`. */
  private arrive(state: RequestState): MaybePromise<RequestSession | undefined> {
    return available(state.res, () => this.flow.lookAgain(state));
  }
}
