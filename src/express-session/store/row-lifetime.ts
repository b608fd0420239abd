import type { Session } from 'express-session';
import type { HttpSession } from '../http-session.js';
import { hasOwnTtl, knownKindOf } from './known-store.js';
import type { SessionStore } from './session-store.js';
import { DAY, SECOND } from '../../policy/time.js';

/** The properties of known stores that show how long they keep a row. */
interface Shown {
  readonly ttl?: unknown;
  readonly disableTTL?: unknown;
  readonly disableTouch?: unknown;
}

/**
 * Returns how long a store keeps a session after a touch, in milliseconds. Returns `Infinity` if the session does not
 * expire by itself, or if a touch does nothing, and `undefined` for unknown stores, because they do not tell.
 */
export function rowLifetime(store: SessionStore, cookie: Session['cookie']): number | undefined {
  const shown = store as Shown;
  switch (knownKindOf(store)) {
    case 'memory':
      return lifetimeOfCookie(cookie) ?? Infinity;
    case 'connect-redis':
      if (shown.disableTTL || shown.disableTouch) return Infinity;
      if (typeof shown.ttl === 'function' || !hasOwnTtl(store)) return undefined;
      return lifetimeOfCookie(cookie) ?? inMilliseconds(shown.ttl);
    case 'connect-pg-simple':
      return lifetimeOfCookie(cookie) ?? inMilliseconds(shown.ttl || DAY / SECOND);
    default:
      return undefined;
  }
}

/** Whether the row of a session needs no touch now. */
export function isTouchSpared(store: SessionStore, session: HttpSession): boolean {
  const { application } = session;
  if (!application || session.hasNewCookie) return false;
  const lifetime = rowLifetime(store, session.cookie);
  return lifetime !== undefined && application.sparesTouch(session, lifetime);
}

/**
 * Whether somebody has given the cookie of a session a shorter lifetime. connect-redis and connect-pg-simple then keep the
 * row for less time after a touch, and the row still contains the cookie with the longer lifetime.
 */
export function isShortened(store: SessionStore, { hasNewCookie, arrivalCookie, cookie }: HttpSession): boolean {
  if (!hasNewCookie || !arrivalCookie) return false;
  return (rowLifetime(store, cookie) ?? 0) < (rowLifetime(store, arrivalCookie) ?? 0);
}

/** `undefined` for a cookie that ends with the browser session. */
function lifetimeOfCookie({ originalMaxAge, expires }: Session['cookie']): number | undefined {
  if (!expires) return undefined;
  return typeof originalMaxAge === 'number' ? originalMaxAge : 0;
}

function inMilliseconds(value: unknown): number | undefined {
  return typeof value === 'number' ? value * SECOND : undefined;
}
