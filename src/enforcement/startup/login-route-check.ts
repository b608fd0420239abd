import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ControllerExplorer, joinedPath } from './controller-explorer.js';
import { AllowExpired } from '../decorators.js';
import { SETTINGS, type Settings } from '../../options/settings.js';

/** Warns if the login page, or the handler that its form posts to, lacks `@AllowExpired()`. */
@Injectable()
export class LoginRouteCheck {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly controllers: ControllerExplorer,
    private readonly reflector: Reflector,
  ) {}

  /** Returns a warning for each handler of the path in `redirectTo` that refuses expired sessions. */
  warnings(): string[] {
    const { loginPath } = this.settings;
    if (loginPath === undefined) return [];
    const target = joinedPath(new URL(loginPath, 'http://local.invalid').pathname);
    return this.controllers
      .routes()
      .filter(({ method, paths }) => METHODS.has(method) && paths.includes(target))
      .filter(({ handler, controller }) => !this.reflector.getAllAndOverride(AllowExpired, [handler, controller]))
      .map(
        ({ name }) =>
          `redirectTo leads to ${target}, but ${name} has no @AllowExpired(): it refuses the first sign-in after ` +
          'a session has expired. Put @AllowExpired() on the login page, and on the handler that its form posts to.',
      );
  }
}

// Most forms post to the path of their page. The targets of other forms are not known.
const METHODS: ReadonlySet<RequestMethod> = new Set([RequestMethod.GET, RequestMethod.POST, RequestMethod.ALL]);
