import { chain } from '../base/maybe-promise.js';
import { RecentMap } from '../base/recent-map.js';
import { clampWarning, type Limits } from '../policy/limits.js';
import { readOnce, withoutUndefined } from './declarations.js';
import { limitsOf } from './limits.js';
import { LimitDeclarations, type SessionLimits } from './session-limits.js';
import { SessionTimeoutOptionsError } from './session-timeout-options.error.js';
import type { OptionDeclarations } from './session-timeout.options.js';
import type { ReturnedLimits, Settings } from './settings.js';
import { problemsOfLimitsFor } from './validate-options.js';

/** How many different results of `limitsFor` are remembered. */
const MOST_KNOWN = 100;

const TYPES_OF_LIMITS: ReadonlySet<string> = new Set(['undefined', 'boolean', 'number', 'string']);

/**
 * Returns a function that returns the limits of the session of a request.
 *
 * @param options the complete options
 * @param everybody the limits that these options set for all sessions
 * @param returned the list to which the first hundred different limits are added
 */
export function limitsForSession(
  options: OptionDeclarations,
  everybody: Limits,
  returned: ReturnedLimits[],
): Settings['limitsFor'] {
  const { limitsFor } = options;
  if (!limitsFor) return () => everybody;
  const resolve = remembered((given) => {
    const limits = limitsOfOne(options, given);
    if (returned.length < MOST_KNOWN) returned.push({ written: given, limits });
    return limits;
  });
  return (req, user) =>
    chain(limitsFor(req, user), (given) => (given ? resolve(readOnce(given, LimitDeclarations)) : everybody));
}

/**
 * Returns the limits of one session.
 *
 * @throws SessionTimeoutOptionsError if `limitsFor` returned invalid limits, so that no session is without limits
 */
function limitsOfOne(options: OptionDeclarations, given: SessionLimits): Limits {
  const problems = problemsOfLimitsFor(given, options);
  if (problems.length > 0) throw new SessionTimeoutOptionsError(problems);

  const { idleTimeout, absoluteTimeout, warnBefore } = options;
  const limits = limitsOf({ idleTimeout, absoluteTimeout, warnBefore, ...withoutUndefined(given) });
  return { ...limits, warnBefore: clampWarning(limits.warnBefore, limits) };
}

/**
 * Remembers the limits by what was given. `limitsFor` is called on each request and returns few different results.
 * class-validator takes several microseconds to check one, and longer the more validated classes an application has.
 */
function remembered(resolve: (given: SessionLimits) => Limits): (given: SessionLimits) => Limits {
  const known = new RecentMap<string, Limits>(MOST_KNOWN);
  return (given) => {
    const key = keyOf(given);
    if (key === undefined) return resolve(given);
    const found = known.get(key);
    if (found) return found;
    const limits = resolve(given);
    known.set(key, limits);
    return limits;
  };
}

/** Returns the same text only for equal limits, and `undefined` if the types show that these are no limits. */
function keyOf(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  let key = '';
  for (const [name, value] of Object.entries(given)) {
    if (!TYPES_OF_LIMITS.has(typeof value)) return undefined;
    key += JSON.stringify([name, typeof value, value]);
  }
  return key;
}
