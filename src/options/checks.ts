import { IsIn, Matches, ValidateBy } from 'class-validator';
import { isAsyncFunction } from 'node:util/types';
import type { Clock } from '../base/clock.js';
import { isReason, reasons } from '../policy/reason.js';
import { isSitePath } from '../wire/return-path.js';
import { isRecord } from './declarations.js';
import { draftsProblem } from './drafts.js';
import { readDuration, UNITS } from './duration.js';
import { passiveRouteProblem } from './passive-route.js';
import { shown } from './shown.js';

/**
 * Makes a decorator for fields.
 *
 * @param isRight returns whether a value is right. If it throws, the value is wrong
 * @param message what the value must be
 */
function check(
  name: string,
  isRight: (value: unknown) => boolean,
  message: string | ((value: unknown) => string),
): () => PropertyDecorator {
  const validate = (value: unknown) => {
    try {
      return isRight(value);
    } catch {
      return false;
    }
  };
  const text = typeof message === 'string' ? message : ({ value }: { value: unknown }) => message(value);
  return () => ValidateBy({ name, validator: { validate } }, { message: text });
}

/** A duration above 0. */
export const IsDuration = check(
  'isDuration',
  (value) => readDuration(value) !== undefined,
  `must be a duration above 0: milliseconds, or text like "15m" (${UNITS})`,
);

/** A duration above 0, or `false`. */
export const IsDurationOrFalse = check(
  'isDurationOrFalse',
  (value) => value === false || readDuration(value) !== undefined,
  `must be a duration above 0, like "15m" (${UNITS}), or false to turn it off`,
);

/** A function. */
export const IsFunction = check('isFunction', (value) => typeof value === 'function', 'must be a function');

/** A function whose result is used at once. */
export const IsSyncFunction = check(
  'isSyncFunction',
  (value) => typeof value === 'function' && !isAsyncFunction(value),
  (value) => (isAsyncFunction(value) ? 'must return its result at once' : 'must be a function'),
);

/** `true` or `false`. The `IsBoolean` of class-validator would accept `new Boolean(false)`, which is truthy. */
export const IsTrueOrFalse = () => IsIn([true, false], { message: 'must be true or false' });

/** One of some texts. */
export const IsOneOf = (...texts: readonly string[]) =>
  IsIn(texts, { message: `must be ${texts.map((text) => JSON.stringify(text)).join(' or ')}` });

/** The name of a cookie by RFC 6265. */
export const IsCookieName = () =>
  Matches(/^[!#$%&'*+.^_`|~\w-]+$/, { message: 'must be the name of a cookie, as in session({ name })' });

/**
 * A path without parameters and patterns, and without `.` and `..`, which browsers resolve. Slashes around it do not
 * matter.
 */
export const IsPlainPath = () =>
  Matches(/^(?!(.*\/)?\.{1,2}(\/|$))\/*[\w.~-]+(\/[\w.~-]+)*\/*$/, {
    message: 'must be a plain path, like "session" or "auth/session"',
  });

/** A whole number of sessions, `false`, or a function. */
export const IsMaxSessions = check(
  'isMaxSessions',
  (value) => typeof value === 'function' || isMaxSessions(value),
  'must be a whole number from 1, false for any number, or a function that returns one of these',
);

/** Whether it is a number of sessions that a user may have, or `false` for any number. */
export function isMaxSessions(value: unknown): value is number | false {
  return value === false || (Number.isSafeInteger(value) && (value as number) >= 1);
}

/** Paths, regular expressions and functions that name routes. */
export const IsPassiveRoutes = check(
  'isPassiveRoutes',
  (value) => Array.isArray(value) && !value.some(passiveRouteProblem),
  (value) =>
    (Array.isArray(value) && value.map(passiveRouteProblem).find(Boolean)) ||
    'must be an array of paths, regular expressions and functions',
);

/** Secrets and a duration for drafts. */
export const IsDrafts = check(
  'isDrafts',
  (value) => draftsProblem(value) === undefined,
  (value) => draftsProblem(value) ?? '',
);

/** A path of this site, or a function. */
export const IsRedirect = check(
  'isRedirect',
  (value) => (typeof value === 'function' && !isAsyncFunction(value)) || isSitePath(value),
  'must be a path that begins with one "/", or a function that returns a URL at once',
);

/** Texts by reason. A reason may be left out. */
export const IsMessages = check(
  'isMessages',
  (value) => isRecord(value) && !wrongMessage(value),
  (value) => {
    const wrong = isRecord(value) && wrongMessage(value);
    if (!wrong) return 'must be an object of texts by reason';
    const [reason] = wrong;
    const cure = isReason(reason) ? ': it must be text that is not empty' : `; the reasons are ${reasons.join(', ')}`;
    return `has an invalid entry for ${shown(reason)}${cure}`;
  },
);

function wrongMessage(messages: object): [string, unknown] | undefined {
  return Object.entries(messages).find(
    ([reason, text]) => !isReason(reason) || (text !== undefined && (typeof text !== 'string' || text === '')),
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The methods of `ActivityLedger.users`. */
const USERS = ['ofUser', 'claim', 'release', 'due', 'expire'];

const hasMethods = (value: unknown, names: readonly string[]) =>
  isObject(value) && names.every((name) => typeof value[name] === 'function');

/** An object with the methods that every ledger has. Optional members have to be right, too. */
export const IsLedger = check(
  'isLedger',
  (value) =>
    isObject(value) &&
    typeof value['shared'] === 'boolean' &&
    hasMethods(value, ['open', 'read', 'advance', 'end']) &&
    (value['users'] === undefined || hasMethods(value['users'], USERS)) &&
    (value['close'] === undefined || typeof value['close'] === 'function') &&
    (value['clock'] === undefined || typeof (value['clock'] as Clock).now === 'function'),
  'must be an ActivityLedger, like new MemoryLedger()',
);

/** An object, or a function like `Date`, whose `now()` returns a finite number. */
export const IsClock = check('isClock', isClock, 'must be an object whose now() returns milliseconds');

function isClock(value: unknown): boolean {
  return Number.isFinite((value as Clock).now());
}
