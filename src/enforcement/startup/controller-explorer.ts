import { Injectable, type RequestMethod, type Type, VersioningType } from '@nestjs/common';
import {
  HOST_METADATA,
  METHOD_METADATA,
  MODULE_PATH,
  PATH_METADATA,
  VERSION_METADATA,
} from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';

type PathMetadata = Parameters<RoutePathFactory['create']>[0];

export type Handler = (...args: unknown[]) => unknown;

/** A route of a controller. */
export interface Route {
  /** The name of the handler: `CatsController.findOne()`. */
  readonly name: string;
  readonly controller: Type<unknown>;
  readonly handler: Handler;
  readonly method: RequestMethod;
  /** The paths of the route, with each prefix of Nest: of the application, of its module and of its version. */
  readonly paths: readonly string[];
  /** Whether the route answers only requests with a certain header, such as one for a certain host. */
  readonly dependsOnHeader: boolean;
}

/** Finds the application's controllers and their route handlers. */
@Injectable()
export class ControllerExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
  ) {}

  all(): Type<unknown>[] {
    return this.inModules().map(({ controller }) => controller);
  }

  /** Whether the application has resolvers of GraphQL, which have no paths. */
  hasResolvers(): boolean {
    return this.discovery.getProviders().some(({ name }) => name === 'GraphQLSchemaHost');
  }

  private inModules(): { controller: Type<unknown>; modulePath: string | undefined }[] {
    return this.discovery.getControllers().flatMap(({ metatype, host }) => {
      const controller = metatype as Type<unknown> | null;
      return controller ? [{ controller, modulePath: this.modulePath(host?.metatype) }] : [];
    });
  }

  /** The path that `RouterModule` gives to a module. */
  private modulePath(module: object | undefined): string | undefined {
    if (!module) return undefined;
    const ofApplication: string | undefined = Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, module);
    return ofApplication ?? Reflect.getMetadata(MODULE_PATH, module);
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
    const factory = new RoutePathFactory(this.config);
    const prefix = this.config.getGlobalPrefix();
    const versioningOptions = this.config.getVersioning();
    return this.inModules().flatMap(({ controller, modulePath }) =>
      this.handlersOf(controller).map(({ name, handler }) => {
        const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
        const parts = {
          globalPrefix: prefix && joinedPath(prefix),
          modulePath,
          versioningOptions,
          controllerVersion: this.versionOf(controller) ?? versioningOptions?.defaultVersion,
          methodVersion: this.versionOf(handler),
        };
        const pathOf = (ctrlPath: string, methodPath: string) =>
          factory.create({ ...parts, ctrlPath, methodPath } as PathMetadata, method);
        const bases = pathsOf(controller);
        const ends = pathsOf(handler);
        return {
          name: `${controller.name}.${name}()`,
          controller,
          handler,
          method,
          paths: bases.flatMap((base) => ends.flatMap((end) => pathOf(base, end))).map((path) => joinedPath(path)),
          dependsOnHeader: this.dependsOnHeader(controller, handler),
        };
      }),
    );
  }

  private dependsOnHeader(controller: Type<unknown>, handler: Handler): boolean {
    if (Reflect.getMetadata(HOST_METADATA, controller) !== undefined) return true;
    const versioning = this.config.getVersioning();
    if (!versioning || versioning.type === VersioningType.URI) return false;
    return (this.versionOf(handler) ?? this.versionOf(controller) ?? versioning.defaultVersion) !== undefined;
  }

  private versionOf(target: object): PathMetadata['controllerVersion'] {
    return Reflect.getMetadata(VERSION_METADATA, target);
  }
}

/** The paths of a controller or a handler, as its decorator names them. */
function pathsOf(target: object): string[] {
  return [Reflect.getMetadata(PATH_METADATA, target) as unknown].flat().map((path) => String(path ?? ''));
}

/** Joins the parts of a path with one slash between them. */
export function joinedPath(...parts: string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
