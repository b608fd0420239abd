import type { ExecutionContext } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { AllowExpired, OwnRoute, PassiveRoute } from './decorators.js';

/** The metadata of a handler and its class. */
export interface RouteMetadata {
  /** Whether it is a route of this package. */
  readonly own: boolean;
  /** Whether the answers of the handler say why a session has ended. */
  readonly tells: boolean;
  readonly allowExpired: boolean;
  /** `undefined` without `@PassiveRoute()`. */
  readonly passive: boolean | undefined;
  /** Whether it is an event stream (`@Sse()`). Browsers open such streams again and again by themselves. */
  readonly isStream: boolean;
}

type Handler = ReturnType<ExecutionContext['getHandler']>;
type Controller = ReturnType<ExecutionContext['getClass']>;

/** Reads the metadata of each route once, because decorators do not change. */
export class RouteMetadataReader {
  private readonly known = new WeakMap<Handler, WeakMap<Controller, RouteMetadata>>();
  /** The latest result, because a guard asks more than once in a request. */
  private latest:
    { readonly handler: Handler; readonly controller: Controller; readonly metadata: RouteMetadata } | undefined;

  constructor(private readonly reflector: Reflector) {}

  of(context: ExecutionContext): RouteMetadata {
    const handler = context.getHandler();
    const controller = context.getClass();
    if (this.latest?.handler === handler && this.latest.controller === controller) return this.latest.metadata;
    const metadata = this.known.get(handler)?.get(controller) ?? this.read(handler, controller);
    this.latest = { handler, controller, metadata };
    return metadata;
  }

  private read(handler: Handler, controller: Controller): RouteMetadata {
    const own = this.reflector.getAllAndOverride(OwnRoute, [handler, controller]);
    const metadata: RouteMetadata = {
      own: own !== undefined,
      tells: own?.tells ?? true,
      allowExpired: this.reflector.getAllAndOverride(AllowExpired, [handler, controller]) ?? false,
      passive: this.reflector.getAllAndOverride(PassiveRoute, [handler, controller]),
      isStream: isEventStream(handler),
    };
    // One method may belong to several classes that inherit it.
    const byController = this.known.get(handler) ?? new WeakMap<Controller, RouteMetadata>();
    this.known.set(handler, byController.set(controller, metadata));
    return metadata;
  }
}

/** Whether a handler has the decorator `@Sse()`. */
export function isEventStream(handler: object): boolean {
  return Reflect.getMetadata(SSE_METADATA, handler) === true;
}
