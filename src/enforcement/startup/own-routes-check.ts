import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { isExpressSession } from '../../express-session/mounted-session.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { type OwnRouteDeclaration, ownRoutes } from '../../wire/own-routes.js';
import { OwnRoute } from '../decorators.js';
import { ControllerExplorer, type Route } from './controller-explorer.js';
import { type Layer, type RouteLayer, stackOf } from './router-stack.js';

/** The routes of the application. */
interface Registered {
  /** What the router has, in the order in which Express asks it. */
  readonly stack: readonly Layer[];
  /** What Nest knows about the routes of controllers. */
  readonly routes: readonly Route[];
  /** The paths of our routes, as far as Nest tells them: without what the application has excluded from its prefix. */
  readonly ownPaths: ReadonlySet<string>;
}

/** Warns at startup if the router of the application shows that requests cannot reach the routes of this package. */
@Injectable()
export class OwnRoutesCheck {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly adapterHost: HttpAdapterHost,
    private readonly controllers: ControllerExplorer,
    private readonly reflector: Reflector,
  ) {}

  warnings(): string[] {
    const registered = this.registered();
    // One handler may answer several of our routes.
    const swallowed = new Map(this.routesInUse.flatMap((own) => this.swallowed(own, registered)).toReversed());
    return [...swallowed.values(), ...this.withoutSession(registered)];
  }

  private get routesInUse(): readonly OwnRouteDeclaration[] {
    const { identify, ledger, drafts } = this.settings;
    const has = { users: Boolean(identify && ledger.users), drafts: Boolean(drafts) };
    return ownRoutes.filter(({ needs }) => !needs || has[needs]);
  }

  private registered(): Registered {
    // An application without HTTP has no adapter.
    const stack = stackOf((this.adapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined)?.getInstance());
    const routes = this.controllers.routes();
    const own = routes.filter(({ controller }) => this.reflector.get(OwnRoute, controller));
    return { stack, routes, ownPaths: new Set(own.flatMap(({ paths }) => paths)) };
  }

  /**
   * Express asks routes in the order in which they were registered.
   *
   * @returns warnings with the name of the handler
   */
  private swallowed(own: OwnRouteDeclaration, registered: Registered): [handler: string, warning: string][] {
    const path = this.pathOf(own, registered);
    if (path === undefined) return [];
    const { stack, routes } = registered;
    for (const layer of stack) {
      if (!isFor(layer, own) || !layer.match(path)) continue;
      const { path: found } = layer.route;
      const handler = routes.find((route) => hasPath(route, found, own));
      if (handler?.dependsOnHeader) continue;
      if (handler && this.reflector.get(OwnRoute, handler.controller)) return [];
      const name = `${handler?.name ?? 'A route'} at "${found}"`;
      const warning =
        `${name} answers ${own.method.toUpperCase()} ${path}, which belongs to SessionTimeoutModule: browsers do not ` +
        'get our answer. Set "path" of the module to one that no other route takes, or move that ' +
        'controller into a module that is imported later.';
      return [[name, warning]];
    }
    return [];
  }

  /** The path of the ping; `undefined` if the router does not show it. */
  get pingPath(): string | undefined {
    return this.pingPathIn(this.registered());
  }

  private pingPathIn(registered: Registered): string | undefined {
    return this.pathOf({ method: 'get', name: 'ping' }, registered);
  }

  private withoutSession(registered: Registered): string[] {
    const path = this.pingPathIn(registered);
    const sessions = registered.stack.filter(({ handle }) => isExpressSession(handle));
    if (path === undefined || sessions.length === 0 || sessions.some((layer) => layer.match(path))) return [];
    return [
      `express-session is mounted for a part of the site, but not for ${path}: browsers are told that nobody is signed ` +
        'in. Mount it for all paths, app.use(session({ … })), or set "path" of the module to one where it is mounted, ' +
        "such as path: 'api/session'.",
    ];
  }

  /** The path of a route of this package, with every prefix of Nest. Routes of the application may end in the same way. */
  private pathOf({ method, name }: OwnRouteDeclaration, { stack, ownPaths }: Registered): string | undefined {
    const end = `/${this.settings.path}/${name}`;
    const paths = stack.flatMap((layer) => (isFor(layer, { method }) ? layer.route.path : []));
    const found = paths.filter((path) => path.endsWith(end));
    return found.find((path) => ownPaths.has(path)) ?? found.at(-1);
  }
}

function isFor(layer: Layer, { method }: Pick<OwnRouteDeclaration, 'method'>): layer is RouteLayer {
  const methods = layer.route?.methods;
  return typeof layer.route?.path === 'string' && Boolean(methods?.[method] ?? methods?.['_all']);
}

function hasPath(route: Route, path: string, { method }: Pick<OwnRouteDeclaration, 'method'>): boolean {
  const isMethod = route.method === RequestMethod.ALL || RequestMethod[route.method]?.toLowerCase() === method;
  return isMethod && route.paths.includes(path);
}
