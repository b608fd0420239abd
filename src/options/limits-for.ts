import { chain } from '../ledger/maybe-promise.js';
import { clampWarning, type Limits } from '../policy/limits.js';
import { withoutUndefined } from './declarations.js';
import { limitsOf } from './limits.js';
import type { SessionLimits } from './session-limits.js';
import { SessionTimeoutOptionsError } from './session-timeout-options.error.js';
import type { OptionDeclarations } from './session-timeout.options.js';
import type { Settings } from './settings.js';
import { problemsOfLimitsFor } from './validate-options.js';

/** How many different results of `limitsFor` are remembered. */
const MOST_KNOWN = 100;

/**
 * Returns a function that returns the limits of the session of a request.
 *
 * @param options the complete options
 * @param everybody the limits that these options set for all sessions
 */
export function limitsForSession(options: OptionDeclarations, everybody: Limits): Settings['limitsFor'] {
  const { limitsFor } = options;
  if (!limitsFor) return () => everybody;
  const resolve = remembered((given) => limitsOfOne(options, given));
  return (req, user) => chain(limitsFor(req, user), (given) => (given ? resolve(given) : everybody));
}

/**
 * Returns the limits of one session.
 *
 * @throws SessionTimeoutOptionsError if `limitsFor` returned nonsense, so that no session is without limits
 */
function limitsOfOne(options: OptionDeclarations, given: SessionLimits): Limits {
  const problems = problemsOfLimitsFor(given, options);
  if (problems.length > 0) throw new SessionTimeoutOptionsError(problems);

  const { idleTimeout, absoluteTimeout, warnBefore } = options;
  const limits = limitsOf({ idleTimeout, absoluteTimeout, warnBefore, ...withoutUndefined(given) });
  return { ...limits, warnBefore: clampWarning(limits.warnBefore, limits) };
}

/**
 * Remembers the limits by what was given. `limitsFor` is called on each request and returns few different results,
 * and checking one takes longer than the rest of the decision.
 */
function remembered(resolve: (given: SessionLimits) => Limits): (given: SessionLimits) => Limits {
  const known = new Map<string, Limits>();
  return (given) => {
    const key = keyOf(given);
    const found = key === undefined ? undefined : known.get(key);
    if (found) return found;
    const limits = resolve(given);
    if (known.size >= MOST_KNOWN) known.clear();
    if (key !== undefined) known.set(key, limits);
    return limits;
  };
}

/** Returns the same text for equal limits, and `undefined` if a value is not of a type that limits can have. */
function keyOf(given: SessionLimits): string | undefined {
  let key = '';
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== false && typeof value !== 'number' && typeof value !== 'string')
      return undefined;
    key += JSON.stringify([name, typeof value, value]);
  }
  return key;
}
