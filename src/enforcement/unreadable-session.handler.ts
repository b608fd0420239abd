import { Inject, Injectable, Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { unreadSession } from '../express-session/http-session.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { type EndedSession, type RequestState, stateOf } from './lifecycle/request-session.js';
import { refusal, sessionUnavailable, unavailable } from './request/refusal.js';
import { SessionFlow } from './session-flow.js';

/** The errors that express-session and the stores throw if they cannot read a row. */
const UNREADABLE = new Set(['SyntaxError', 'TypeError', 'RangeError']);

/**
 * Ends sessions whose stored rows express-session cannot read. Otherwise each request with such a cookie would get 500
 * until the user deletes the cookie. If the store is down, the answer is 503.
 */
@Injectable()
export class UnreadableSessionHandler {
  private readonly logger = new Logger('SessionTimeout');

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly flow: SessionFlow,
  ) {}

  // Express recognises error handlers by their four parameters.
  readonly use = (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    // express-session sets the session id before it reads the session, and after it has checked the cookie's signature.
    const session = unreadSession(req, this.settings.cookieName);
    const state = stateOf(req, res);
    if (!session) {
      void this.judgeAllTheSame(state).then(() => next(error));
    } else if (isUnreadable(error)) {
      this.end(error, session.key, state).then(next, (failure: unknown) => next(unavailable(res, failure)));
    } else {
      this.logger.error('The session store failed', error instanceof Error ? error.stack : error);
      next(sessionUnavailable(res, error));
    }
  };

  /** For an error before our middleware, such as a malformed body: the answer still contains the session status. */
  private async judgeAllTheSame(state: RequestState): Promise<void> {
    if (state.session) return;
    try {
      await this.flow.arrive(state);
    } catch {
      // The answer is about the first error.
    }
  }

  /**
   * Ends the session. A request without a body goes on as an anonymous one. Others are refused, because Express has
   * skipped the body parsers after the error.
   */
  private async end(error: Error, key: string, state: RequestState): Promise<Error | undefined> {
    // Not the message, because it may quote the stored data.
    this.logger.warn(`The stored session ${key} cannot be read (${error.name}) and was ended`);
    const session = await this.flow.carryOut(state, { kind: 'expire', key, reason: 'lost', subject: {} });
    const { req, res } = state;
    if (req.method === 'GET' || req.method === 'HEAD') return undefined;
    state.answerer = { tells: true };
    return refusal(req, res, session as EndedSession, this.settings);
  }
}

/** Whether the row cannot be read. If the store is down instead, the network error has a code or a cause. */
function isUnreadable(error: unknown): error is Error {
  const { name = '', code, cause } = (error ?? {}) as { name?: string; code?: unknown; cause?: unknown };
  return UNREADABLE.has(name) && code === undefined && cause === undefined;
}
