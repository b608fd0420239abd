import { Inject, Injectable, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { AllowExpired } from './decorators.js';
import { SETTINGS, type Settings } from './settings.js';

/** Looks whether the login page lets those in who were sent there. */
@Injectable()
export class LoginRoute {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
    private readonly config: ApplicationConfig,
  ) {}

  /** A warning if `redirectTo` names a route that refuses expired sessions. */
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
          'an expiry. Put @AllowExpired() on it, and on the handler that its form posts to.',
      );
  }

  private pageHandlers() {
    return this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      const controller = metatype as Type<unknown> | undefined;
      if (!controller || !instance) return [];
      const prototype = Object.getPrototypeOf(instance) as object;
      return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
        const handler = prototype[method as keyof object] as (...args: unknown[]) => unknown;
        if (Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.GET) return [];
        const bases = list(Reflect.getMetadata(PATH_METADATA, controller));
        const paths = list(Reflect.getMetadata(PATH_METADATA, handler)).flatMap((path) =>
          bases.flatMap((base) => [joined(base, path), joined(this.config.getGlobalPrefix(), base, path)]),
        );
        return [{ name: `${controller.name}.${method}()`, paths, targets: [handler, controller] }];
      });
    });
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
