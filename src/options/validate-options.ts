import { inspect } from 'node:util';
import { pathToRegexp } from 'path-to-regexp';
import type { Clock } from '../ledger/clock.js';
import { shorterLimit } from '../policy/limits.js';
import { isReason, reasons } from '../policy/reason.js';
import { isSitePath } from '../wire/return-path.js';
import { limitsOf, milliseconds } from './duration.js';
import type { SessionLimits, SessionTimeoutExtras, SessionTimeoutOptions } from './session-timeout.options.js';

const LIMIT_NAMES: ReadonlySet<string> = new Set(['idleTimeout', 'absoluteTimeout', 'warnBefore']);

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
    typeof value === 'function' || isSitePath(value)
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
  clock: (value) => (isClock(value) ? undefined : 'must be an object whose now() gives milliseconds'),
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

/** Everything that is wrong with the options, one line for each field. What is `undefined` counts as absent. */
export function problemsOf(options: SessionTimeoutOptions, extras: SessionTimeoutExtras): string[] {
  if (!isObject(options as unknown)) return [`the options must be an object, but are ${shown(options)}`];
  const wrong = new Set<string>();
  const problems = Object.entries(options).flatMap(([name, value]) => {
    const known = Object.hasOwn(checks, name);
    const problem = known && value !== undefined && checks[name as keyof Checks](value);
    if (value === undefined || (known && !problem)) return [];
    wrong.add(name);
    return [problem ? `${name}: ${problem}, but is ${shown(value)}` : `${name}: ${unknownOption(name)}`];
  });
  if (![...LIMIT_NAMES].some((name) => wrong.has(name))) problems.push(...problemsOfLimits(options));
  return [...problems, ...problemsOfExtras(extras)];
}

/** What is wrong with limits that are right each by itself. */
function problemsOfLimits({ idleTimeout, absoluteTimeout, warnBefore }: SessionTimeoutOptions): string[] {
  if (idleTimeout === false && absoluteTimeout === false) {
    return ['idleTimeout, absoluteTimeout: at least one of the two limits must be on'];
  }
  const warning = milliseconds(warnBefore);
  return warning !== undefined && warning >= shorterLimit(limitsOf({ idleTimeout, absoluteTimeout }))
    ? [`warnBefore: must be shorter than the limits, but is ${shown(warnBefore)}`]
    : [];
}

function problemsOfExtras({ path, isGlobal }: SessionTimeoutExtras): string[] {
  const problems: string[] = [];
  if (path !== undefined && (typeof path !== 'string' || !/^\/*[\w.~-]+(\/[\w.~-]+)*\/*$/.test(path))) {
    problems.push(`path: must be a plain path, like "session" or "auth/session", but is ${shown(path)}`);
  }
  if (isGlobal !== undefined && typeof isGlobal !== 'boolean') {
    problems.push(`isGlobal: must be true or false, but is ${shown(isGlobal)}`);
  }
  return problems;
}

function unknownOption(name: string): string {
  return name === 'path' || name === 'isGlobal'
    ? 'belongs beside useFactory in forRootAsync(), not into what the factory returns'
    : `is no option; there are ${Object.keys(checks).join(', ')}`;
}

/** What is wrong with the limits that `limitsFor` returned; what it left out holds as for everybody. */
export function problemsOfOne(limits: SessionLimits, everybody: SessionLimits): string[] {
  const problems = Object.entries(limits).flatMap(([name, value]) => {
    const problem = LIMIT_NAMES.has(name) ? checks[name as keyof SessionLimits](value) : 'is no limit';
    return problem ? [`limitsFor: ${name} ${problem}, but is ${shown(value)}`] : [];
  });
  const { idleTimeout, absoluteTimeout } = { ...everybody, ...limits };
  return idleTimeout === false && absoluteTimeout === false
    ? [...problems, 'limitsFor: at least one of the two limits must be on']
    : problems;
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isClock(value: unknown): boolean {
  try {
    return Number.isFinite((value as Clock).now());
  } catch {
    return false;
  }
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '');
}

/** Objects by their kind only: what is in them, like the password of a client, is for no log. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return inspect(value);
  return `an object (${value.constructor?.name ?? 'without a prototype'})`;
}
