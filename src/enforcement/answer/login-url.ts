import type { Request } from 'express';
import { log } from '../timelines/events/log.js';
import type { Settings } from '../../options/settings.js';
import { shown } from '../../options/shown.js';
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
  const url = urlFrom(settings, 'redirectTo', req, reason);
  return url === undefined ? undefined : withParameters(url, { reason });
}

/** Returns the URL where a signed-in user authenticates again, by the same rules. */
export function reauthenticationUrl(settings: Settings, req: Request): string | undefined {
  return urlFrom(settings, 'reauthenticateAt', req);
}

/** The URL that an option returns, with the prefix that a proxy has removed. */
function urlFrom(
  settings: Settings,
  option: 'redirectTo' | 'reauthenticateAt',
  req: Request,
  reason?: Reason,
): string | undefined {
  const ask = settings[option];
  const url: unknown = ask?.(req, reason);
  if (isSitePath(url) || isWebUrl(url)) return withProxyPrefix(url, req);
  // `null` and empty text count as none.
  if (ask && url) {
    // A query may contain what is private.
    const address = typeof url === 'string' ? url.replace(/[?#].*/s, '') : url;
    log.warnOnce(
      ask,
      `For a request, ${option} has returned ${shown(address)}, which leads nowhere: it is neither a path of this site ` +
        'nor a complete http(s) URL. Return a path that begins with one /.',
    );
  }
  return undefined;
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
