import { Logger } from '@nestjs/common';
import type { HttpSession } from '../express-session/http-session.js';
import { attempt, chain, isPromise, type MaybePromise } from '../ledger/maybe-promise.js';
import type { Decision } from './lifecycle/decision.js';
import { type RequestState, stateOfSession } from './lifecycle/request-session.js';
import type { SessionJudge } from './lifecycle/session-judge.js';
import type { ReportMode } from './report/report-mode.js';

/** What is done about a session before it is written: it may have become somebody's, somebody else's or nobody's. */
export class SessionWriting {
  private readonly logger = new Logger('SessionTimeout');

  /** @param doAndTell carries a decision out and publishes what follows */
  constructor(
    private readonly judge: SessionJudge,
    private readonly report: ReportMode,
    private readonly doAndTell: (state: RequestState, decision: Decision) => MaybePromise<unknown>,
  ) {}

  /** express-session is about to write a session, or a handler that saves it. */
  saving(session: HttpSession): MaybePromise<boolean> {
    const state = stateOfSession(session);
    return state.isWithheld ? false : chain(this.write(state), (decision) => !decision);
  }

  /**
   * Carries out what follows from whose the session is now, before it is written. One after the other, as a handler may
   * save a session twice at once.
   */
  write(state: RequestState): MaybePromise<Decision | undefined> {
    return this.report.harmless(() => this.writeInTurn(state), noop);
  }

  private writeInTurn(state: RequestState): MaybePromise<Decision | undefined> {
    if (state.changing) return state.changing.then(() => this.writeInTurn(state));
    const decision = this.judge.judgeWriting(state);
    if (!decision) return undefined;
    if (decision.kind === 'begin' || decision.kind === 'move')
      state.outcome = { what: 'activity', why: 'session started' };
    const done = this.doAndTell(state, decision);
    if (!isPromise(done)) return decision;
    state.changing = done.then(noop, noop).finally(() => (state.changing = undefined));
    return done.then(() => decision);
  }

  /** The id of a session has to change before headers go out. The rest is done while they do. */
  writeEarly(state: RequestState): void {
    if (!state.settles || !state.http.exists) return;
    void attempt(
      () => this.write(state),
      noop,
      (error) => this.logger.error('A session could not be stored', error instanceof Error ? error.stack : error),
    );
  }
}

const noop = () => undefined;
