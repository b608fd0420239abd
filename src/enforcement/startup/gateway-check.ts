import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { SessionLifetime } from '../lifecycle/session-lifetime.js';

/** The metadata key of `@WebSocketGateway()`. */
const GATEWAY = 'websockets:is_gateway';

/** Whether something is a class with `@WebSocketGateway()`. */
export function isGateway(metatype: unknown): boolean {
  return typeof metatype === 'function' && Reflect.hasMetadata(GATEWAY, metatype);
}

/** Warns about gateways whose sockets stay open when their session has ended. */
@Injectable()
export class GatewayCheck {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly lifetime: SessionLifetime,
  ) {}

  warnings(): string[] {
    if (this.lifetime.guardsSockets) return [];
    const gateways = this.discovery.getProviders().filter(({ metatype }) => isGateway(metatype));
    return [...new Set(gateways.map(({ name }) => String(name)))].map(
      (name) =>
        `${name} opens sockets that do not end with their session. Use withSession() of nestjs-session-timeout/sockets.`,
    );
  }
}
