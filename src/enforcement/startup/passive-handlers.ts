import { Injectable, type OnModuleInit, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { pathToRegexp } from 'path-to-regexp';
import { OwnRoute, PassiveRoute } from '../decorators.js';
import { isEventStream } from '../route-metadata.js';
import { requestedPath } from '../request/requested-url.js';
import { UnservedActivity } from '../request/unserved-activity.js';
import { ControllerExplorer, type Handler, joinedPath, pathsOf } from './controller-explorer.js';

interface PassiveHandler {
  readonly method: RequestMethod;
  readonly path: RegExp;
}

/**
 * Finds out from the path whether a request would reach a passive handler. It is used for requests that must not reach
 * a handler. When in doubt, the request is passive: prefixes are not compared, and a path in an unknown syntax matches
 * everything.
 */
@Injectable()
export class PassiveHandlers implements OnModuleInit {
  private found: readonly PassiveHandler[] | undefined;

  constructor(
    private readonly controllers: ControllerExplorer,
    private readonly reflector: Reflector,
    private readonly unserved: UnservedActivity,
  ) {}

  onModuleInit(): void {
    this.unserved.setPassiveHandlers((req) => this.mayHandle(req));
  }

  private mayHandle(req: Request): boolean {
    this.found ??= this.controllers.all().flatMap((controller) => this.passiveIn(controller));
    const path = requestedPath(req);
    return this.found.some((handler) => isFor(handler.method, req) && handler.path.test(path));
  }

  private passiveIn(controller: Type<unknown>): PassiveHandler[] {
    const bases = pathsOf(controller);
    return this.controllers
      .handlersOf(controller)
      .filter(({ handler }) => this.isPassive(controller, handler))
      .flatMap(({ handler }) => {
        const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
        return bases.flatMap((base) => pathsOf(handler).map((path) => ({ method, path: pattern(`${base}/${path}`) })));
      });
  }

  private isPassive(controller: Type<unknown>, handler: Handler): boolean {
    const isMarked = this.reflector.getAllAndOverride(PassiveRoute, [handler, controller]);
    const isOurs = this.reflector.getAllAndOverride(OwnRoute, [handler, controller]) !== undefined;
    return isOurs || (isMarked ?? isEventStream(handler));
  }
}

function isFor(method: RequestMethod, req: Request): boolean {
  return method === RequestMethod.ALL || RequestMethod[method] === (req.method === 'HEAD' ? 'GET' : req.method);
}

function pattern(path: string): RegExp {
  try {
    return pathToRegexp(`{/*prefix}${joinedPath(path)}`).regexp;
  } catch {
    return /^/;
  }
}
