import { Inject, Injectable, Logger } from '@nestjs/common';
import type { NextFunction, Request } from 'express';
import type { HttpSession } from '../express-session/http-session.js';
import { knownHttpSession } from '../express-session/session-of-request.js';
import { mountedSession } from '../express-session/mounted-session.js';
import { presentedSessionId } from '../express-session/presented-cookie.js';
import { type Phases, ResponsePhases } from '../express-session/response-phases.js';
import { SessionStores } from '../express-session/store/session-stores.js';
import type { StoreHooks } from '../express-session/store/store-hooks.js';
import { attempt, chain, isPromise, type MaybePromise } from '../ledger/maybe-promise.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import type { Reason } from '../policy/reason.js';
import type { Decision } from './lifecycle/decision.js';
import { NOBODY, ownerOf } from './lifecycle/identity.js';
import {
  currentSession,
  type LiveSession,
  type RequestSession,
  type RequestState,
  stateOfSession,
} from './lifecycle/request-session.js';
import { RequestSessions } from './lifecycle/request-sessions.js';
import { SessionJudge } from './lifecycle/session-judge.js';
import { SessionMoves } from './lifecycle/session-moves.js';
import { StoreObserver } from './lifecycle/store-observer.js';
import { requestedPath, saysPassive } from './request/passive-request.js';
import { unavailable } from './request/refusal.js';
import { SessionHeaders } from './request/session-headers.js';
import { SessionUnavailableException } from './session-expired.exception.js';

/** Looks at a request whose session has been judged; true when it has seen enough. */
type Inspection = (state: RequestState, session: RequestSession) => boolean;

/**
 * The way of a request, in one direction: what came with it and what the ledger knows is judged, the decision is
 * carried out in one place, and the answer tells what has become of the session. A session that is written goes the
 * same way. Middleware, guard, routes and service all come here, and a request is judged once, whoever asks.
 */
