import type { Request } from 'express';
import { CLIENT_HEADER, PASSIVE_HEADER } from '../../wire/headers.js';

/** What a request itself shows of why no user asked for it. */
type PassiveBecause = typeof PASSIVE_HEADER | 'prefetch' | 'cross-site';

/**
 * Tells why a request itself shows that no user asked for it: it is marked as passive, it is a prefetch
 * (`Sec-Purpose`, including prerendering), or a page of another site made it without taking the user here (Fetch
 * Metadata, `Sec-Fetch-*`). `undefined` if it does not show that.
 */
export function passiveBecause(req: Request): PassiveBecause | undefined {
  const headers = req.headers;
  if (headers[PASSIVE_HEADER] === '1') return PASSIVE_HEADER;
  if (isPrefetch(headers['sec-purpose'] ?? headers['purpose'])) return 'prefetch';
  const isCrossSite =
    headers['sec-fetch-site'] === 'cross-site' &&
    !(headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document');
  return isCrossSite ? 'cross-site' : undefined;
}

function isPrefetch(purpose: string | string[] | undefined): boolean {
  return purpose !== undefined && /\b(prefetch|prerender)\b/i.test(String(purpose));
}

/** The path that the client asked for, with any prefix that a router has removed. */
export function requestedPath(req: Request): string {
  const end = req.originalUrl.indexOf('?');
  return end === -1 ? req.originalUrl : req.originalUrl.slice(0, end);
}

/**
 * Whether a page of this application made the request (OWASP ASVS 5.0, 3.5.1 and 3.5.3). Without Fetch Metadata
 * (plain http, old browsers), the header of our client decides: other sites cannot send it without a CORS preflight.
 */
export function isFromOwnPage(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  return site === undefined ? req.headers[CLIENT_HEADER] === '1' : site === 'same-origin';
}
