import type { Request } from 'express';
import { requestedPath } from './passive-request.js';

const LONGEST_RETURN = 2048;
const ANY_ORIGIN = 'http://local.invalid';

/** Adds query parameters to a URL, which may be a path; what is there already stays. */
export function withParameters(url: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const parsed = new URL(url, ANY_ORIGIN);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && !parsed.searchParams.has(name)) parsed.searchParams.set(name, value);
  }
  return parsed.origin === ANY_ORIGIN ? parsed.pathname + parsed.search + parsed.hash : parsed.href;
}

/** Whether `value` is a path or a URL that a browser can be sent to; a function of the application may give anything. */
export function isWebUrl(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || !URL.canParse(value, ANY_ORIGIN)) return false;
  return ['http:', 'https:'].includes(new URL(value, ANY_ORIGIN).protocol);
}

/** Whether a path leads to where the request already is. */
export function leadsToItself(url: string, req: Request): boolean {
  const { origin, pathname } = new URL(url, ANY_ORIGIN);
  return origin === ANY_ORIGIN && pathname === requestedPath(req);
}

/**
 * Where to come back to after signing in: the path and query of a page that was asked for with GET.
 * `undefined` for anything a browser could read as another origin, and for pages that would sign out
 * again or are no pages (`ownPath`: the routes of this package).
 */
export function returnTo(req: Request, ownPath: string): string | undefined {
  const url = req.originalUrl;
  const path = requestedPath(req);
  if (req.method !== 'GET' || url.length > LONGEST_RETURN) return undefined;
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(url)) return undefined;
  if (/(^|[/_-])(log|sign)[_-]?(out|off)\b/i.test(path)) return undefined;
  if (['ping', 'end', 'client.js'].some((route) => path.endsWith(`/${ownPath}/${route}`))) return undefined;
  return url;
}