@Injectable()
export class SessionFlow {
  private readonly logger = new Logger('SessionTimeout');
  private readonly hooks: StoreHooks;
  private readonly stores: SessionStores;
  private readonly underWay = new WeakMap<RequestState, Promise<RequestSession>>();
  private readonly phases: Phases<RequestState> = {
    settle: (state) => (state.settles && state.http.exists ? this.write(state) : undefined),
    settleEarly: (state) => this.writeEarly(state),
    commit: (state) => this.sessions.withhold(state),
    complete: (state) => this.headers.write(state),
    release: ({ http }) => http.show(),
    failed: (error, state) => {
      // The session stays as it was: what the handler has put into it belongs to an answer that is not given.
      state.isWithheld = true;
      // Nest's filters answer what Express is told.
      (state.req.next as NextFunction)(unavailable(state.res, error));
    },
  };
  private inspections: readonly Inspection[] = [];
  private leftOut: (req: Request) => boolean = () => false;
  private hasWarned = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly judge: SessionJudge,
    private readonly sessions: RequestSessions,
    private readonly moves: SessionMoves,
    private readonly headers: SessionHeaders,
    observer: StoreObserver,
  ) {
    this.hooks = observer.hooks({
      saving: (session) => this.saving(session),
      // Wherever express-session is mounted, Nest answers it with 503.
      failed: (error) => new SessionUnavailableException(error),
    });
    this.stores = new SessionStores(this.hooks);
  }

  /** The request's session; `undefined` if there is none on the request (yet). */
  arrive(state: RequestState): MaybePromise<RequestSession | undefined> {
    const current = currentSession(state);
    if (current) return current;
    if (!state.http.exists) {
      this.takeStoreLater(state);
      return undefined;
    }
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

  /** Records activity of the request's session `idleFor` milliseconds ago. */
  advance(state: RequestState, session: LiveSession, idleFor = 0): MaybePromise<void> {
    return chain(this.sessions.advance(session, idleFor), () => this.headers.publish(state));
  }

  /** Gives the request's session a new id; both limits restart. */
  async renew(state: RequestState): Promise<RequestSession> {
    const { session } = state;
    const from = session?.kind === 'live' ? { isTracked: true, user: session.user } : NOBODY;
    return this.tell(state, await this.moves.move(state, ownerOf(state.http, this.settings), from));
  }

  /** Signs the request's session out, tracked or not. True if this call ended a tracked session. */
  async signOut(state: RequestState, reason: Reason): Promise<boolean> {
    if (!state.http.exists) return false;
    this.installPhases(state);
    const first = await this.sessions.signOut(state, reason);
    this.headers.publish(state);
    return first;
  }

  /** Whether a session must have come with a request that has none. Otherwise the request is anonymous. */
  isSessionMissing({ req, http }: RequestState): boolean {
    if (http.origin !== 'unseen') return false;
    if (!this.stores.areKnown && !mountedSession(req)) this.warnOnce();
    return this.stores.hideSessionOf(req);
  }

  /** Takes over the store of a request that express-session could not find a session for. */
  takeStoreOf({ req }: RequestState): void {
    this.stores.take(req);
  }

  /** Shows requests to `inspection` until it has seen enough. */
  inspect(inspection: Inspection): void {
    this.inspections = [...this.inspections, inspection];
  }

  /** Requests that are not activity although they do not say so, for those that never reach their handler. */
  leaveOut(isPassive: (req: Request) => boolean): void {
    this.leftOut = isPassive;
  }

  /** Gives the session stores back. */
  close(): void {
    this.stores.release();
  }

  /**
   * express-session may be mounted after us, and may fail at the row of the first request. Its store has to be known
   * for that to be told.
   */
  private takeStoreLater({ req, res }: RequestState): void {
    if (this.stores.areKnown || !res) return;
    res.once('close', () => {
      if (knownHttpSession(req)?.hasStore) this.stores.take(req);
    });
  }

  /** Whether a request is activity, although it is refused before it reaches a handler. */
  private isActivity(req: Request): boolean {
    return !saysPassive(req) && !this.settings.isPassiveRoute(req, requestedPath(req)) && !this.leftOut(req);
  }

  private judgeAndTell(state: RequestState): MaybePromise<RequestSession> {
    const { req, http } = state;
    this.stores.take(req);
    // Another application in this process may use the same store, with a ledger of its own.
    const isForeign = http.application !== undefined && http.application !== this.hooks;
    if (isForeign) Object.assign(state, { ahead: undefined, owner: undefined });
    http.application = this.hooks;
    const isUnknown = http.origin === 'unseen' || (isForeign && http.isReused);
    const known = isUnknown ? http.learnOrigin(presentedSessionId(req, this.settings.cookieName)) : undefined;
    return chain(known, () =>
      chain(
        this.judge.judge(state, () => this.isActivity(req)),
        (decision) =>
          chain(this.doAndTell(state, decision), (session) => {
            if (this.inspections.length > 0) this.runInspections(state, session);
            return session;
          }),
      ),
    );
  }

  /** express-session is about to write a session, or a handler that saves it. */
  private saving(session: HttpSession): MaybePromise<boolean> {
    const state = stateOfSession(session);
    return state.isWithheld ? false : chain(this.write(state), (decision) => !decision);
  }

  /**
   * Carries out what follows from whose the session is now, before it is written. One after the other, as a handler may
   * save a session twice at once.
   */
  private write(state: RequestState): MaybePromise<Decision | undefined> {
    if (state.changing) return state.changing.then(() => this.write(state));
    const decision = this.judge.judgeWriting(state);
    if (!decision) return undefined;
    const done = this.doAndTell(state, decision);
    if (!isPromise(done)) return decision;
    state.changing = done.then(noop, noop).finally(() => (state.changing = undefined));
    return done.then(() => decision);
  }

  /** The id of a session has to change before headers go out. The rest is done while they do. */
  private writeEarly(state: RequestState): void {
    if (!state.settles || !state.http.exists) return;
    void attempt(
      () => this.write(state),
      noop,
      (error) => this.logger.error('A session could not be stored', error instanceof Error ? error.stack : error),
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
    if (state.phases || !state.http.exists || !state.hasResponse) return;
    state.phases = new ResponsePhases(state.res, this.phases, state);
  }

  private runInspections(state: RequestState, session: RequestSession): void {
    this.inspections = this.inspections.filter((inspect) => !inspect(state, session));
  }

  private warnOnce(): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.logger.error(
      'There is no session on the request, and there was none on any request before. Sessions cannot end. Mount ' +
        'express-session before app.listen(): app.use(session({ secret, resave: false, saveUninitialized: false })).',
    );
  }
}

const noop = () => undefined;
