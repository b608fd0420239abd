import type { Request } from 'express';
import { pathToRegexp } from 'path-to-regexp';
import type { Settings } from './settings.js';
import { chain } from '../ledger/maybe-promise.js';
import { monotonicClock } from '../ledger/clock.js';
import { MemoryLedger } from '../ledger/memory/memory-ledger.js';
import { clampWarning, type Limits, touchIntervalFor } from '../policy/limits.js';
import { problemsOf, problemsOfOne, SessionTimeoutOptionsError } from './validate-options.js';
import { limitsOf, milliseconds } from './duration.js';
import {
  defaults,
  type SessionLimits,
  type SessionTimeoutExtras,
  type SessionTimeoutOptions,
} from './session-timeout.options.js';

/**
 * Checks the options and completes them with their defaults.
 *
 * @throws SessionTimeoutOptionsError that lists everything that is wrong
 */
export function resolveSettings(given: SessionTimeoutOptions, extras: SessionTimeoutExtras = {}): Settings {
  const problems = problemsOf(given, extras);
  if (problems.length > 0) throw new SessionTimeoutOptionsError(problems);

  const options = withoutUndefined(given);
  const limits = limitsOf(options);
  const clock = options.clock ?? monotonicClock;
  const ledger = options.ledger ?? new MemoryLedger({ clock });
  const passive = (options.passiveRoutes ?? []).map(passiveRoute);
  const { identify, limitsFor, redirectTo } = options;

  return {
    path: (extras.path ?? defaults.path).replace(/^\/+|\/+$/g, ''),
    limits,
    touchInterval: milliseconds(options.touchInterval) ?? touchIntervalFor(limits.idleTimeout),
    identify: identify && ((req) => chain(identify(req), userId)),
    limitsVary: limitsFor !== undefined,
    limitsFor: limitsFor
      ? (req, user) => chain(limitsFor(req, user), (some) => (some ? limitsOfOne(options, limits, some) : limits))
      : () => limits,
    isPassiveRoute: (req, path) => passive.some((matches) => matches(req, path)),
    redirectTo: typeof redirectTo === 'string' ? () => redirectTo : redirectTo,
    loginPath: typeof redirectTo === 'string' ? redirectTo : undefined,
    messages: { ...defaults.messages, ...withoutUndefined(options.messages ?? {}) },
    ledger,
    unknownSessions: options.unknownSessions ?? (ledger.shared ? 'expire' : 'adopt'),
    ledgerTimeout: milliseconds(options.ledgerTimeout ?? defaults.ledgerTimeout) as number,
    trustClientActivity: options.trustClientActivity ?? defaults.trustClientActivity,
    onExpired: options.onExpired,
    cookieName: options.cookieName ?? defaults.cookieName,
    serverTiming: options.serverTiming ?? defaults.serverTiming,
    clock,
  };
}

/**
 * The limits of one session.
 *
 * @throws SessionTimeoutOptionsError if `limitsFor` returned nonsense: a session is never without limits
 */
function limitsOfOne(options: SessionTimeoutOptions, everybody: Limits, given: SessionLimits): Limits {
  const some = withoutUndefined(given);
  const problems = problemsOfOne(some, everybody);
  if (problems.length > 0) throw new SessionTimeoutOptionsError(problems);

  const limits = limitsOf({ ...everybody, ...some });
  const warnBefore = milliseconds(some.warnBefore ?? options.warnBefore ?? defaults.warnBefore) as number;
  return { ...limits, warnBefore: clampWarning(warnBefore, limits) };
}

/**
 * The id of a user as a ledger can keep it; `undefined` for nobody, also where that is null or empty.
 *
 * @throws TypeError if `identify` returned something else, like a whole user
 */
function userId(given: unknown): string | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (typeof given === 'string') return given;
  if (typeof given === 'number' || typeof given === 'bigint') return String(given);
  throw new TypeError(
    `identify has to return the id of the user as text, or undefined; it returned a ${typeof given}.`,
  );
}

type PassiveRoute = NonNullable<SessionTimeoutOptions['passiveRoutes']>[number];

function passiveRoute(route: PassiveRoute): (req: Request, path: string) => boolean {
  if (typeof route === 'function') return route;
  const pattern =
    typeof route === 'string' ? pathToRegexp(route).regexp : new RegExp(route.source, route.flags.replace(/[gy]/g, ''));
  return (_req, path) => pattern.test(path);
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
