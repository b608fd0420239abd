import { isReason, type Reason } from '../../policy/reason.js';
import type { LedgerRecord } from '../activity-ledger.js';

/** A record as a server keeps it, unchecked. Times are readings of the server's clock, in milliseconds. */
export interface StoredRecord {
  readonly startedAt: number;
  readonly activeAt: number;
  /** `undefined` for an open session. */
  readonly endedAt: number | undefined;
  readonly reason: string | undefined;
  readonly user: string | undefined;
}

/** Something is stored that is no record. Its times are `NaN`: no policy lets such a session live. */
export const UNREADABLE: LedgerRecord = { state: 'open', sessionAge: NaN, idleFor: NaN };

/** What a stored record says at `now`, by the server's clock. */
export function describeStored(stored: StoredRecord, now: number): LedgerRecord {
  const { startedAt, activeAt, endedAt, reason, user } = stored;
  if (endedAt === undefined) return { state: 'open', sessionAge: since(startedAt), idleFor: since(activeAt), user };
  return isTombstone(endedAt, reason) ? { state: 'ended', reason, endedFor: since(endedAt), user } : UNREADABLE;

  // Servers that take over from each other differ by a little: what lies ahead is now.
  function since(time: number): number {
    return Math.max(0, now - time);
  }
}

function isTombstone(endedAt: number, reason: string | undefined): reason is Reason {
  return Number.isFinite(endedAt) && isReason(reason);
}
