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
  // Turbo may not send `Sec-Purpose`, which belongs to browsers, and sends `X-Sec-Purpose`.
  if (isPrefetch(headers['sec-purpose'] ?? headers['x-sec-purpose'] ?? headers['purpose'])) return 'prefetch';
  const isCrossSite = headers['sec-fetch-site'] === 'cross-site' && !isVisit(req) && !isFromAllowedOrigin(req);
  return isCrossSite ? 'cross-site' : undefined;
}

function isPrefetch(purpose: string | string[] | undefined): boolean {
  return purpose !== undefined && /\b(prefetch|prerender)\b/i.test(String(purpose));
}

/**
 * Whether a user came here from another site. Redirects, `<meta http-equiv="refresh">` and scripts lead here, too, but
 * without `Sec-Fetch-User`.
 */
function isVisit({ headers }: Request): boolean {
  if (headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document') return false;
  return headers['sec-fetch-user'] === '?1' || !tellsOfUsers(headers);
}

/** Whether the browser is one that sends `Sec-Fetch-User`: Chromium, or Firefox. WebKit never does. */
function tellsOfUsers(headers: Request['headers']): boolean {
  return headers['sec-ch-ua'] !== undefined || /\bFirefox\/\d/.test(headers['user-agent'] ?? '');
}

/**
 * Whether a script made the request on an origin that the application allows to send cookies: a front end with a site
 * of its own. The CORS middleware of the application has said so on the answer.
 */
function isFromAllowedOrigin({ headers, res }: Request): boolean {
  const { origin } = headers;
  return (
    headers['sec-fetch-mode'] === 'cors' &&
    origin !== undefined &&
    origin !== 'null' &&
    res?.getHeader('Access-Control-Allow-Origin') === origin &&
    String(res.getHeader('Access-Control-Allow-Credentials')) === 'true'
  );
}

/**
 * Whether a page of this application made the request (OWASP ASVS 5.0, 3.5.1 and 3.5.3). Without Fetch Metadata
 * (plain http, old browsers), the header of our client decides: other sites cannot send it without a CORS preflight.
 */
export function isFromOwnPage(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  return site === undefined ? req.headers[CLIENT_HEADER] === '1' : site === 'same-origin';
}

/**
 * Whether a script of this application made the request. Images, frames and links in what users write are of the same
 * origin, too, but their requests are `no-cors` or `navigate`.
 */
export function isFromOwnScript(req: Request): boolean {
  const mode = req.headers['sec-fetch-mode'];
  return isFromOwnPage(req) && mode !== 'no-cors' && mode !== 'navigate';
}
