import type { Request } from 'express';
import { HttpSession } from './http-session.js';

// Registered, so that two copies of the package in one process judge a request once. One object for all there is to
// remember, as each property that a request gets is dear on Node 22 and before. See bench/README.md.
const HTTP_SESSION = Symbol.for('nestjs-session-timeout.request');

type WithSession = Request & { [HTTP_SESSION]?: HttpSession };

/** The session of a request. */
export function httpSessionOf(req: Request): HttpSession {
  return ((req as WithSession)[HTTP_SESSION] ??= new HttpSession(req));
}

/** The same, if anybody has asked for it before. */
export function knownHttpSession(req: Request): HttpSession | undefined {
  return (req as WithSession)[HTTP_SESSION];
}
