import type { ExecutionContext } from '@nestjs/common';
import { RESPONSE_PASSTHROUGH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { AllowExpired, isOwnRoute, PassiveRoute } from './decorators.js';

/** What is written at a handler and its class. */
export interface RoutePolicy {
  /** Whether it is a route of this package. */
  readonly own: boolean;
  readonly allowExpired: boolean;
  /** `undefined` if `@PassiveRoute()` is not there. */
  readonly passive: boolean | undefined;
  /** Whether it takes the response (`@Res()`, `@Next()`) and answers by itself. */
  readonly answersItself: boolean;
}

type Handler = ReturnType<ExecutionContext['getHandler']>;
type Controller = ReturnType<ExecutionContext['getClass']>;

/** Reads the policies of routes, each once: decorators do not change. */
export class RoutePolicies {
  private readonly known = new WeakMap<Handler, WeakMap<Controller, RoutePolicy>>();

  constructor(private readonly reflector: Reflector) {}

  of(context: ExecutionContext): RoutePolicy {
    const handler = context.getHandler();
    const controller = context.getClass();
    const policy = this.known.get(handler)?.get(controller);
    return policy ?? this.read(context);
  }

  private read(context: ExecutionContext): RoutePolicy {
    const handler = context.getHandler();
    const controller = context.getClass();
    const policy: RoutePolicy = {
      own: isOwnRoute(controller),
      allowExpired: this.reflector.getAllAndOverride(AllowExpired, [handler, controller]) ?? false,
      passive: this.reflector.getAllAndOverride(PassiveRoute, [handler, controller]),
      answersItself: context.getType() === 'http' && answersItself(handler.name, controller),
    };
    // One method may belong to several classes that inherit it.
    const byController = this.known.get(handler) ?? new WeakMap<Controller, RoutePolicy>();
    this.known.set(handler, byController.set(controller, policy));
    return policy;
  }
}

// Nest's RouteParamtypes, which it does not export: RESPONSE and NEXT.
const RESPONSE_OR_NEXT = /^[12]:/;

function answersItself(method: string, controller: Controller): boolean {
  if (Reflect.getMetadata(RESPONSE_PASSTHROUGH_METADATA, controller, method) === true) return false;
  const parameters: object = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {};
  return Object.keys(parameters).some((parameter) => RESPONSE_OR_NEXT.test(parameter));
}
