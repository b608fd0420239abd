import type { Request } from 'express';
import type { SessionData } from 'express-session';

/**
 * Keeps the row of a request's session from expiring in its store, as the end of an answer does. For requests that have
 * no answer.
 */
export function touchRow({ session, sessionID, sessionStore }: Request): void {
  if (!session) return;
  session.touch();
  // A store that fails has told the application, and the next touch tries again.
  sessionStore.touch?.(sessionID, session as SessionData, () => {});
}
