import { Inject, Injectable } from '@nestjs/common';
import type { NextFunction, Request } from 'express';
import { GuardedStores } from '../express-session/guarded-store.js';
import { presentsCookie } from '../express-session/presented-cookie.js';
import { type Phases, ResponsePhases } from '../express-session/response-phases.js';
import { chain, isPromise, type MaybePromise } from '../ledger/maybe-promise.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import type { Reason } from '../policy/reason.js';
import type { Decision } from './lifecycle/decision.js';
import {
  currentSession,
  type LiveSession,
  type RequestSession,
  type RequestState,
  type Subject,
} from './lifecycle/request-session.js';
import { RequestSessions } from './lifecycle/request-sessions.js';
import { SessionJudge } from './lifecycle/session-judge.js';
import { SignInDetector } from './lifecycle/sign-in-detector.js';
import { StoreObserver } from './lifecycle/store-observer.js';
import { requestedPath, saysPassive } from './request/passive-request.js';
import { unavailable } from './request/refusal.js';
import { SessionHeaders } from './request/session-headers.js';

/** Looks at a request whose session has been judged; true when it has seen enough. */
type Inspection = (state: RequestState, session: RequestSession) => boolean;

/**
 * The way of a request, in one direction: what came with it and what the ledger knows is judged, the decision
 * is carried out in one place, and the answer tells what has become of the session. Middleware, guard, routes
 * and service all come here, and a request is judged once, whoever asks.
 */
@Injectable()
export class SessionFlow {
  private readonly stores: GuardedStores;
  private readonly underWay = new WeakMap<RequestState, Promise<RequestSession>>();
  private readonly phases: Phases<RequestState> = {
    settle: (state) => (state.settles ? this.settle(state) : undefined),
    commit: (state) => this.sessions.detachUnused(state),
    complete: (state) => {
      this.sessions.noticeEnd(state);
      this.headers.write(state);
    },
    // Nest's filters answer what Express is told.
    failed: (error, { req, res }) => (req.next as NextFunction)(unavailable(res, error)),
  };
  private inspections: readonly Inspection[] = [];
  private leftOut: (req: Request) => boolean = () => false;
  private hasSeenSession = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly judge: SessionJudge,
    private readonly signIns: SignInDetector,
    private readonly sessions: RequestSessions,
    private readonly headers: SessionHeaders,
    observer: StoreObserver,
  ) {
    this.stores = new GuardedStores(observer);
  }

  /** The request's session; `undefined` if there is none on the request (yet). */
  arrive(state: RequestState): MaybePromise<RequestSession | undefined> {
    const current = currentSession(state);
    if (current) return current;
    if (!state.http.exists) return undefined;

    const underWay = this.underWay.get(state);
    if (underWay) return underWay;
    const session = this.judgeAndTell(state);
    if (!isPromise(session)) return session;
    this.underWay.set(state, session);
    return session.finally(() => this.underWay.delete(state));
  }

  /** Has sign-ins looked for once the handler is done, before its answer leaves. */
  settleAtEnd(state: RequestState): void {
    if (state.settles) return;
    state.settles = true;
    this.installPhases(state);
    state.phases?.goFirst();
  }

  /** Carries out a decision on the request's session, and tells it. */
  carryOut(state: RequestState, decision: Decision): MaybePromise<RequestSession> {
    this.stores.install(state.req);
    return this.doAndTell(state, decision);
  }

  /** Records activity of the request's session `idleFor` milliseconds ago. */
  advance(state: RequestState, session: LiveSession, idleFor = 0): MaybePromise<void> {
    return chain(this.sessions.advance(session, idleFor), () => this.headers.publish(state));
  }

  /** Gives the request's session a new id. `from`: whose it was, if it was tracked. */
  async renew(state: RequestState, subject: Subject, from: Pick<Subject, 'user'> | undefined): Promise<RequestSession> {
    this.stores.install(state.req);
    return this.tell(state, await this.sessions.move(state, subject, from));
  }

  /** Signs the request's session out, tracked or not. True if this call ended a tracked session. */
  async signOut(state: RequestState, reason: Reason): Promise<boolean> {
    if (!state.http.exists) return false;
    this.installPhases(state);
    const first = await this.sessions.signOut(state, reason);
    this.headers.publish(state);
    return first;
  }

  /**
   * What is wrong with a request that has no session, if anything is: express-session is missing altogether,
   * or it gave none to a request that brings its cookie, as when its store is disconnected.
   */
  missing({ req, http, session }: RequestState): 'express-session' | 'session' | undefined {
    if (!this.hasSeenSession) return 'express-session';
    const wasGivenUp = session !== undefined && http.isDestroyed;
    return presentsCookie(req, this.settings.cookieName) && !wasGivenUp ? 'session' : undefined;
  }

  /** Shows requests to `inspection` until it has seen enough. */
  inspect(inspection: Inspection): void {
    this.inspections = [...this.inspections, inspection];
  }

  /** Requests that are no activity although they do not say so, for those that never reach their handler. */
  leaveOut(isPassive: (req: Request) => boolean): void {
    this.leftOut = isPassive;
  }

  /** Whether a request is a sign of life, although it is refused before it reaches a handler. */
  private isActivity(req: Request): boolean {
    return !saysPassive(req) && !this.settings.isPassiveRoute(req, requestedPath(req)) && !this.leftOut(req);
  }

  private judgeAndTell(state: RequestState): MaybePromise<RequestSession> {
    this.hasSeenSession = true;
    this.stores.install(state.req);
    return chain(
      this.judge.judge(state, () => this.isActivity(state.req)),
      (decision) =>
        chain(this.doAndTell(state, decision), (session) => {
          if (this.inspections.length > 0) this.runInspections(state, session);
          return session;
        }),
    );
  }

  private doAndTell(state: RequestState, decision: Decision): MaybePromise<RequestSession> {
    return chain(this.sessions.carryOut(state, decision), (session) => this.tell(state, session));
  }

  private tell(state: RequestState, session: RequestSession): RequestSession {
    if (session.kind !== 'anonymous') this.installPhases(state);
    this.headers.publish(state);
    return session;
  }

  /** Once per response, whoever needs them first. */
  private installPhases(state: RequestState): void {
    if (state.phases || !state.http.exists) return;
    state.cookie = state.http.cookie;
    state.phases = new ResponsePhases(state.res, this.phases, state);
  }

  private settle(state: RequestState): MaybePromise<unknown> {
    return chain(this.signIns.detect(state), (decision) => decision && this.carryOut(state, decision));
  }

  private runInspections(state: RequestState, session: RequestSession): void {
    this.inspections = this.inspections.filter((inspect) => !inspect(state, session));
  }
}
