import type { Request } from 'express';
import { CLIENT_HEADER, PASSIVE_HEADER } from '../../wire/headers.js';

/**
 * Whether a request says of itself that nobody asked for it: it is marked, it is fetched ahead
 * (`Sec-Purpose: prefetch`, prerendering included), or another site's page makes it without taking
 * the user here (Fetch Metadata, `Sec-Fetch-*`).
 */
export function saysPassive(req: Request): boolean {
  const headers = req.headers;
  if (headers[PASSIVE_HEADER] === '1') return true;
  if (isPrefetch(headers['sec-purpose'] ?? headers['purpose'])) return true;
  return (
    headers['sec-fetch-site'] === 'cross-site' &&
    !(headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document')
  );
}

function isPrefetch(purpose: string | string[] | undefined): boolean {
  return purpose !== undefined && /\b(prefetch|prerender)\b/i.test(String(purpose));
}

/** The path a client asked for, whatever prefix a router has taken off it. */
export function requestedPath(req: Request): string {
  const end = req.originalUrl.indexOf('?');
  return end === -1 ? req.originalUrl : req.originalUrl.slice(0, end);
}

/**
 * Whether a request was made by a page of this application (OWASP ASVS 5.0, 3.5.1 and 3.5.3). Where
 * Fetch Metadata are missing (plain http, old browsers) our client sends a header that no other site
 * can send without asking first.
 */
export function isFromOwnPage(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  return site === undefined ? req.headers[CLIENT_HEADER] === '1' : site === 'same-origin';
}
