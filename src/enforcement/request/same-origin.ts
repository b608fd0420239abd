import type { Request } from 'express';
import { CLIENT_HEADER } from '../../wire/headers.js';

/**
 * Whether a request was made by a page of this application (OWASP ASVS 5.0, 3.5.1 and 3.5.3). Where
 * Fetch Metadata are missing (plain http, old browsers) our client sends a header that no other site
 * can send without asking first.
 */
export function isFromOwnPage(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  return site === undefined ? req.headers[CLIENT_HEADER] === '1' : site === 'same-origin';
}
