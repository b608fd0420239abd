import { Inject, Injectable, Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { hasSession } from '../express-session/http-session.js';
import { isPresented } from '../express-session/presented-cookie.js';
import { sessionKey } from '../express-session/session-key.js';
import { refusal, sessionUnavailable, unavailable } from './request/refusal.js';
import { SessionJudge } from './lifecycle/session-judge.js';
import { SessionEnder } from './lifecycle/request-sessions.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { visitOf } from './lifecycle/request-session.js';

/** What express-session and the stores throw at a row they cannot read. */
const UNREADABLE = new Set(['SyntaxError', 'TypeError', 'RangeError']);

/**
 * Ends sessions whose rows express-session cannot read. Without it each request with such a cookie is
 * answered with 500, until its user finds out how to delete cookies. A store that is down gets 503.
 */
@Injectable()
export class SessionHealer {
  private readonly logger = new Logger('SessionTimeout');

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly judge: SessionJudge,
    private readonly ender: SessionEnder,
  ) {}

  // Express knows error handlers by their four parameters.
  readonly use = (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    if (!this.isAboutSession(req)) {
      void this.judgeAllTheSame(req, res).then(() => next(error));
    } else if (isUnreadable(error)) {
      this.heal(error, req, res).then(next, (failure: unknown) => next(unavailable(res, failure)));
    } else {
      this.logger.error('The session store failed', error instanceof Error ? error.stack : error);
      next(sessionUnavailable(res, error));
    }
  };

  /** An error before our middleware, like a body that is no JSON: its answer still tells how the session stands. */
  private async judgeAllTheSame(req: Request, res: Response): Promise<void> {
    if (visitOf(req) || !hasSession(req)) return;
    try {
      await this.judge.judge(req, res);
    } catch {
      // The first error is the one to answer.
    }
  }

  /**
   * The request goes on as an anonymous one if it can: with the error Express has skipped what comes
   * before us, body parsers too, so that only requests without a body can.
   */
  private async heal(error: Error, req: Request, res: Response): Promise<Error | undefined> {
    const key = sessionKey(req.sessionID);
    // Not the message: it may quote what is stored.
    this.logger.warn(`The stored session ${key} cannot be read (${error.name}) and was ended`);
    this.ender.watch(req);
    const visit = await this.ender.expire(req, res, key, 'lost');
    if (req.method === 'GET' || req.method === 'HEAD') return undefined;
    return refusal(req, res, visit, this.settings);
  }

  /** express-session names the session before it reads it; the signature of its cookie has been checked then. */
  private isAboutSession(req: Request): boolean {
    return (
      !hasSession(req) &&
      Boolean(req.sessionStore) &&
      typeof req.sessionID === 'string' &&
      isPresented(req, req.sessionID, this.settings.cookieName)
    );
  }
}

/** Whether the row is at fault, as opposed to a store that is down: network errors carry a code or a cause. */
function isUnreadable(error: unknown): error is Error {
  const { name = '', code, cause } = (error ?? {}) as { name?: string; code?: unknown; cause?: unknown };
  return UNREADABLE.has(name) && code === undefined && cause === undefined;
}
