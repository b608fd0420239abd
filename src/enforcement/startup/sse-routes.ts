import { Injectable } from '@nestjs/common';
import { INTERCEPTORS_METADATA, SSE_METADATA } from '@nestjs/common/constants.js';
import { ControllerExplorer } from './controller-explorer.js';
import { SessionTimeoutInterceptor } from '../session-timeout.interceptor.js';

/** Finds the `@Sse()` handlers. */
@Injectable()
export class SseRoutes {
  constructor(
    private readonly controllers: ControllerExplorer,
    private readonly interceptor: SessionTimeoutInterceptor,
  ) {}

  /** Adds our interceptor to them. Nest reads the interceptors when it registers the routes, after this. */
  intercept(): void {
    for (const handler of this.handlers()) {
      const others = ((Reflect.getMetadata(INTERCEPTORS_METADATA, handler) ?? []) as unknown[]).filter(
        // Drop the one of another application in this process, which has registered its routes by now.
        (interceptor) => !(interceptor instanceof SessionTimeoutInterceptor),
      );
      Reflect.defineMetadata(INTERCEPTORS_METADATA, [this.interceptor, ...others], handler);
    }
  }

  private handlers(): object[] {
    return this.controllers
      .all()
      .flatMap((controller) => this.controllers.handlersOf(controller))
      .map(({ handler }) => handler)
      .filter((handler) => Reflect.getMetadata(SSE_METADATA, handler) === true);
  }
}
