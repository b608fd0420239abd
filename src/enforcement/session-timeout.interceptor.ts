import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import type { Observable } from 'rxjs';
import { requestOf } from './request/request-of.js';
import { StreamDeadline } from './lifecycle/session-lifetime.js';
import { visitOf } from './lifecycle/request-session.js';

/**
 * Ends event streams with their session; other observables are left alone. The module puts it on the
 * handlers that are `@Sse()`: an interceptor for all of them would cost each request more than the whole
 * rest of this package.
 */
@Injectable()
export class SessionTimeoutInterceptor implements NestInterceptor {
  constructor(private readonly deadline: StreamDeadline) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const req = requestOf(context);
    const visit = req && visitOf(req);
    const isStream = Reflect.getMetadata(SSE_METADATA, context.getHandler()) === true;
    return isStream && visit?.kind === 'live' ? this.deadline.limit(next.handle(), req!, visit) : next.handle();
  }
}
