import type { Request } from 'express';
import type { Settings } from '../../options/settings.js';
import type { Reason } from '../../policy/reason.js';
import { isSafeReturnTo, isSitePath } from '../../wire/return-path.js';
import { isOwnRoute } from '../../wire/own-routes.js';
import { browserUrl, withProxyPrefix } from '../request/proxy-prefix.js';
import { requestedPath } from '../request/requested-url.js';

/**
 * Returns the URL where the user of an ended session signs in again, with the reason as a parameter. Returns
 * `undefined` without the option `redirectTo`, or if it returns neither a path of this site nor a complete http(s) URL.
 */
export function loginUrl(settings: Settings, req: Request, reason?: Reason): string | undefined {
  const url = applicationUrl(req, settings.redirectTo?.(req, reason));
  return url === undefined ? undefined : withParameters(url, { reason });
}

/**
 * Returns a URL of the application with the prefix that a proxy has removed. Returns `undefined` if it is neither a
 * path of this site nor a complete http(s) URL.
 */
export function applicationUrl(req: Request, url: unknown): string | undefined {
  return isSitePath(url) || isWebUrl(url) ? withProxyPrefix(url, req) : undefined;
}

/**
 * Adds query parameters to a URL; existing ones are kept. The URL is handled as text, because parsing and serialising
 * it can change where it leads (`/..//elsewhere`).
 */
export function withParameters(url: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const [, address = '', query = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? [];
  const present = new URLSearchParams(query);
  const added = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && !present.has(name)) added.set(name, value);
  }
  if (added.size === 0) return url;
  const separator = query.length > 1 ? '&' : '';
  return `${address}${query || '?'}${separator}${added.toString()}${fragment}`;
}

/** Whether a URL is the path of the request itself. */
export function leadsToItself(url: string, req: Request): boolean {
  return isSitePath(url) && pathOf(url) === pathOf(browserUrl(req));
}

/**
 * Returns where to go after signing in: the path and the query of a page requested with GET, as the browser has them.
 * Returns `undefined` for anything that a browser could read as another origin, for pages that sign out, and for the
 * routes of this package (below `ownPath`).
 */
export function returnTo(req: Request, ownPath: string): string | undefined {
  const url = browserUrl(req);
  const path = requestedPath(req);
  if (req.method !== 'GET' || !isSafeReturnTo(url)) return undefined;
  if (/(^|[/_-])(log|sign)[_-]?(out|off)\b/i.test(path)) return undefined;
  if (isOwnRoute(path, ownPath)) return undefined;
  return url;
}

function pathOf(url: string): string {
  return /^[^?#]*/.exec(url)?.[0] ?? '';
}

/** Whether it is a complete URL. `//elsewhere` and `https:elsewhere` are not, although browsers accept them. */
function isWebUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\/[^\\/\p{Cc}]\P{Cc}*$/iu.test(value) && URL.canParse(value);
}
