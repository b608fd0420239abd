import { Inject, Injectable, Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { unreadSession } from '../express-session/http-session.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { type EndedSession, type RequestState, stateOf } from './lifecycle/request-session.js';
import { refusal, sessionUnavailable, unavailable } from './request/refusal.js';
import { SessionFlow } from './session-flow.js';

/** What express-session and the stores throw at a row they cannot read. */
const UNREADABLE = new Set(['SyntaxError', 'TypeError', 'RangeError']);

/**
 * Ends sessions whose rows express-session cannot read. Without it each request with such a cookie is
 * answered with 500, until its user finds out how to delete cookies. A store that is down gets 503.
 */
@Injectable()
export class UnreadableSessionHandler {
  private readonly logger = new Logger('SessionTimeout');

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly flow: SessionFlow,
  ) {}

  // Express knows error handlers by their four parameters.
  readonly use = (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    // express-session names the session before it reads it; the signature of its cookie has been checked then.
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

  /** An error before our middleware, like a body that is no JSON: its answer still tells how the session stands. */
  private async judgeAllTheSame(state: RequestState): Promise<void> {
    if (state.session) return;
    try {
      await this.flow.arrive(state);
    } catch {
      // The first error is the one to answer.
    }
  }

  /**
   * The request goes on as an anonymous one if it can: with the error Express has skipped what comes
   * before us, body parsers too, so that only requests without a body can.
   */
  private async end(error: Error, key: string, state: RequestState): Promise<Error | undefined> {
    // Not the message: it may quote what is stored.
    this.logger.warn(`The stored session ${key} cannot be read (${error.name}) and was ended`);
    const session = await this.flow.carryOut(state, { kind: 'expire', key, reason: 'lost', subject: {} });
    const { req, res } = state;
    if (req.method === 'GET' || req.method === 'HEAD') return undefined;
    state.answerer = { tells: true };
    return refusal(req, res, session as EndedSession, this.settings);
  }
}

/** Whether the row is at fault, as opposed to a store that is down: network errors carry a code or a cause. */
function isUnreadable(error: unknown): error is Error {
  const { name = '', code, cause } = (error ?? {}) as { name?: string; code?: unknown; cause?: unknown };
  return UNREADABLE.has(name) && code === undefined && cause === undefined;
}
