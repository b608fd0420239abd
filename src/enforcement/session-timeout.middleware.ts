import { Injectable, type NestMiddleware } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { attempt } from '../base/maybe-promise.js';
import { internal } from './internals.js';
import { type RequestState, stateOf } from './lifecycle/request-session.js';
import { exceptionFor } from './answer/refusal.js';
import { SessionFlow } from './session-flow.js';
import { UnreadableSessionHandler } from './unreadable-session.handler.js';

/**
 * Checks the session of each request before any other code sees it. If the session has ended, no code after this
 * middleware sees it. The module mounts the middleware itself. But routers that the application mounts with `app.use()`
 * before `listen()` come earlier. Mount the middleware before them:
 *
 * @example
 * app.use(session({ … }));
 * app.use(app.get(SessionTimeoutMiddleware).use);
 * app.use('/admin/queues', queuesRouter);
 *
 * @example
 * consumer.apply(session({ … }), SessionTimeoutMiddleware, QueuesMiddleware).forRoutes('{*path}');
 */
@Injectable()
export class SessionTimeoutMiddleware implements NestMiddleware<Request, Response> {
  private found: { readonly flow: SessionFlow; readonly unreadable: UnreadableSessionHandler } | undefined;

  constructor(private readonly moduleRef: ModuleRef) {}

  readonly use = (req: Request, res: Response, next: NextFunction): void => {
    this.parts.flow.during(req, () => this.admit(stateOf(req, res), next));
  };

  private admit(state: RequestState, next: NextFunction): void {
    const { flow, unreadable } = this.parts;
    void attempt(
      () => flow.arrive(state),
      () => {
        if (isUnreadable(state)) return this.refuse(unreadable, state, next);
        // The next router may answer. If others may know the id of the session, a sign-in has to change it in time.
        if (state.http.isReused) flow.settleAtEnd(state);
        next();
      },
      (error) => next(exceptionFor(state.res, error)),
    );
  }

  private refuse(unreadable: UnreadableSessionHandler, state: RequestState, next: NextFunction): void {
    try {
      unreadable.answer(state, next);
    } catch (error) {
      // A function of the application has failed. Nobody else would hear of it, because the answer comes later.
      next(error);
    }
  }

  /** Nest creates a middleware in the module that applies it, which may not import these providers. */
  private get parts() {
    return (this.found ??= {
      flow: internal(this.moduleRef, SessionFlow),
      unreadable: internal(this.moduleRef, UnreadableSessionHandler),
    });
  }
}

/**
 * Whether the session could not be read and has been ended, so that the request has to be answered here. In report
 * mode, it has not been ended.
 */
function isUnreadable({ http, session, hasResponse }: RequestState): boolean {
  return http.fault !== undefined && session?.kind === 'ended' && hasResponse;
}
