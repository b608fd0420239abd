import { createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { requestOf } from './request/request-of.js';
import type { AnonymousStatus, ExpiredStatus, LiveStatus } from '../policy/status.js';

/**
 * Marks a handler, or all handlers of a class, as passive: their requests are not activity. Use it for polling and live
 * updates. In a passive class, `@PassiveRoute(false)` makes the requests of a handler count again.
 */
export const PassiveRoute = Reflector.createDecorator<boolean | undefined, boolean>({
  key: 'nestjs-session-timeout:passive',
  transform: (passive) => passive ?? true,
});

/**
 * Lets requests with an ended session reach this handler, or all handlers of this class. They arrive as anonymous
 * requests. Use it for login pages and public routes. `@AllowExpired(false)` on a handler makes an exception.
 */
export const AllowExpired = Reflector.createDecorator<boolean | undefined, boolean>({
  key: 'nestjs-session-timeout:allow-expired',
  transform: (allowed) => allowed ?? true,
});

/** The metadata of the routes of this package. */
interface OwnRouteMetadata {
  /** Whether the answers say why a session has ended. */
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
export const SessionStatus = createParamDecorator((_data: unknown, context): SessionStatus => {
  const status: SessionStatus | undefined = requestOf(context)?.res?.locals['sessionStatus'];
  return status ?? { state: 'anonymous' };
});
/**
 * The status of a request's session, as {@link SessionStatus} injects it. The service returns it under this name, too:
 * a compiler that writes declarations names the type of a handler by it.
 */
export type SessionStatus = LiveStatus | ExpiredStatus | AnonymousStatus;
