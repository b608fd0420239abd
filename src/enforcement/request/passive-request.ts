import type { Request } from 'express';
import { CLIENT_HEADER, PASSIVE_HEADER } from '../../wire/headers.js';

/** The reasons why a request itself is passive. */
type PassiveBecause = typeof PASSIVE_HEADER | 'prefetch' | 'cross-site';

/**
 * Returns why the headers of a request show that no user asked for it. It is marked as passive, it is a prefetch
 * (`Sec-Purpose`, including prerendering), or a page of another site sent it without taking the user here (Fetch
 * Metadata, `Sec-Fetch-*`). Returns `undefined` if the headers do not show this.
 */
export function passiveBecause(req: Request): PassiveBecause | undefined {
  const headers = req.headers;
  const passive = headers[PASSIVE_HEADER];
  // Node joins a header that was sent twice.
  if (passive !== undefined && /^1(, ?1)*$/.test(String(passive))) return PASSIVE_HEADER;
  if (PURPOSES.some((name) => isPrefetch(headers[name])) || headers[HTMX_PREFETCH] === 'true') return 'prefetch';
  const isCrossSite = headers['sec-fetch-site'] === 'cross-site' && !isVisit(req) && !isFromAllowedOrigin(req);
  return isCrossSite ? 'cross-site' : undefined;
}

/**
 * The headers that say why a request is sent. Turbo uses `X-Sec-Purpose`, because only browsers may send `Sec-Purpose`,
 * and older browsers use the others.
 */
const PURPOSES = ['sec-purpose', 'x-sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/** The extension `preload` of htmx marks its requests with it. */
const HTMX_PREFETCH = 'hx-preloaded';

function isPrefetch(purpose: string | string[] | undefined): boolean {
  return purpose !== undefined && /\b(prefetch|prerender|preview)\b/i.test(String(purpose));
}

/**
 * Whether a user came here from another site. Redirects, `<meta http-equiv="refresh">` and scripts also lead here, but
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
 * Whether a script on an allowed origin sent the request: a front end on another site, which the application allows to
 * send cookies. The CORS middleware of the application has set the headers of the answer by now.
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
 * Whether a page of this application sent the request (OWASP ASVS 5.0, 3.5.1 and 3.5.3). Without Fetch Metadata (plain
 * http, old browsers), the header of our client decides: other sites cannot send it without a CORS preflight.
 */
export function isFromOwnPage(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  return site === undefined ? req.headers[CLIENT_HEADER] === '1' : site === 'same-origin';
}

/**
 * Whether a script of this application sent the request. Images, frames and links in the texts of users have the same
 * origin, but their requests are `no-cors` or `navigate`, or have a destination, as with `<img crossorigin>`.
 */
export function isFromOwnScript(req: Request): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest = 'empty' } = req.headers;
  return isFromOwnPage(req) && mode !== 'no-cors' && mode !== 'navigate' && dest === 'empty';
}

/**
 * Whether an `EventSource` sent the request. Browsers open such streams again and again by themselves. Scripts that read
 * a stream with `fetch()` do not forbid caches.
 */
export function opensEventStream({ method, headers }: Request): boolean {
  return method === 'GET' && headers.accept === 'text/event-stream' && headers['cache-control'] === 'no-cache';
}
