import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, Reflector } from '@nestjs/core';
import { ControllerExplorer, joinedPath, type Route } from './controller-explorer.js';
import { AllowExpired } from '../decorators.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { stackOf } from './router-stack.js';

/**
 * Warns if the login page, or the handler that its form posts to, lacks `@AllowExpired()`, and if the page is elsewhere,
 * below the global prefix.
 */
@Injectable()
export class LoginRouteCheck {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly controllers: ControllerExplorer,
    private readonly reflector: Reflector,
    private readonly config: ApplicationConfig,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** Returns a warning for each handler of the path in `redirectTo` that refuses expired sessions. */
  warnings(): string[] {
    const { loginPath } = this.settings;
    if (loginPath === undefined) return [];
    const target = joinedPath(new URL(loginPath, 'http://local.invalid').pathname);
    const routes = this.controllers.routes();
    return [...this.closed(target, routes), ...this.elsewhere(target, routes)];
  }

  private closed(target: string, routes: readonly Route[]): string[] {
    return routes
      .filter(({ method, paths }) => METHODS.has(method) && paths.includes(target))
      .filter(({ handler, controller }) => !this.reflector.getAllAndOverride(AllowExpired, [handler, controller]))
      .map(
        ({ name }) =>
          `redirectTo leads to ${target}, but ${name} has no @AllowExpired(): it refuses the first sign-in after ` +
          'a session has expired. Put @AllowExpired() on the login page, and on the handler that its form posts to.',
      );
  }

  /** A page behind the application, or before it, would be found at the path itself: only a page of Nest is certain. */
  private elsewhere(target: string, routes: readonly Route[]): string[] {
    const prefix = this.config.getGlobalPrefix();
    if (!prefix || this.isServed(target)) return [];
    const prefixed = joinedPath(prefix, target);
    const page = routes.find(({ method, paths }) => PAGES.has(method) && paths.includes(prefixed));
    if (!page) return [];
    return [
      `redirectTo leads to ${target}, where nothing is: a global prefix is not added to redirectTo, and ${page.name} ` +
        `is at ${prefixed}. Set redirectTo to that path.`,
    ];
  }

  private isServed(path: string): boolean {
    // An application without HTTP has no adapter.
    const adapter = this.adapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
    return stackOf(adapter?.getInstance()).some((layer) => layer.route && layer.match(path));
  }
}

/** The methods of page loads. */
const PAGES: ReadonlySet<RequestMethod> = new Set([RequestMethod.GET, RequestMethod.ALL]);

// Most forms post to the path of their page. The targets of other forms are not known.
const METHODS: ReadonlySet<RequestMethod> = new Set([RequestMethod.GET, RequestMethod.POST, RequestMethod.ALL]);
