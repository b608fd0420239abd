import type { HttpException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { leadsToItself, returnTo, withParameters } from './login-url.js';

/**
 * Ends an answer whose headers are out: nothing can be told any more, and nobody else ends it.
 *
 * @returns whether it has done so
 */
export function endStarted(res: Response): boolean {
  if (!res.headersSent) return false;
  res.end();
  return true;
}

/**
 * Where to redirect a page load that is refused: to `url`, with the way back. `undefined` if the request is for that
 * page itself.
 */
export function redirectFor(req: Request, url: string, ownPath: string): string | undefined {
  return leadsToItself(url, req) ? undefined : withParameters(url, { returnTo: returnTo(req, ownPath) });
}

/** Answers with problem details (RFC 9457). */
export function sendProblem(res: Response, exception: HttpException): void {
  res.status(exception.getStatus()).type('application/problem+json').send(JSON.stringify(exception.getResponse()));
}
