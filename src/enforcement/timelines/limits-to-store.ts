import type { LedgerLimits } from '../../ledger/activity-ledger.js';
import type { Settings } from '../../options/settings.js';
import type { Limits } from '../../policy/limits.js';

/**
 * The limits that a ledger stores with a session, so that it is found when its time is over; `undefined` if nobody looks
 * for it: the list of sessions to look for would only grow. Where limits vary, the list of a user's sessions needs them.
 */
export function limitsToStore(
  { idleTimeout, absoluteTimeout }: Limits,
  { sweepInterval, limitsVary }: Pick<Settings, 'sweepInterval' | 'limitsVary'>,
): LedgerLimits | undefined {
  return sweepInterval === false && !limitsVary ? undefined : { idleTimeout, absoluteTimeout };
}
