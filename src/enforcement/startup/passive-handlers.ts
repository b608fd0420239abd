import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { pathToRegexp } from 'path-to-regexp';
import { OwnRoute, PassiveRoute } from '../decorators.js';
import { isEventStream } from '../route-metadata.js';
import { requestedPath } from '../request/requested-url.js';
import { UnservedActivity } from '../request/unserved-activity.js';
import { ControllerExplorer, type Route } from './controller-explorer.js';

interface HandlerPath {
  readonly method: RequestMethod;
  readonly path: RegExp;
}

interface Handlers {
  readonly passive: readonly HandlerPath[];
  /** The handlers that are not passive; `undefined` if others may exist that nobody can find by a path. */
  readonly active: readonly HandlerPath[] | undefined;
}

/**
 * Finds out from the path whether a request would reach a handler, and whether this handler is passive. It is used for
 * requests that must not reach a handler. What may reach a passive handler is passive, and so is what reaches none. A
 * path in an unknown syntax matches everything, and more may come before each path: the application may be mounted in
 * another one.
 */
@Injectable()
export class PassiveHandlers implements OnModuleInit {
  private found: Handlers | undefined;

  constructor(
    private readonly controllers: ControllerExplorer,
    private readonly reflector: Reflector,
    private readonly unserved: UnservedActivity,
  ) {}

  onModuleInit(): void {
    this.unserved.setPassiveHandlers((req) => this.isPassive(req));
  }

  private isPassive(req: Request): boolean {
    const { passive, active } = (this.found ??= this.find());
    const path = requestedPath(req);
    const isHandledBy = (handler: HandlerPath) => isFor(handler.method, req) && handler.path.test(path);
    return passive.some(isHandledBy) || (active !== undefined && !active.some(isHandledBy));
  }

  private find(): Handlers {
    const routes = this.controllers.routes();
    const areAll = routes.some((route) => !this.isOurs(route)) && !this.controllers.hasResolvers();
    return {
      passive: pathsOf(routes.filter((route) => this.hasPassive(route))),
      active: areAll ? pathsOf(routes.filter((route) => !this.hasPassive(route))) : undefined,
    };
  }

  private hasPassive(route: Route): boolean {
    const isMarked = this.reflector.getAllAndOverride(PassiveRoute, [route.handler, route.controller]);
    return this.isOurs(route) || (isMarked ?? isEventStream(route.handler));
  }

  private isOurs({ handler, controller }: Route): boolean {
    return this.reflector.getAllAndOverride(OwnRoute, [handler, controller]) !== undefined;
  }
}

function pathsOf(routes: readonly Route[]): HandlerPath[] {
  return routes.flatMap(({ method, paths }) => paths.map((path) => ({ method, path: pattern(path) })));
}

function isFor(method: RequestMethod, req: Request): boolean {
  const name = RequestMethod[method];
  return method === RequestMethod.ALL || name === req.method || (name === 'GET' && req.method === 'HEAD');
}

function pattern(path: string): RegExp {
  try {
    return pathToRegexp(`{/*prefix}${path}`).regexp;
  } catch {
    return /^/;
  }
}
