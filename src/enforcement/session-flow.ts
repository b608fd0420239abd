import { Inject, Injectable } from '@nestjs/common';
import type { NextFunction, Request } from 'express';
import { presentedSessionId } from '../express-session/presented-cookie.js';
import { type Phases, ResponsePhases } from '../express-session/response-phases.js';
import { touchRow } from '../express-session/store/lasting-request.js';
import type { StoreHooks } from '../express-session/store/store-hooks.js';
import { chain, isPromise, type MaybePromise } from '../base/maybe-promise.js';
import { noop } from '../base/noop.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import type { Reason } from '../policy/reason.js';
import type { Decision } from './lifecycle/decision.js';
import { NOBODY, ownerOf } from './lifecycle/identity.js';
import {
  changeInTurn,
  currentSession,
  type LiveSession,
  type RequestSession,
  type RequestState,
  setAnonymous,
} from './lifecycle/request-session.js';
import { RequestSessions } from './lifecycle/request-sessions.js';
import { SessionJudge } from './lifecycle/session-judge.js';
import { SessionMoves } from './lifecycle/session-moves.js';
import { StoreObserver } from './lifecycle/store-observer.js';
import { ReportMode } from './report/report-mode.js';
import { ApplicationStores } from './request/application-stores.js';
import { AuditedWork } from './request/audited-work.js';
import { Inspections } from './request/inspections.js';
import { LongRequests } from './request/long-requests.js';
import { exceptionFor, storeAway } from './answer/refusal.js';
import { RequestExplainer } from './request/request-explainer.js';
import { UnservedActivity } from './request/unserved-activity.js';
import { SessionHeaders } from './answer/session-headers.js';
import { SessionWriting } from './session-writing.js';

/**
 * The path of a request, in one direction. The session and its record are judged, the decision is carried out in one
 * place, and the answer says what has become of the session. A session that is written takes the same path. Middleware,
 * guard, routes and service all call this class, and a request is judged only once.
 */
