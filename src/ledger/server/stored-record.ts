import { isReason, type Reason } from '../../policy/reason.js';
import type { LedgerRecord } from '../activity-ledger.js';
import type { ServerTime } from './server-clock.js';

/** A record as a server stores it, unchecked. Times are readings of the server's clock, in milliseconds. */
export interface StoredRecord {
  readonly startedAt: number;
  readonly activeAt: number;
  /** When the user last authenticated: `-Infinity` for never, `undefined` for at the start. */
  readonly authAt?: number | undefined;
  /** `undefined` for an open session. */
  readonly endedAt: number | undefined;
  readonly reason: string | undefined;
  readonly user: string | undefined;
}

/** The record if the stored one is invalid. Its times are `NaN`, so the policy ends the session. */
const UNREADABLE: LedgerRecord = { state: 'open', sessionAge: NaN, idleFor: NaN };

/** Converts a stored record into a ledger record at a reading of the server's clock. */
export function describeStored(stored: StoredRecord, { now, uncertainty }: ServerTime): LedgerRecord {
  const { startedAt, activeAt, authAt, endedAt, reason, user } = stored;
  if (endedAt !== undefined) {
    if (!isTombstone(endedAt, reason)) return UNREADABLE;
    return { state: 'ended', reason, endedFor: since(endedAt), user, uncertainty };
  }
  if (!Number.isFinite(startedAt) || !Number.isFinite(activeAt)) return UNREADABLE;
  const record = { state: 'open', sessionAge: since(startedAt), idleFor: since(activeAt), user, uncertainty } as const;
  return authAt === undefined ? record : { ...record, authAge: since(authAt) };

  // After a failover the clock may be slightly behind: times in the future count as now.
  function since(time: number): number {
    return Math.max(0, now - time);
  }
}

/** Whether a stored time lies ahead of every reading that the server's clock can have shown. */
export function isAhead(stored: StoredRecord, time: ServerTime): boolean {
  const { startedAt, activeAt, authAt = -Infinity, endedAt = -Infinity } = stored;
  return Math.max(startedAt, activeAt, authAt, endedAt) > time.now + time.uncertainty;
}

function isTombstone(endedAt: number, reason: string | undefined): reason is Reason {
  return Number.isFinite(endedAt) && isReason(reason);
}
