import { Injectable, type RequestMethod, type Type, VersioningType } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner } from '@nestjs/core';

export type Handler = (...args: unknown[]) => unknown;

/** A route of a controller. */
export interface Route {
  /** The name of the handler: `CatsController.findOne()`. */
  readonly name: string;
  readonly controller: Type<unknown>;
  readonly handler: Handler;
  readonly method: RequestMethod;
  /** The paths of the route, with and without the global prefix. */
  readonly paths: readonly string[];
  /** Whether the route answers only requests with a certain header. */
  readonly dependsOnHeader: boolean;
}

/** Finds the application's controllers and their route handlers. */
@Injectable()
export class ControllerExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly config: ApplicationConfig,
  ) {}

  all(): Type<unknown>[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => (metatype as Type<unknown> | null) ?? []);
  }

  handlersOf(controller: Type<unknown>): { name: string; handler: Handler }[] {
    const prototype = controller.prototype as Record<string, Handler>;
    return this.scanner
      .getAllMethodNames(prototype)
      .map((name) => ({ name, handler: prototype[name] as Handler }))
      .filter(({ handler }) => Reflect.hasMetadata(METHOD_METADATA, handler));
  }

  /** The routes of all controllers, in the order in which Nest registers them. */
  routes(): Route[] {
    const prefix = this.config.getGlobalPrefix();
    return this.all().flatMap((controller) => {
      const bases = list(Reflect.getMetadata(PATH_METADATA, controller));
      return this.handlersOf(controller).map(({ name, handler }) => ({
        name: `${controller.name}.${name}()`,
        controller,
        handler,
        method: Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod,
        paths: list(Reflect.getMetadata(PATH_METADATA, handler)).flatMap((path) =>
          bases.flatMap((base) => [joinedPath(base, path), joinedPath(prefix, base, path)]),
        ),
        dependsOnHeader: this.dependsOnHeader(controller, handler),
      }));
    });
  }

  private dependsOnHeader(controller: Type<unknown>, handler: Handler): boolean {
    const versioning = this.config.getVersioning();
    if (!versioning || versioning.type === VersioningType.URI) return false;
    const version: unknown =
      Reflect.getMetadata(VERSION_METADATA, handler) ?? Reflect.getMetadata(VERSION_METADATA, controller);
    return (version ?? versioning.defaultVersion) !== undefined;
  }
}

function list(paths: unknown): string[] {
  return [paths].flat().map((path) => String(path ?? ''));
}

/** Joins the parts of a path with one slash between them. */
export function joinedPath(...parts: string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
