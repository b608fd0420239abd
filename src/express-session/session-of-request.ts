import type { Request } from 'express';
import { HttpSession } from './http-session.js';

// The symbol is registered, so that two copies of the package in one process judge a request only once. There is one
// object for everything, because each property on a request is expensive on Node 22 and before. See bench/README.md.
const HTTP_SESSION = Symbol.for('nestjs-session-timeout.request');

type WithSession = Request & { [HTTP_SESSION]?: HttpSession };

/** Returns the session of a request. */
export function httpSessionOf(req: Request): HttpSession {
  return ((req as WithSession)[HTTP_SESSION] ??= new HttpSession(req));
}

/** The same, if it has been created before. */
export function knownHttpSession(req: Request): HttpSession | undefined {
  return (req as WithSession)[HTTP_SESSION];
}
