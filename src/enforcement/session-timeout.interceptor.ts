import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { Observable } from 'rxjs';
import { isPromise, type MaybePromise } from '../ledger/activity-ledger.js';
import { unavailable } from './refusal.js';
import { requestOf } from './request-of.js';
import { SessionJudge } from './session-judge.js';
import { StreamDeadline } from './stream-deadline.js';
import { visitOf } from './visit.js';

/**
 * Gives a session that a handler began its timeline before the response leaves, and ends event
 * streams with their session. Other observables are left alone.
 */
@Injectable()
export class SessionTimeoutInterceptor implements NestInterceptor {
  constructor(
    private readonly judge: SessionJudge,
    private readonly deadline: StreamDeadline,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const req = requestOf(context);
    if (!req) return next.handle();
    if (Reflect.getMetadata(SSE_METADATA, context.getHandler()) === true) {
      const visit = visitOf(req);
      return visit?.kind === 'live' ? this.deadline.limit(next.handle(), req, visit) : next.handle();
    }
    return thenBeforeComplete(
      next.handle(),
      () => this.judge.settle(req, req.res),
      (error) => unavailable(req.res, error),
    );
  }
}

/** Lets a source complete only when `action` is done; at once if it has nothing to wait for. */
function thenBeforeComplete<T>(
  source: Observable<T>,
  action: () => MaybePromise<unknown>,
  explain: (error: unknown) => unknown,
): Observable<T> {
  return new Observable((subscriber) => {
    const fail = (error: unknown) => subscriber.error(explain(error));
    return source.subscribe({
      next: (value) => subscriber.next(value),
      error: (error: unknown) => subscriber.error(error),
      complete: () => {
        try {
          const acting = action();
          if (isPromise(acting)) acting.then(() => subscriber.complete(), fail);
          else subscriber.complete();
        } catch (error) {
          fail(error);
        }
      },
    });
  });
}
