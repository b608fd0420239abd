import type { Request } from 'express';
import type { Session, SessionData } from 'express-session';
import { MARKER } from './marker.js';
import { isUsableCookie } from './session-cookie.js';
import { isMemoryStore } from './store/known-store.js';
import { SECOND } from '../policy/time.js';

/** The settings of express-session, as far as a session shows them. */
export interface SessionSetup {
  /** Whether the store is express-session's own `MemoryStore`. */
  readonly hasMemoryStore: boolean;
  /** Milliseconds, in whole seconds. */
  readonly maxAge: unknown;
  readonly sameSite: boolean | string | undefined;
  readonly secure: boolean | string | undefined;
}

/** Returns the settings of express-session for a request. */
export function setupOf({ session, sessionStore }: Request): SessionSetup {
  const { originalMaxAge, sameSite, secure } = session.cookie;
  // express-session computes it from the time of the request, and may be a millisecond short.
  const maxAge = typeof originalMaxAge === 'number' ? Math.ceil(originalMaxAge / SECOND) * SECOND : originalMaxAge;
  return { hasMemoryStore: isMemoryStore(sessionStore), maxAge, sameSite, secure };
}

/** A session that a request has left for a new one. */
export interface LeftSession {
  readonly id: string;
  readonly key: string;
  readonly session: SessionContent;
  /** Whether its id was made for the request. */
  readonly wasNew: boolean;
}

type Data = Record<string, unknown>;

/** A session with the data that the application has put into it. */
export type SessionContent = Session & Partial<SessionData>;

/**
 * The fields of a session that are not data of the application: those of this package, of express-session and of
 * stores.
 */
const NO_DATA: ReadonlySet<string> = new Set([MARKER, 'cookie', 'lastModified', '__lastAccess']);

/**
 * Returns the data of a session as its store gets it: objects may have a `toJSON()` of their own. Returns the same
 * object if there are none.
 */
export function asStored<T extends object>(session: T): T {
  try {
    return convertsItself(session) ? (JSON.parse(JSON.stringify(session)) as T) : session;
  } catch {
    // It cannot be stored, either.
    return session;
  }
}

function convertsItself(value: unknown): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return true;
  for (const name in value) {
    const item = (value as Data)[name];
    // Each session has a cookie, which converts itself.
    if (!(name === 'cookie' && isUsableCookie(item)) && convertsItself(item)) return true;
  }
  return false;
}

/** Whether a session contains data of the application. A field that stores do not get is no data. */
export function holdsData(session: object): boolean {
  for (const name in session) if (!NO_DATA.has(name) && isStored((session as Data)[name])) return true;
  return false;
}

/** Whether JSON has a field for this value. */
function isStored(value: unknown): boolean {
  const type = typeof value;
  if (type === 'function') return typeof (value as { toJSON?: unknown }).toJSON === 'function';
  return type !== 'undefined' && type !== 'symbol';
}
