import type { Limits } from './limits.js';
import { type ExpiryReason, isReason, type Reason } from './reason.js';
import { type Alive, judge, type Timeline } from './verdict.js';

/** The record of a session, unchecked. */
type Recorded = ({ readonly state: 'open' } & Timeline) | { readonly state: 'ended'; readonly reason: Reason };

/** Whether a session goes on, according to its record. */
export type Standing =
  | { readonly state: 'alive'; readonly verdict: Alive }
  /** A limit has passed, or the record is not valid: the session has to be ended. */
  | { readonly state: 'overdue'; readonly reason: ExpiryReason }
  /** The session has been ended. */
  | { readonly state: 'ended'; readonly reason: Reason };

const LOST: Standing = { state: 'overdue', reason: 'lost' };

/**
 * Judges the record of a session, for requests, streams and jobs. The record comes from a store, so it is checked
 * first.
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
