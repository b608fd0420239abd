import { Injectable } from '@nestjs/common';
import { INTERCEPTORS_METADATA, SSE_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { SessionTimeoutInterceptor } from './session-timeout.interceptor.js';

/** The handlers that are `@Sse()`. */
@Injectable()
export class StreamRoutes {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly interceptor: SessionTimeoutInterceptor,
  ) {}

  /** Puts the interceptor on them. Nest reads which they have when it registers the routes. */
  intercept(): void {
    for (const handler of this.handlers()) {
      const others = ((Reflect.getMetadata(INTERCEPTORS_METADATA, handler) ?? []) as unknown[]).filter(
        // That of another application in this process, which has its routes by now.
        (interceptor) => !(interceptor instanceof SessionTimeoutInterceptor),
      );
      Reflect.defineMetadata(INTERCEPTORS_METADATA, [this.interceptor, ...others], handler);
    }
  }

  private handlers(): object[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      const prototype = metatype?.prototype as Record<string, object> | undefined;
      if (!prototype) return [];
      return this.scanner
        .getAllMethodNames(prototype)
        .map((name) => prototype[name] as object)
        .filter((handler) => Reflect.getMetadata(SSE_METADATA, handler) === true);
    });
  }
}
