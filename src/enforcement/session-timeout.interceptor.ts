import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { internal } from './internals.js';
import { knownState } from './lifecycle/request-session.js';
import { SessionLifetime } from './lifecycle/session-lifetime.js';
import { requestOf } from './request/request-of.js';
import { isEventStream } from './route-metadata.js';

/**
 * Ends event streams together with their session, and leaves other observables alone. The module adds it only to
 * handlers with `@Sse()`, because a global interceptor would cost each request more than the rest of this package. To
 * change this, extend the class and provide the subclass as `APP_INTERCEPTOR`, or name it in `@UseInterceptors()`: it
 * replaces this interceptor.
 */
@Injectable()
export class SessionTimeoutInterceptor implements NestInterceptor {
  constructor(private readonly moduleRef: ModuleRef) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.isStream(context)) return next.handle();
    const lifetime = internal(this.moduleRef, SessionLifetime);
    const req = requestOf(context);
    const session = req && knownState(req)?.session;
    return session?.kind === 'live' ? lifetime.endWithSession(next.handle(), req!, session) : next.handle();
  }

  /** Whether what the handler returns is a stream that has to end with its session. Default: `@Sse()`. */
  protected isStream(context: ExecutionContext): boolean {
    return isEventStream(context.getHandler());
  }
}
