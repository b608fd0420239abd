import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { isExpressSession } from '../../express-session/mounted-session.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { OwnRoute } from '../decorators.js';
import { ControllerExplorer, type Route } from './controller-explorer.js';
import { type Layer, type RouteLayer, stackOf } from './router-stack.js';

/** A route of this package. */
interface OwnRouteName {
  readonly method: 'get' | 'post' | 'delete';
  readonly name: string;
}

const PING: OwnRouteName = { method: 'get', name: 'ping' };

const FOR_ALL: readonly OwnRouteName[] = [
  PING,
  { method: 'post', name: 'end' },
  ...['client.js', 'extras.js', 'sign-in-here.js', 'signed-in', 'texts/:lang'].map(file),
];

const FOR_LISTS: readonly OwnRouteName[] = [
  { method: 'get', name: 'list' },
  { method: 'delete', name: 'list' },
  { method: 'delete', name: 'list/:id' },
];

const FOR_DRAFTS: readonly OwnRouteName[] = ['draft-key', 'drafts.js'].map(file);

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
    const { stack } = this;
    // One handler may answer several of our routes.
    const swallowed = new Map(this.routesInUse.flatMap((own) => this.swallowed(own, stack)).toReversed());
    return [...swallowed.values(), ...this.withoutSession(stack)];
  }

  private get routesInUse(): readonly OwnRouteName[] {
    const { identify, ledger, drafts } = this.settings;
    return [...FOR_ALL, ...(identify && ledger.users ? FOR_LISTS : []), ...(drafts ? FOR_DRAFTS : [])];
  }

  private get stack(): readonly Layer[] {
    // An application without HTTP has no adapter.
    return stackOf((this.adapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined)?.getInstance());
  }

  /**
   * Express asks routes in the order in which they were registered.
   *
   * @returns warnings with the name of the handler
   */
  private swallowed(own: OwnRouteName, stack: readonly Layer[]): [handler: string, warning: string][] {
    const path = this.pathOf(own, stack);
    if (path === undefined) return [];
    const routes = this.controllers.routes();
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
    return this.pathOf(PING, this.stack);
  }

  private withoutSession(stack: readonly Layer[]): string[] {
    const path = this.pingPath;
    const sessions = stack.filter(({ handle }) => isExpressSession(handle));
    if (path === undefined || sessions.length === 0 || sessions.some((layer) => layer.match(path))) return [];
    return [
      `express-session is mounted for a part of the site, but not for ${path}: browsers are told that nobody is signed ` +
        'in. Mount it for all paths, app.use(session({ … })), or set "path" of the module to one where it is mounted, ' +
        "such as path: 'api/session'.",
    ];
  }

  /** The path of a route of this package, with every prefix of Nest. */
  private pathOf({ method, name }: OwnRouteName, stack: readonly Layer[]): string | undefined {
    const end = `/${this.settings.path}/${name}`;
    return stack.findLast((layer): layer is RouteLayer => isFor(layer, { method }) && layer.route.path.endsWith(end))
      ?.route.path;
  }
}

function file(name: string): OwnRouteName {
  return { method: 'get', name };
}

function isFor(layer: Layer, { method }: Pick<OwnRouteName, 'method'>): layer is RouteLayer {
  const methods = layer.route?.methods;
  return typeof layer.route?.path === 'string' && Boolean(methods?.[method] ?? methods?.['_all']);
}

function hasPath(route: Route, path: string, { method }: Pick<OwnRouteName, 'method'>): boolean {
  const isMethod = route.method === RequestMethod.ALL || RequestMethod[route.method]?.toLowerCase() === method;
  return isMethod && route.paths.includes(path);
}
