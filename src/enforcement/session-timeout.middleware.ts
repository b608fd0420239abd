import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { chain, isPromise } from '../ledger/maybe-promise.js';
import { unavailable } from './request/refusal.js';
import { SessionJudge } from './lifecycle/session-judge.js';

/**
 * Judges the session of each request before anything else sees it: an ended one goes no further.
 * The module mounts it by itself; routers that the application mounts with `app.use()` before
 * `listen()` come earlier and need it mounted before them:
 *
 * @example
 * app.use(session({ … }));
 * app.use(app.get(SessionTimeoutMiddleware).use);
 * app.use('/admin/queues', queuesRouter);
 */
@Injectable()
export class SessionTimeoutMiddleware implements NestMiddleware<Request, Response> {
  constructor(private readonly judge: SessionJudge) {}

  readonly use = (req: Request, res: Response, next: NextFunction): void => {
    const fail = (error: unknown) => next(unavailable(res, error));
    try {
      const judged = chain(this.judge.judge(req, res), () => undefined);
      if (isPromise(judged)) judged.then(() => next(), fail);
      else next();
    } catch (error) {
      fail(error);
    }
  };
}
