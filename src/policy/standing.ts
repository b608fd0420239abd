import type { Limits } from './limits.js';
import { type ExpiryReason, isReason, type Reason } from './reason.js';
import { type Alive, judge, type Timeline } from './verdict.js';

/** The record of an open session. */
interface OpenTimeline extends Timeline {
  readonly state: 'open';
  /** By how much the durations may be too long or too short, in milliseconds; default 0. */
  readonly uncertainty?: number | undefined;
}

/** The record of a session, unchecked. */
type Recorded = OpenTimeline | { readonly state: 'ended'; readonly reason: Reason };

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

/**
 * Whether a record is exact enough to judge the session by it. Otherwise the ledger has to be asked for an exact one.
 *
 * Only a session that is alive in the worst case is certain. An uncertain record ends no session: the estimate of a
 * server's clock is wrong after that clock was set, and then `uncertainty` is too small.
 */
export function isCertain(record: Recorded | undefined, limits: Limits): boolean {
  if (record?.state !== 'open') return true;
  const { sessionAge, idleFor, uncertainty = 0 } = record;
  if (uncertainty === 0) return true;
  return judge({ sessionAge: sessionAge + uncertainty, idleFor: idleFor + uncertainty }, limits).alive;
}

function isDuration(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}