@Injectable()
export class SessionFlow {
  private readonly hooks: StoreHooks;
  readonly stores: ApplicationStores;
  private readonly writing: SessionWriting;
  private readonly phases: Phases<RequestState>;
  /** The inspections that look at requests to find doubtful settings. */
  readonly inspections = new Inspections();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly judge: SessionJudge,
    private readonly sessions: RequestSessions,
    private readonly moves: SessionMoves,
    private readonly headers: SessionHeaders,
    private readonly report: ReportMode,
    private readonly explainer: RequestExplainer,
    private readonly longRequests: LongRequests,
    private readonly audited: AuditedWork,
    private readonly unserved: UnservedActivity,
    observer: StoreObserver,
  ) {
    this.phases = this.phasesOfAnswer();
    this.writing = new SessionWriting(judge, report, (state, decision) => this.doAndTell(state, decision));
    const saving: StoreHooks['saving'] = (session) => this.writing.saving(session);
    const judgeNow = (state: RequestState) => this.arrive(state);
    const hooks = observer.hooks({ serves: (req) => this.stores.serves(req), saving, judge: judgeNow });
    this.hooks = explainer.following(audited.over(report.over(hooks)));
    this.stores = new ApplicationStores(this.hooks);
  }

  /** Does the work of a request, for the audit trail. */
  during<T>(req: Request, work: () => T): T {
    return this.audited.during(req, work);
  }

  /** The request's session; `undefined` if there is none on the request (yet). Tells of an end that was not told yet. */
  arrive(state: RequestState): MaybePromise<RequestSession | undefined> {
    if (this.settings.debug) this.explainer.follow(state);
    const current = currentSession(state);
    if (current) return current.kind === 'ended' && !state.phases ? this.tell(state, current) : current;
    if (!state.http.exists) return undefined;

    // The session is on its way to a new id, which has no timeline yet.
    if (state.changing) return state.changing.then(() => this.arrive(state));
    if (state.judging) return state.judging;
    const session = this.judgeAndTell(state);
    if (!isPromise(session)) return session;
    const settled = () => void (state.judging = undefined);
    session.then(settled, settled);
    return (state.judging = session);
  }

  private judgeAndTell(state: RequestState): MaybePromise<RequestSession> {
    const { req, http } = state;
    state.isJudgedEarly = req.complete === false;
    this.stores.take(http.store);
    // Another application in this process may use the same store with its own ledger.
    const isForeign = http.application !== undefined && http.application !== this.hooks;
    if (isForeign) {
      state.ahead = undefined;
      state.owner = undefined;
    }
    http.application = this.hooks;
    const isUnknown = http.origin === 'unseen' || (isForeign && http.isReused);
    const known = isUnknown ? http.learnOrigin(presentedSessionId(req, this.settings.cookieName)) : undefined;
    const judged = () =>
      chain(
        this.judge.judge(state, () => (state.hasResponse ? this.unserved.idleFor(req, http.key) : undefined)),
        (decision) => this.doAndTell(state, decision),
      );
    return chain(known, () => this.report.harmless(judged, () => this.leaveUnjudged(state)));
  }

  private doAndTell(state: RequestState, decision: Decision): MaybePromise<RequestSession> {
    return chain(this.report.instead(decision), (carriedOut) =>
      chain(this.sessions.carryOut(state, carriedOut), (session) => this.tell(state, session)),
    );
  }

  private tell(state: RequestState, session: RequestSession): RequestSession {
    if (session.kind !== 'anonymous' || state.turnedAway) this.installPhases(state);
    this.headers.publish(state);
    this.inspections.run(state, session);
    return session;
  }

  /**
   * Returns the request's session as it is now. Checks a session again if it is past a limit by now, as far as the request
   * knows, if it was judged before a slow body had come, and for a lasting request, such as that of a WebSocket.
   */
  lookAgain(state: RequestState): MaybePromise<RequestSession | undefined> {
    const current = currentSession(state);
    if (current?.kind !== 'live' || this.report.isOn) return this.arrive(state);
    const { isJudgedEarly } = state;
    state.isJudgedEarly = false;
    const isSettled = state.hasResponse && !isJudgedEarly && !this.sessions.isOver(current);
    if (isSettled) return this.arrive(state);
    return chain(this.sessions.lookAgain(state, current, isJudgedEarly), (session) => {
      this.headers.publish(state);
      return session;
    });
  }

  /**
   * Looks for a sign-in when the handler is done, before its answer leaves. Call it again when other code may have
   * wrapped the response.
   */
  settleAtEnd(state: RequestState): void {
    state.settles = true;
    this.installPhases(state);
    state.phases?.goFirst();
  }

  /** Records activity of the request's session `idleFor` milliseconds ago. */
  advance(state: RequestState, session: LiveSession, idleFor = 0): MaybePromise<void> {
    return this.report.harmless(
      () =>
        chain(this.sessions.advance(session, idleFor), () => {
          if (!state.hasResponse) touchRow(state.req);
          this.headers.publish(state);
        }),
      noop,
    );
  }

  /**
   * Gives the request's session a new id. Both limits restart, or only the idle limit.
   *
   * @throws Error if there is no session on the request, or no answer that can carry the new cookie
   */
  async renew(state: RequestState, restartLimits: boolean): Promise<RequestSession> {
    const change = () => {
      const { http, session } = state;
      if (!state.canChangeId) {
        throw new Error(
          'renew(req) needs a response that carries the new cookie. Call it in a handler of HTTP, before headers are sent.',
        );
      }
      if (!http.exists) throw new Error('renew(req) needs a session on the request, but there is none.');
      const from = session?.kind === 'live' ? { isTracked: true, user: session.user } : NOBODY;
      state.outcome = { what: 'activity', why: 'renew()' };
      const startedAt = session?.kind === 'live' && !restartLimits ? session.startedAt : undefined;
      return this.moves.move(state, ownerOf(http.data, this.settings), from, () => ({ startedAt }));
    };
    const work = () => changeInTurn(state, () => this.sessions.unlessOver(state, change));
    const moved = await this.during(state.req, work).catch((error: unknown) => this.writing.fail(state, error));
    return this.tell(state, moved);
  }

  /** Signs out the session of the request, tracked or not. Returns true if this call ended a tracked session. */
  async signOut(state: RequestState, reason: Reason): Promise<boolean> {
    const change = async () => {
      if (!state.http.exists) return false;
      this.installPhases(state);
      return this.sessions.signOut(state, reason);
    };
    const first = await this.during(state.req, () => changeInTurn(state, change));
    this.headers.publish(state);
    return first;
  }

  /**
   * Refuses a request without a session if it should have one, because its store is disconnected. Refuses nothing in
   * report mode.
   *
   * @throws SessionUnavailableException (503)
   */
  refuseIfSessionIsMissing(state: RequestState): void {
    if (this.stores.isSessionMissing(state) && !this.report.isOn) throw storeAway(state.req, state.res);
  }

  private leaveUnjudged(state: RequestState): RequestSession {
    state.outcome = { what: 'not judged', why: 'see the log' };
    return this.tell(state, setAnonymous(state));
  }

  /** Installs the phases once per response, when they are needed first. */
  private installPhases(state: RequestState): void {
    if (state.phases || !state.http.exists || !state.hasResponse) return;
    state.phases = new ResponsePhases(state.res, this.phases, state);
  }

  /** What is done in each phase of an answer. */
  private phasesOfAnswer(): Phases<RequestState> {
    return {
      settle: (state) =>
        state.settles && state.http.exists ? this.during(state.req, () => this.writing.settle(state)) : undefined,
      settleEarly: (state) => this.during(state.req, () => this.writing.writeEarly(state)),
      ending: this.settings.audit && ((state, end) => this.during(state.req, end)),
      commit: (state) => (this.report.leavesAlone(state) ? undefined : this.sessions.prepareCommit(state)),
      complete: (state) => {
        // With `unset: 'destroy'`, express-session destroys the session just before headers go out.
        if (!this.report.leavesAlone(state)) this.sessions.noticeEnd(state);
        this.headers.write(state);
      },
      release: (state) => {
        state.http.show();
        this.longRequests.follow(state);
      },
      failed: (error, state) => {
        // The session stays as it was. What the handler has put into it belongs to an answer that is not sent.
        state.withholdsAll = true;
        // Nest's filters answer the error that Express gets here.
        (state.req.next as NextFunction)(exceptionFor(state.res, error));
      },
    };
  }
}
