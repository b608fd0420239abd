import type { Request } from 'express';
import type { SessionData } from 'express-session';
import { noop } from '../../base/noop.js';

/**
 * Keeps the row of a request's session from expiring in its store. It is for requests without an answer, because
 * express-session touches the row at the end of an answer.
 */
export function touchRow({ session, sessionID, sessionStore }: Request): void {
  if (!session) return;
  session.touch();
  // If the store fails, the application knows it, and the next touch tries again.
  sessionStore.touch?.(sessionID, session as SessionData, noop);
}

/** Gives a request without an answer the id under which its session goes on. */
export function goOnAs(req: Request, sessionId: string): void {
  req.sessionID = sessionId;
}
