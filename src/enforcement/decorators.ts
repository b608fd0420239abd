import { createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { requestOf } from './request/request-of.js';
import { type SessionStatus as Status } from '../policy/status.js';

/**
 * Requests to this handler, or to all handlers of this class, are not activity: for polling and live updates.
 * `@PassiveRoute(false)` on a handler makes it count again inside a passive class.
 */
export const PassiveRoute = Reflector.createDecorator<boolean | undefined, boolean>({
  key: 'nestjs-session-timeout:passive',
  transform: (passive) => passive ?? true,
});

/**
 * Lets a request with an ended session reach this handler, or all handlers of this class, as an anonymous request
 * instead of refusing it: for login pages and public routes. `@AllowExpired(false)` on a handler takes this back.
 */
export const AllowExpired = Reflector.createDecorator<boolean | undefined, boolean>({
  key: 'nestjs-session-timeout:allow-expired',
  transform: (allowed) => allowed ?? true,
});

/** The metadata of a route of this package. */
interface OwnRouteMetadata {
  /** Whether its answers say why a session has ended. */
  readonly tells: boolean;
}

/** Marks a route of this package: the guard judges the session, but does not refuse it or record activity. */
export const OwnRoute = Reflector.createDecorator<OwnRouteMetadata | undefined, OwnRouteMetadata>({
  key: 'nestjs-session-timeout:own-route',
  transform: (metadata) => metadata ?? { tells: false },
});

/**
 * Injects the status of the request's session into a handler. Durations in milliseconds.
 *
 * @example
 * profile(@SessionStatus() status: SessionStatus) {}
 */
export const SessionStatus = createParamDecorator((_data: unknown, context): Status => {
  const status: Status | undefined = requestOf(context)?.res?.locals['sessionStatus'];
  return status ?? { state: 'anonymous' };
});
export type SessionStatus = Status;
