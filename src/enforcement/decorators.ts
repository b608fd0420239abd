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

/** Marks the routes of this package: the guard judges there, and neither refuses nor records. */
export const OwnRoute = () => SetMetadata(OWN_ROUTE, true);

/** Whether a controller is one of this package. */
export function isOwnRoute(controller: object): boolean {
  return Reflect.getMetadata(OWN_ROUTE, controller) === true;
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
