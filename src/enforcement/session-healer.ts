import { Inject, Injectable, Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { hasSession } from '../express-session/http-session.js';
import { presentedSessionId } from '../express-session/presented-cookie.js';
import { sessionKey } from '../express-session/session-key.js';
import { sessionUnavailable, unavailable } from './refusal.js';
import { SessionLifecycle } from './session-lifecycle.js';
import { SETTINGS, type Settings } from './settings.js';

/** What express-session and the stores throw at a row they cannot read, as opposed to a store that is down. */
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
    private readonly lifecycle: SessionLifecycle,
  ) {}

  // Express knows error handlers by their four parameters.
  readonly use = (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    if (!this.isAboutSession(req)) return next(error);
    if (!UNREADABLE.has((error as Error | undefined)?.name ?? '')) {
      this.logger.error('The session store failed', error instanceof Error ? error.stack : error);
      return next(sessionUnavailable(res, error));
    }
    this.logger.warn(`A stored session cannot be read and was ended: ${(error as Error).message}`);
    this.lifecycle.watch(req);
    this.lifecycle.expire(req, res, sessionKey(req.sessionID), 'lost').then(
      () => next(),
      (failure: unknown) => next(unavailable(res, failure)),
    );
  };

  /** express-session names the session before it reads it; the signature of its cookie has been checked then. */
  private isAboutSession(req: Request): boolean {
    return (
      !hasSession(req) &&
      Boolean(req.sessionStore) &&
      typeof req.sessionID === 'string' &&
      presentedSessionId(req, this.settings.cookieName) === req.sessionID
    );
  }
}
