import { asking } from './transitions.js';
import { isConcealed, isExtendable, type Knowledge } from './session-state.js';
import { backoff, isUnreported, isWarningConfirmed, warnAt } from './schedule.js';

/** What the page knows once it has looked at the clock and at the user, who was last `active` then. */
export function afterLooking(known: Knowledge, now: number, active: number): Knowledge {
  // What comes while the warning shows, or after the end, puts nothing off.
  const counts = active > known.activeAt && !known.warned && !isConcealed(known, active);
  const seen = counts ? { ...known, activeAt: active } : known;
  return { ...seen, warned: seen.warned || isWarningDue(seen, now) };
}

/** What it knows once the user has said to stay. Only the server can say whether that was in time. */
export function afterStay(known: Knowledge, at: number): Knowledge {
  if (known.phase !== 'live' || isConcealed(known, at)) return asking(known, at);
  if (known.warned && !isExtendable(known)) return known;
  return { ...asking(known, at), activeAt: at, stay: 'pending' };
}

/**
 * What it knows after a question that brought no answer.
 *
 * @param spread 0 to 1, by chance
 */
export function afterFailure(known: Knowledge, at: number, retryAfter: number, spread: number): Knowledge {
  const stay = known.stay === 'pending' ? 'failed' : known.stay;
  const failed: Knowledge = { ...known, failures: known.failures + 1, stay };
  return { ...failed, retryAt: at + backoff(failed, at, retryAfter, spread) };
}

/**
 * Whether to warn. Somebody whose activity is on its way to the server is not warned, unless it does
 * not get there; somebody who is away is, once the server agrees or does not answer.
 */
function isWarningDue(known: Knowledge, now: number): boolean {
  if (known.phase !== 'live' || now < warnAt(known)) return false;
  if (known.failures >= 3) return true;
  const end = Math.min(known.activeAt + known.idleTimeout, known.absoluteAt);
  if (isUnreported(known) && known.activeAt > known.answeredAt && end - now > known.warnBefore) return false;
  return isWarningConfirmed(known) || known.failures > 0;
}
