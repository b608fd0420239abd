import { IsIn, Matches, ValidateBy } from 'class-validator';
import type { Clock } from '../ledger/clock.js';
import { isReason, reasons } from '../policy/reason.js';
import { isSitePath } from '../wire/return-path.js';
import { isRecord } from './declarations.js';
import { readDuration } from './duration.js';
import { passiveRouteProblem } from './passive-route.js';

/** Tells what a value must be, or returns `undefined` if the value is right. */
type Check = (value: unknown) => string | undefined;

/** Turns a check into a decorator for fields. The message of class-validator is what the check returns. */
function decorator(name: string, check: Check): () => PropertyDecorator {
  const validator = {
    validate: (value: unknown) => check(value) === undefined,
    defaultMessage: (args?: { value: unknown }) => check(args?.value) ?? '',
  };
  return () => ValidateBy({ name, validator });
}

/** A duration above 0. */
export const IsDuration = decorator('isDuration', (value) =>
  readDuration(value) === undefined ? 'must be a duration above 0: milliseconds, or text like "15m"' : undefined,
);

/** A duration above 0, or `false`. */
export const IsDurationOrFalse = decorator('isDurationOrFalse', (value) =>
  value !== false && readDuration(value) === undefined
    ? 'must be a duration above 0, like "15m", or false to turn the limit off'
    : undefined,
);

/** A function. */
export const IsFunction = decorator('isFunction', (value) =>
  typeof value === 'function' ? undefined : 'must be a function',
);

/** `true` or `false`. The `IsBoolean` of class-validator would accept `new Boolean(false)`, which is truthy. */
export const IsTrueOrFalse = () => IsIn([true, false], { message: 'must be true or false' });

/** One of some texts. */
export const IsOneOf = (...texts: readonly string[]) =>
  IsIn(texts, { message: `must be ${texts.map((text) => JSON.stringify(text)).join(' or ')}` });

/** The name of a cookie, as RFC 6265 allows it. */
export const IsCookieName = () =>
  Matches(/^[!#$%&'*+.^_`|~\w-]+$/, { message: 'must be the name of a cookie, the one you gave to session({ name })' });

/** A path without parameters and patterns. Slashes before and after it do not matter. */
export const IsPlainPath = () =>
  Matches(/^\/*[\w.~-]+(\/[\w.~-]+)*\/*$/, { message: 'must be a plain path, like "session" or "auth/session"' });

/** Paths, regular expressions and functions that name routes. */
export const IsPassiveRoutes = decorator('isPassiveRoutes', (value) => {
  if (!Array.isArray(value)) return 'must be an array of paths, regular expressions and functions';
  return value.map(passiveRouteProblem).find((problem) => problem !== undefined);
});

/** A path of this site, or a function. */
export const IsRedirect = decorator('isRedirect', (value) =>
  typeof value === 'function' || isSitePath(value)
    ? undefined
    : 'must be a path that begins with one "/", or a function that returns a URL',
);

/** Texts by reason. A reason may be left out. */
export const IsMessages = decorator('isMessages', (value) => {
  if (!isRecord(value)) return 'must be an object of texts by reason';
  const wrong = Object.entries(value).find(
    ([reason, text]) => !isReason(reason) || (text !== undefined && (typeof text !== 'string' || text === '')),
  );
  return wrong && `has no place for ${JSON.stringify(wrong[0])}: texts for ${reasons.join(', ')}`;
});

/** An object with the methods that every ledger has. */
export const IsLedger = decorator('isLedger', (value) =>
  isRecord(value) &&
  typeof value['shared'] === 'boolean' &&
  ['open', 'read', 'advance', 'end'].every((method) => typeof value[method] === 'function')
    ? undefined
    : 'must be an ActivityLedger, like new MemoryLedger()',
);

/** An object, or a function like `Date`, whose `now()` returns a finite number. */
export const IsClock = decorator('isClock', (value) => {
  try {
    if (Number.isFinite((value as Clock).now())) return undefined;
  } catch {
    // A clock that throws is not a clock.
  }
  return 'must be an object whose now() gives milliseconds';
});
