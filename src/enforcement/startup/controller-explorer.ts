import { Injectable, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';

export type Handler = (...args: unknown[]) => unknown;

/** Finds the application's controllers and their route handlers. */
@Injectable()
export class ControllerExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
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
}
