import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor, type Type } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import type { Request } from 'express';
import { ControllerExplorer, type Handler } from './controller-explorer.js';
import { isSubclass } from './global-enhancers.js';
import { isEventStream } from '../route-metadata.js';
import { SessionTimeoutInterceptor } from '../session-timeout.interceptor.js';

/** The interceptors of all applications in this process, by their Express applications. */
const interceptors = new WeakMap<object, SessionTimeoutInterceptor>();

/**
 * Ends event streams with the interceptor of the application that serves the request. Applications in one process may
 * have the same controllers, and may start at the same time. So this one object is put on the handlers for all of them.
 */
const endingStreams: NestInterceptor = {
  intercept(context: ExecutionContext, next: CallHandler) {
    const { app } = context.switchToHttp().getRequest<Request>();
    return interceptors.get(app)?.intercept(context, next) ?? next.handle();
  },
};

/** Puts our interceptor on the `@Sse()` handlers. */
@Injectable()
export class SseRoutes {
  constructor(
    private readonly controllers: ControllerExplorer,
    private readonly config: ApplicationConfig,
    private readonly interceptor: SessionTimeoutInterceptor,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /**
   * Adds our interceptor, unless the application has put it or a subclass there itself. Nest reads the interceptors
   * later, when it registers the routes.
   */
  intercept(): void {
    const perRequest = this.config.getGlobalRequestInterceptors().map(({ metatype }) => metatype);
    if ([...this.config.getGlobalInterceptors(), ...perRequest].some(isOurs)) return;
    interceptors.set(this.adapterHost.httpAdapter.getInstance<object>(), this.interceptor);
    for (const { controller, handler } of this.streams()) {
      const others = interceptorsOf(handler);
      // A handler that several controllers inherit is left alone only if all of them name our interceptor or a
      // subclass.
      if ([...others, ...interceptorsOf(controller)].some(isOurs)) continue;
      Reflect.defineMetadata(INTERCEPTORS_METADATA, [endingStreams, ...others], handler);
    }
  }

  private streams(): { controller: Type<unknown>; handler: Handler }[] {
    return this.controllers
      .all()
      .flatMap((controller) => this.controllers.handlersOf(controller).map(({ handler }) => ({ controller, handler })))
      .filter(({ handler }) => isEventStream(handler));
  }
}

function isOurs(interceptor: unknown): boolean {
  return (
    interceptor === endingStreams ||
    interceptor instanceof SessionTimeoutInterceptor ||
    isSubclass(interceptor, SessionTimeoutInterceptor)
  );
}

function interceptorsOf(target: Handler | Type<unknown>): unknown[] {
  return Reflect.getMetadata(INTERCEPTORS_METADATA, target) ?? [];
}
