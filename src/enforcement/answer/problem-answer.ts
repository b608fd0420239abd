import type { HttpException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { leadsToItself, returnTo, withParameters } from './login-url.js';

/**
 * Ends an answer whose headers are out. It cannot contain an error any more, and no other code ends it.
 *
 * @returns whether this call has ended the answer
 */
export function endStarted(res: Response): boolean {
  if (!res.headersSent) return false;
  res.end();
  return true;
}

/**
 * Returns where to redirect a refused page load: `url` with a `returnTo`. Returns `undefined` if the request is for
 * that page itself.
 */
export function redirectFor(req: Request, url: string, ownPath: string): string | undefined {
  return leadsToItself(url, req) ? undefined : withParameters(url, { returnTo: returnTo(req, ownPath) });
}

/** Answers with problem details (RFC 9457). */
export function sendProblem(res: Response, exception: HttpException): void {
  res.status(exception.getStatus()).type('application/problem+json').send(JSON.stringify(exception.getResponse()));
}
