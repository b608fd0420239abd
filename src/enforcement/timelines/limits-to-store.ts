import type { LedgerLimits } from '../../ledger/activity-ledger.js';
import { knownLimits } from '../../options/known-limits.js';
import type { Settings } from '../../options/settings.js';
import { keepTombstoneFor, type Limits } from '../../policy/limits.js';

/**
 * Returns the limits that a ledger stores with a session, so that the session is found when it is past a limit. Returns
 * `undefined` if no instance looks for sessions, because the list of due sessions would only grow. If limits vary, the
 * list of a user's sessions needs the limits.
 */
export function limitsToStore(
  { idleTimeout, absoluteTimeout }: Limits,
  { sweepInterval, limitsVary }: Pick<Settings, 'sweepInterval' | 'limitsVary'>,
): LedgerLimits | undefined {
  return sweepInterval === false && !limitsVary ? undefined : { idleTimeout, absoluteTimeout };
}

/**
 * How long a ledger keeps the tombstone of a session whose own limits are not known: long enough for the longest limits
 * that this process knows of. Otherwise a user who comes back late would be told another reason, and the end reported again.
 */
export function keepTombstoneOfAny(settings: Pick<Settings, 'limits' | 'returnedLimits'>): number {
  return Math.max(...knownLimits(settings).map(keepTombstoneFor));
}
