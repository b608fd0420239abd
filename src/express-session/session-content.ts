import type { Session, SessionData } from 'express-session';
import { MARKER } from './marker.js';

/** What a session shows of express-session's own settings. */
export interface SessionSetup {
  /** Whether the store is express-session's own `MemoryStore`. */
  readonly hasMemoryStore: boolean;
  readonly maxAge: unknown;
  readonly sameSite: boolean | string | undefined;
  readonly secure: boolean | string | undefined;
}

/** A session that a request has left for another one. */
export interface LeftSession {
  readonly id: string;
  readonly key: string;
  readonly session: SessionContent;
}

/** A session with the data that the application has put into it. */
export type SessionContent = Session & Partial<SessionData>;

/** What is in a session besides data of the application: ours, express-session's, and what stores add. */
const NO_DATA: ReadonlySet<string> = new Set([MARKER, 'cookie', 'lastModified', '__lastAccess']);

/** Whether a session holds anything of the application's. */
export function holdsData(session: object): boolean {
  for (const name in session) if (!NO_DATA.has(name)) return true;
  return false;
}
