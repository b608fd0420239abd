import { isAsyncFunction, isRegExp } from 'node:util/types';
import type { Request } from 'express';
import { pathToRegexp } from 'path-to-regexp';
import { atOnce } from './session-timeout-options.error.js';
import { shown } from './shown.js';

/** A path in the syntax of Express 5, a regular expression on the path, or a function of the request. */
export type PassiveRoutePattern = string | RegExp | ((req: Request) => boolean);

/** Tells what is wrong with an entry of `passiveRoutes`. */
export function passiveRouteProblem(route: unknown): string | undefined {
  if (isAsyncFunction(route)) return 'has an async function, but needs true or false at once';
  if (typeof route === 'function' || isRegExp(route)) return undefined;
  if (typeof route !== 'string' || !route.startsWith('/')) return `has ${shown(route)}: paths begin with "/"`;
  try {
    pathToRegexp(route);
    return undefined;
  } catch (error) {
    const reason = (error as Error).message.replace(`: ${route}`, '');
    return `has ${shown(route)}, which is not a path of Express 5 (${reason})${cureFor(route)}`;
  }
}

/** What to write in place of a path of Express 4, where a star needed no name. */
function cureFor(route: string): string {
  const named = route.replaceAll(/\*(?![\p{ID_Start}$_"])/gu, '*rest');
  try {
    pathToRegexp(named);
    return `: write ${shown(named)}`;
  } catch {
    return '';
  }
}

/** Returns a function that tells whether a request, whose client asked for `path`, is for this route. */
export function passiveRouteMatcher(route: PassiveRoutePattern): (req: Request, path: string) => boolean {
  if (typeof route === 'function') return (req) => atOnce('A function in passiveRoutes', 'true or false', route(req));
  // With the flags `g` and `y`, test() would remember where the last match ended.
  const pattern =
    typeof route === 'string' ? pathToRegexp(route).regexp : new RegExp(route.source, route.flags.replace(/[gy]/g, ''));
  return (_req, path) => pattern.test(path);
}
