import { createParamDecorator, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { requestOf } from './request/request-of.js';
import { type SessionStatus as Status } from '../policy/status.js';

/**
 * Requests to this handler (or to all of this class) are no sign of life: polling, live updates.
 * `@PassiveRoute(false)` on a handler makes it count again inside a passive class.
 */
export const PassiveRoute = Reflector.createDecorator<boolean | undefined, boolean>({
  key: 'nestjs-session-timeout:passive',
  transform: (passive) => passive ?? true,
});

/**
 * An expired session arrives at this handler (or at all of this class) as an anonymous one, instead
 * of being refused: login pages and public routes. `@AllowExpired(false)` on a handler takes it back.
 */
export const AllowExpired = Reflector.createDecorator<boolean | undefined, boolean>({
  key: 'nestjs-session-timeout:allow-expired',
  transform: (allowed) => allowed ?? true,
});

const OWN_ROUTE = 'nestjs-session-timeout:own-route';

/** What is special about a route of this package. */
interface OwnRouteMetadata {
  /** Whether its answers tell why a session has ended. */
  readonly tells: boolean;
}

/** Marks the routes of this package: the guard judges there, and neither refuses nor records. */
export const OwnRoute = (metadata: OwnRouteMetadata = { tells: false }) => SetMetadata(OWN_ROUTE, metadata);

/** What is special about a handler of a controller, if it is one of this package. */
export function ownRoute(...targets: object[]): OwnRouteMetadata | undefined {
  for (const target of targets) {
    const metadata: OwnRouteMetadata | undefined = Reflect.getMetadata(OWN_ROUTE, target);
    if (metadata) return metadata;
  }
  return undefined;
}

/**
 * How the session of the request stands. Durations in milliseconds.
 *
 * @example
 * profile(@SessionStatus() status: SessionStatus) {}
 */
export const SessionStatus = createParamDecorator((_data: unknown, context): Status => {
  const status: Status | undefined = requestOf(context)?.res?.locals['sessionStatus'];
  return status ?? { state: 'anonymous' };
});
export type SessionStatus = Status;
