import type { HttpSession } from '../express-session/http-session.js';
import { attempt, isPromise, type MaybePromise } from '../base/maybe-promise.js';
import { noop } from '../base/noop.js';
import { refusedSignIn } from './answer/refusal.js';
import type { Decision } from './lifecycle/decision.js';
import { noteChange, type RequestState, stateOfSession } from './lifecycle/request-session.js';
import type { SessionJudge } from './lifecycle/session-judge.js';
import type { ReportMode } from './report/report-mode.js';
import { TooManySessionsError } from './timelines/place.errors.js';
import { log } from './timelines/events/log.js';

/** Handles a session before it is written, because its owner may have changed. */
export class SessionWriting {
  /** @param doAndTell carries out a decision and publishes the result */
  constructor(
    private readonly judge: SessionJudge,
    private readonly report: ReportMode,
    private readonly doAndTell: (state: RequestState, decision: Decision) => MaybePromise<unknown>,
  ) {}

  /** Called when express-session or a handler is about to write a session. */
  saving(session: HttpSession): MaybePromise<boolean> {
    const state = stateOfSession(session);
    if (state.isWithheld) return false;
    return attempt(
      () => this.write(state),
      (decision) => !decision,
      (error) => this.fail(state, error),
    );
  }

  /**
   * Carries out the decision about the owner of the session, before the session is written. Calls run one after
   * another, because a handler may save a session twice at once.
   */
  write(state: RequestState): MaybePromise<Decision | undefined> {
    return this.report.harmless(() => this.writeInTurn(state), noop);
  }

  /** The same before the answer ends. If the handler knows that its sign-in was refused, its own answer counts. */
  settle(state: RequestState): MaybePromise<Decision | undefined> {
    if (state.refusedUser === undefined || this.judge.userOf(state) !== state.refusedUser) return this.write(state);
    state.withholdsAll = true;
    return undefined;
  }

  /** Throws the error that the handler gets, and notes if this tells the handler that its sign-in was refused. */
  fail(state: RequestState, error: unknown): never {
    if (error instanceof TooManySessionsError) state.refusedUser = this.judge.userOf(state);
    // The handler may pass it on, and filters of the application may catch it.
    throw refusedSignIn(error);
  }

  private writeInTurn(state: RequestState): MaybePromise<Decision | undefined> {
    if (state.isWithheld) return undefined;
    if (state.changing) return state.changing.then(() => this.writeInTurn(state));
    const decision = this.judge.judgeWriting(state);
    if (!decision) return undefined;
    if (decision.kind === 'begin' || decision.kind === 'move')
      state.outcome = { what: 'activity', why: 'session started' };
    const done = this.doAndTell(state, decision);
    if (!isPromise(done)) return decision;
    noteChange(state, done);
    return done.then(() => decision);
  }

  /** Changes the id of a session before the headers go out. The rest is done while they go out. */
  writeEarly(state: RequestState): void {
    // A stream may last for hours. It should not hold a copy of the session for so long.
    state.http.sparedEnd?.leave();
    if (!state.settles || !state.http.exists) return;
    void attempt(
      () => this.write(state),
      noop,
      (error) => {
        // There is an event for a refused sign-in.
        if (!(error instanceof TooManySessionsError)) log.error('A session could not be stored', error);
      },
    );
  }
}
