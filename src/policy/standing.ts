import type { Limits } from './limits.js';
import { type ExpiryReason, isReason, type Reason } from './reason.js';
import { type Alive, judge, type Timeline } from './verdict.js';

/** What is recorded of a session, unchecked. */
type Recorded = ({ readonly state: 'open' } & Timeline) | { readonly state: 'ended'; readonly reason: Reason };

/** How a session stands by what is recorded of it. */
export type Standing =
  | { readonly state: 'alive'; readonly verdict: Alive }
  /** A limit is over, or what is recorded is no record: the session has to be ended. */
  | { readonly state: 'overdue'; readonly reason: ExpiryReason }
  /** Somebody has ended it. */
  | { readonly state: 'ended'; readonly reason: Reason };

const LOST: Standing = { state: 'overdue', reason: 'lost' };

/**
 * Judges what is recorded of a session, whoever asks: a request, a stream, or a job. What a store gave back
 * is checked before it is trusted.
 */
export function standingOf(record: Recorded | undefined, limits: Limits): Standing {
  if (record?.state === 'ended') return isReason(record.reason) ? record : LOST;
  if (record?.state !== 'open' || !isDuration(record.sessionAge) || !isDuration(record.idleFor)) return LOST;
  const verdict = judge(record, limits);
  return verdict.alive ? { state: 'alive', verdict } : { state: 'overdue', reason: verdict.reason };
}

function isDuration(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}
