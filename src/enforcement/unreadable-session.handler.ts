import { Inject, Injectable } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { noop } from '../base/noop.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { isSafeReturnTo } from '../wire/return-path.js';
import { type EndedSession, type RequestState, stateOf } from './lifecycle/request-session.js';
import { isNavigation } from './request/navigation.js';
import { browserUrl } from './request/proxy-prefix.js';
import { UnservedActivity } from './request/unserved-activity.js';
import { exceptionFor, refusal, storeFailed } from './answer/refusal.js';
import { SessionUnavailableException } from './answer/session-unavailable.exception.js';
import { SessionFlow } from './session-flow.js';

/**
 * Answers requests whose stored session cannot be read, and ends the session. Otherwise, each request with such a
 * cookie would get 500 until the user deletes the cookie. If the store is down, the answer is 503, and the session
 * stays.
 */
@Injectable()
export class UnreadableSessionHandler {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly flow: SessionFlow,
    private readonly unserved: UnservedActivity,
  ) {}

  // Express recognises error handlers by their four parameters.
  readonly use = (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    // Our own errors have been handled.
    if (error instanceof SessionUnavailableException) return next(error);
    const state = stateOf(req, res);
    const isOurs = state.http.isMissing && this.settings.mode === 'enforce';
    const handling = isOurs ? this.handleFailure(error, state, next) : this.passOn(error, state, next);
    handling.catch((failure: unknown) => next(exceptionFor(res, failure)));
  };

  /**
   * Answers a request whose session could not be read and has been ended. A page is loaded once more, as a visitor's,
   * because code after express-session has seen an unusable session. Every other request is refused.
   */
  answer(state: RequestState, next: NextFunction): void {
    const { req, res } = state;
    // The application has answered itself, for example because this took too long.
    if (res.headersSent) return;
    const session = state.session as EndedSession;
    const url = browserUrl(req);
    const isPageLoad = req.method === 'GET' && isNavigation(req) && isSafeReturnTo(url);
    if (isPageLoad && session.first) {
      res.setHeader('Cache-Control', 'no-store');
      res.redirect(303, url);
    } else {
      state.answerer = { tells: true };
      next(refusal(req, res, session, this.settings));
    }
  }

  /**
   * Passes on an error from before our middleware, such as a malformed body. The answer still contains the session
   * status.
   */
  private async passOn(error: unknown, state: RequestState, next: NextFunction): Promise<void> {
    if (!state.session) {
      try {
        await this.flow.arrive(state);
      } catch {
        // The first error is the one to answer.
      }
    }
    next(error);
  }

  /** Handles a failure of express-session to find the session of a request. */
  private async handleFailure(error: unknown, state: RequestState, next: NextFunction): Promise<void> {
    this.flow.stores.take(state.http.store);
    switch (await state.http.findFault(error)) {
      case 'in the row':
        await this.flow.arrive(state);
        return this.answer(state, next);
      case 'in the store':
        // Nobody waits for this. The ledger may fail, too, and so may a function of the application that needs the session.
        void this.unserved.record(state.req, state.http.key).catch(noop);
        return next(storeFailed(state.req, state.res, error));
      case 'elsewhere':
        return next(error);
    }
  }
}
