import type { Request } from 'express';

/**
 * Whether a browser requests a page to show. Scripts, htmx and Turbo frames request data, and would take the login
 * page for that data. The Fetch Metadata headers decide. Without them (old browsers, plain http), the `Accept` header
 * decides.
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
