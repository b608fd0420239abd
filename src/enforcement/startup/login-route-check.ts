import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, Reflector } from '@nestjs/core';
import { ControllerExplorer } from './controller-explorer.js';
import { AllowExpired } from '../decorators.js';
import { SETTINGS, type Settings } from '../../options/settings.js';

/** Warns if the login page, or the handler that its form posts to, lacks `@AllowExpired()`. */
@Injectable()
export class LoginRouteCheck {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly controllers: ControllerExplorer,
    private readonly reflector: Reflector,
    private readonly config: ApplicationConfig,
  ) {}

  /** Returns a warning for each handler of the path in `redirectTo` that refuses expired sessions. */
  warnings(): string[] {
    const { loginPath } = this.settings;
    if (loginPath === undefined) return [];
    const target = joined(new URL(loginPath, 'http://local.invalid').pathname);
    return this.pageHandlers()
      .filter(
        ({ paths, targets }) => paths.includes(target) && !this.reflector.getAllAndOverride(AllowExpired, targets),
      )
      .map(
        ({ name }) =>
          `redirectTo leads to ${target}, but ${name} has no @AllowExpired(): it refuses the first sign-in after ` +
          'an expiry. Put @AllowExpired() on the login page, and on the handler that its form posts to.',
      );
  }

  private pageHandlers() {
    return this.controllers.all().flatMap((controller) =>
      this.controllers.handlersOf(controller).flatMap(({ name, handler }) => {
        const method: RequestMethod = Reflect.getMetadata(METHOD_METADATA, handler);
        // Most forms post to the path of their page. Where others post to cannot be known.
        if (![RequestMethod.GET, RequestMethod.POST, RequestMethod.ALL].includes(method)) return [];
        const bases = list(Reflect.getMetadata(PATH_METADATA, controller));
        const paths = list(Reflect.getMetadata(PATH_METADATA, handler)).flatMap((path) =>
          bases.flatMap((base) => [joined(base, path), joined(this.config.getGlobalPrefix(), base, path)]),
        );
        return [{ name: `${controller.name}.${name}()`, paths, targets: [handler, controller] }];
      }),
    );
  }
}

function list(paths: unknown): string[] {
  return [paths].flat().map((path) => String(path ?? ''));
}

function joined(...parts: string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
