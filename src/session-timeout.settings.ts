import type { Request } from 'express';
import ms from 'ms';
import { pathToRegexp } from 'path-to-regexp';
import { withParameters } from './enforcement/login-url.js';
import { requestedPath } from './enforcement/passive.js';
import type { Settings } from './enforcement/settings.js';
import { chain } from './ledger/activity-ledger.js';
import { monotonicClock } from './ledger/clock.js';
import { MemoryLedger } from './ledger/memory-ledger.js';
import { clampWarning, type Limits, shorterLimit, touchIntervalFor } from './policy/limits.js';
import { isReason, reasons } from './policy/reason.js';
import { defaults, type SessionLimits, type SessionTimeoutOptions } from './session-timeout.options.js';

type Checks = { readonly [Name in keyof Required<SessionTimeoutOptions>]: (value: unknown) => string | undefined };

const duration = (value: unknown) =>
  milliseconds(value) === undefined ? 'must be a duration above 0: milliseconds, or text like "15m"' : undefined;
const durationOrFalse = (value: unknown) =>
  value !== false && duration(value)
    ? 'must be a duration above 0, like "15m", or false to turn the limit off'
    : undefined;
const isFunction = (value: unknown) => (typeof value === 'function' ? undefined : 'must be a function');
const isBoolean = (value: unknown) => (typeof value === 'boolean' ? undefined : 'must be true or false');

