import type { CallHandler, ExecutionContext, INestApplication, NestInterceptor, Type } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { EMPTY, type Observable } from 'rxjs';
import { PassiveRoute } from '../enforcement/decorators.js';
import { isGateway } from '../enforcement/startup/gateway-check.js';
import { reportActivity } from './session-sockets.js';

/** The metadata key of `@SubscribeMessage()`. */
const MESSAGE = 'websockets:message_mapping';

type Handler = ReturnType<ExecutionContext['getHandler']>;

const reflector = new Reflector();

/** Whether messages to this handler are activity. Other messages are passive, because pages send them by themselves. */
function isActivity(handler: Handler, gateway: Type<unknown>): boolean {
  return reflector.getAllAndOverride(PassiveRoute, [handler, gateway]) === false;
}

/**
 * Counts messages as activity before they are handled, and drops messages whose session has ended. It has no state, so
 * one interceptor serves all applications in a process.
 */
const messageActivity: NestInterceptor = {
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (!isActivity(context.getHandler(), context.getClass())) return next.handle();
    return (await reportActivity(context.switchToWs().getClient<object>())) ? next.handle() : EMPTY;
  },
};

/** Puts the interceptor on the handlers with `@PassiveRoute(false)`. Nest reads it later, when it binds the gateways. */
export function countMessages(app: INestApplication): void {
  const scanner = new MetadataScanner();
  for (const { providers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of providers.values()) {
      if (!isGateway(metatype)) continue;
      const methods = (metatype as Type<unknown>).prototype as Record<string, Handler>;
      for (const name of scanner.getAllMethodNames(methods)) {
        const handler = methods[name] as Handler;
        if (!Reflect.getMetadata(MESSAGE, handler) || !isActivity(handler, metatype as Type<unknown>)) continue;
        const others = (Reflect.getMetadata(INTERCEPTORS_METADATA, handler) ?? []) as unknown[];
        if (others.includes(messageActivity)) continue;
        Reflect.defineMetadata(INTERCEPTORS_METADATA, [messageActivity, ...others], handler);
      }
    }
  }
}
