import { Injectable, type Type } from '@nestjs/common';
import { INTERCEPTORS_METADATA, SSE_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig } from '@nestjs/core';
import { ControllerExplorer, type Handler } from './controller-explorer.js';
import { SessionTimeoutInterceptor } from '../session-timeout.interceptor.js';

/** Puts our interceptor on the `@Sse()` handlers. */
@Injectable()
export class SseRoutes {
  constructor(
    private readonly controllers: ControllerExplorer,
    private readonly config: ApplicationConfig,
    private readonly interceptor: SessionTimeoutInterceptor,
  ) {}

  /**
   * Adds our interceptor, unless the application has put it or a subclass there itself. Nest reads the interceptors
   * later, when it registers the routes.
   */
  intercept(): void {
    const routes = this.streams();
    // Removes interceptors of another application in this process, which has registered its routes by now.
    for (const { handler } of routes) setInterceptors(handler, interceptorsOf(handler).filter(isNoInstance));
    if (!this.config.getGlobalInterceptors().every(isNoInstance)) return;
    for (const { controller, handler } of routes) {
      const others = interceptorsOf(handler);
      // A handler that several controllers inherit is left alone only if all of them name our interceptor or a
      // subclass.
      if ([...others, ...interceptorsOf(controller)].some((interceptor) => this.isOurs(interceptor))) continue;
      setInterceptors(handler, [this.interceptor, ...others]);
    }
  }

  private streams(): { controller: Type<unknown>; handler: Handler }[] {
    return this.controllers
      .all()
      .flatMap((controller) => this.controllers.handlersOf(controller).map(({ handler }) => ({ controller, handler })))
      .filter(({ handler }) => Reflect.getMetadata(SSE_METADATA, handler) === true);
  }

  private isOurs(interceptor: unknown): boolean {
    return (
      interceptor === this.interceptor ||
      interceptor === SessionTimeoutInterceptor ||
      (typeof interceptor === 'function' && interceptor.prototype instanceof SessionTimeoutInterceptor)
    );
  }
}

function isNoInstance(interceptor: unknown): boolean {
  return !(interceptor instanceof SessionTimeoutInterceptor);
}

function interceptorsOf(target: Handler | Type<unknown>): unknown[] {
  return Reflect.getMetadata(INTERCEPTORS_METADATA, target) ?? [];
}

function setInterceptors(handler: Handler, interceptors: unknown[]): void {
  Reflect.defineMetadata(INTERCEPTORS_METADATA, interceptors, handler);
}