/** What each option has to be; each check gives what is wrong and how to mend it. */
const checks: Checks = {
  idleTimeout: durationOrFalse,
  absoluteTimeout: durationOrFalse,
  warnBefore: duration,
  touchInterval: duration,
  identify: isFunction,
  limitsFor: isFunction,
  passiveRoutes: (value) => {
    if (!Array.isArray(value)) return 'must be an array of paths, regular expressions and functions';
    return value.map(passiveRouteProblem).find((problem) => problem !== undefined);
  },
  redirectTo: (value) =>
    typeof value === 'function' || (typeof value === 'string' && /^\/(?![/\\])/.test(value))
      ? undefined
      : 'must be a path that begins with one "/", or a function that returns a URL',
  messages: (value) => {
    if (!isObject(value)) return 'must be an object of texts by reason';
    const wrong = Object.entries(value).find(([reason, text]) => !isReason(reason) || !isTextOrAbsent(text));
    return wrong && `has no place for ${JSON.stringify(wrong[0])}: texts for ${reasons.join(', ')}`;
  },
  ledger: (value) =>
    isObject(value) &&
    typeof value['shared'] === 'boolean' &&
    ['open', 'read', 'advance', 'end'].every((method) => typeof value[method] === 'function')
      ? undefined
      : 'must be an ActivityLedger, like new MemoryLedger()',
  unknownSessions: (value) => (value === 'adopt' || value === 'expire' ? undefined : 'must be "adopt" or "expire"'),
  ledgerTimeout: duration,
  trustClientActivity: isBoolean,
  onExpired: isFunction,
  cookieName: (value) =>
    typeof value === 'string' && /^[!#$%&'*+.^_`|~\w-]+$/.test(value)
      ? undefined
      : 'must be the name of a cookie, the one you gave to session({ name })',
  serverTiming: isBoolean,
  clock: (value) =>
    isObject(value) && typeof value['now'] === 'function' && Number.isFinite(value['now']())
      ? undefined
      : 'must be an object whose now() gives milliseconds',
};

/** The boot stops: what is wrong with the options, each with its cure. */
export class SessionTimeoutOptionsError extends Error {
  override readonly name = 'SessionTimeoutOptionsError';

  /** @param problems one line for each field that is wrong */
  constructor(readonly problems: readonly string[]) {
    super(
      `SessionTimeoutModule cannot work with these options:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}

/**
 * Checks the options and completes them with their defaults.
 *
 * @throws SessionTimeoutOptionsError that lists everything that is wrong
 */
export function resolveSettings(given: SessionTimeoutOptions, givenPath: string = defaults.path): Settings {
  const options = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as SessionTimeoutOptions;
  const path = String(givenPath).replace(/^\/+|\/+$/g, '');
  const problems = [...problemsOf(options), ...(path === '' ? ['path: must name a path, like "session"'] : [])];
  if (problems.length > 0) throw new SessionTimeoutOptionsError(problems);

  const limits = limitsOf(options);
  const clock = options.clock ?? monotonicClock;
  const ledger = options.ledger ?? new MemoryLedger({ clock });
  const passive = (options.passiveRoutes ?? []).map(passiveRoute);
  const { identify, limitsFor, redirectTo } = options;

  return {
    path,
    limits,
    touchInterval: milliseconds(options.touchInterval) ?? touchIntervalFor(limits.idleTimeout),
    identify: identify && ((req) => chain(identify(req), userId)),
    limitsFor: limitsFor
      ? (req, user) => chain(limitsFor(req, user), (some) => (some ? limitsOfOne(options, limits, some) : limits))
      : () => limits,
    isPassiveRoute: (req) => passive.some((matches) => matches(req)),
    loginUrl: (req, reason) => {
      if (redirectTo === undefined) return undefined;
      return withParameters(typeof redirectTo === 'function' ? redirectTo(req, reason) : redirectTo, { reason });
    },
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

function problemsOf(options: SessionTimeoutOptions): string[] {
  const problems = Object.entries(options).flatMap(([name, value]) => {
    if (!Object.hasOwn(checks, name)) return [`${name}: ${unknownOption(name)}`];
    const problem = checks[name as keyof Checks](value);
    return problem ? [`${name}: ${problem}, but is ${shown(value)}`] : [];
  });
  if (problems.length > 0) return problems;
  if (options.idleTimeout === false && options.absoluteTimeout === false) {
    return ['idleTimeout, absoluteTimeout: at least one of the two limits must be on'];
  }
  const warnBefore = milliseconds(options.warnBefore);
  if (warnBefore !== undefined && warnBefore >= shorterLimit(limitsOf({ ...options, warnBefore: undefined }))) {
    return [`warnBefore: must be shorter than the limits, but is ${shown(options.warnBefore)}`];
  }
  return [];
}

function unknownOption(name: string): string {
  return name === 'path' || name === 'isGlobal'
    ? 'belongs beside useFactory in forRootAsync(), not into what the factory returns'
    : `is no option; there are ${Object.keys(checks).join(', ')}`;
}

/** The limits that options say, for everybody. */
function limitsOf(options: SessionLimits): Limits {
  const limits = {
    idleTimeout: limit(options.idleTimeout ?? defaults.idleTimeout),
    absoluteTimeout: limit(options.absoluteTimeout ?? defaults.absoluteTimeout),
  };
  return { ...limits, warnBefore: milliseconds(options.warnBefore) ?? clampWarning(ms(defaults.warnBefore), limits) };
}

/**
 * The limits of one session.
 *
 * @throws SessionTimeoutOptionsError if `limitsFor` returned nonsense: a session is never without limits
 */
function limitsOfOne(options: SessionTimeoutOptions, everybody: Limits, given: SessionLimits): Limits {
  const some = withoutUndefined(given);
  const problems = (Object.keys(some) as (keyof SessionLimits)[]).flatMap((name) => {
    const problem = LIMIT_NAMES.has(name) ? checks[name](some[name]) : 'is no limit';
    return problem ? [`limitsFor: ${name} ${problem}, but is ${shown(some[name])}`] : [];
  });
  if (problems.length > 0) throw new SessionTimeoutOptionsError(problems);

  const { idleTimeout, absoluteTimeout } = limitsOf({ ...everybody, ...some });
  if (idleTimeout === false && absoluteTimeout === false) {
    throw new SessionTimeoutOptionsError(['limitsFor: at least one of the two limits must be on']);
  }
  const warnBefore = milliseconds(some.warnBefore ?? options.warnBefore ?? defaults.warnBefore) as number;
  const limits = { idleTimeout, absoluteTimeout };
  return { ...limits, warnBefore: clampWarning(warnBefore, limits) };
}

const LIMIT_NAMES: ReadonlySet<string> = new Set(['idleTimeout', 'absoluteTimeout', 'warnBefore']);

function limit(value: SessionLimits['idleTimeout']): number | false {
  return value === false ? false : (milliseconds(value) as number);
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

/** A duration in milliseconds; `undefined` if it is none. */
function milliseconds(value: unknown): number | undefined {
  const parsed =
    typeof value === 'string' && value.length > 0 && value.length <= 100 ? ms(value as ms.StringValue) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) && parsed > 0 ? parsed : undefined;
}

function passiveRouteProblem(route: unknown): string | undefined {
  if (typeof route === 'function' || route instanceof RegExp) return undefined;
  if (typeof route !== 'string' || !route.startsWith('/')) return `has ${shown(route)}: paths begin with "/"`;
  try {
    pathToRegexp(route);
    return undefined;
  } catch (error) {
    return `has ${shown(route)}, which is no path of Express 5 (${(error as Error).message})`;
  }
}

function passiveRoute(route: string | RegExp | ((req: Request) => boolean)): (req: Request) => boolean {
  if (typeof route === 'function') return route;
  const pattern =
    typeof route === 'string' ? pathToRegexp(route).regexp : new RegExp(route.source, route.flags.replace(/[gy]/g, ''));
  return (req) => pattern.test(requestedPath(req));
}

function isObject(value: unknown): value is Record<string, unknown> & { now(): unknown } {
  return typeof value === 'object' && value !== null;
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '');
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
