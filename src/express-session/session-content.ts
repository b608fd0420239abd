import type { Request } from 'express';
import type { Session, SessionData } from 'express-session';
import { MARKER } from './marker.js';
import { isMemoryStore } from './memory-store.js';

/** The settings of express-session, as far as a session shows them. */
export interface SessionSetup {
  /** Whether the store is express-session's own `MemoryStore`. */
  readonly hasMemoryStore: boolean;
  readonly maxAge: unknown;
  readonly sameSite: boolean | string | undefined;
  readonly secure: boolean | string | undefined;
}

/** Returns the settings of express-session for a request. */
export function setupOf({ session, sessionStore }: Request): SessionSetup {
  const { originalMaxAge, sameSite, secure } = session.cookie;
  return { hasMemoryStore: isMemoryStore(sessionStore), maxAge: originalMaxAge, sameSite, secure };
}

/** A session that a request has left for a new one. */
export interface LeftSession {
  readonly id: string;
  readonly key: string;
  readonly session: SessionContent;
}

/** A session with the data that the application has put into it. */
export type SessionContent = Session & Partial<SessionData>;

/**
 * The fields of a session that are not data of the application: those of this package, of express-session and of
 * stores.
 */
const NO_DATA: ReadonlySet<string> = new Set([MARKER, 'cookie', 'lastModified', '__lastAccess']);

/** Whether a session contains data of the application. */
export function holdsData(session: object): boolean {
  for (const name in session) if (!NO_DATA.has(name)) return true;
  return false;
}
