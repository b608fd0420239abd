import type { Request } from 'express';

/**
 * Whether a browser asks for a page to show. Scripts, htmx and Turbo frames ask for data, and would take the login
 * page for it. Fetch Metadata decide; where they are missing (old browsers, plain http), the `Accept` header does.
 */
export function isNavigation(req: Request): boolean {
  const headers = req.headers;
  // Turbo shows what its visits and forms get, and follows a redirect to the login page.
  if (headers['x-turbo-request-id'] && !headers['turbo-frame']) return true;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  if (headers['hx-request'] || headers['turbo-frame'] || headers['x-requested-with']) return false;
  return req.accepts(['application/json', 'text/html']) === 'text/html';
}
