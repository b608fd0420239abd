import type { Request } from 'express';

/**
 * Whether a browser requests a page to show. Scripts, htmx and Turbo frames request data, and would take the login
 * page for that data. The Fetch Metadata headers decide. Without them (old browsers, plain http), the `Accept` header
 * decides.
 */
export function isNavigation(req: Request): boolean {
  const headers = req.headers;
  if (isTurboVisit(req)) return true;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  if (headers['hx-request'] || headers['turbo-frame'] || headers['x-requested-with']) return false;
  return req.accepts(['application/json', 'text/html']) === 'text/html';
}

/**
 * Whether Turbo loads a page or sends a form. Turbo shows the answer, and follows a redirect to the login page. Its
 * requests have an id since Turbo 8, and its forms accept streams in every version. Requests of `Turbo.fetch()` have an
 * id, too, but accept anything.
 */
function isTurboVisit({ headers }: Request): boolean {
  if (headers['turbo-frame'] || headers['x-requested-with']) return false;
  const accept = headers.accept ?? '';
  return accept.includes('text/html') && (Boolean(headers['x-turbo-request-id']) || accept.includes(TURBO_STREAM));
}

const TURBO_STREAM = 'text/vnd.turbo-stream.html';
