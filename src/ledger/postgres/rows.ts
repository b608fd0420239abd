import { timeLeft } from '../../policy/limits.js';
import { storedDevice } from '../server/stored-device.js';
import type { LedgerLimits, LedgerRecord } from '../activity-ledger.js';
import { describeStored } from '../server/stored-record.js';
import type { KeyedRecord } from '../user-sessions.js';

/** A record as the statements return it. Times are milliseconds since 1970. */
export interface Row {
  readonly now: number;
  readonly started_at: number;
  readonly active_at: number;
  readonly ended_at: number | null;
  readonly auth_at: number | null;
  readonly reason: string | null;
  readonly user_id: string | null;
}

/** A record as `ofUser` returns it. */
export interface UserRow extends Row {
  readonly key: string;
  readonly device: string | null;
}

export function recordOf(row: Row): LedgerRecord {
  const stored = {
    startedAt: row.started_at,
    activeAt: row.active_at,
    authAt: row.auth_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    reason: row.reason ?? undefined,
    user: row.user_id ?? undefined,
  };
  return describeStored(stored, { now: row.now, uncertainty: 0 });
}

export function userRecordOf(row: UserRow): KeyedRecord | undefined {
  const record = recordOf(row);
  if (record.state === 'ended') return undefined;
  return { ...record, key: row.key, authAge: record.authAge ?? record.sessionAge, device: storedDevice(row.device) };
}

/** A limit as it is stored: `Infinity` for one that is off, `null` if it is not known. */
export function storedLimit(limit: number | false | undefined): number | null {
  if (limit === false) return Infinity;
  return limit !== undefined && limit >= 0 ? limit : null;
}

/** Returns how long a session of this age may go on without activity; `null` if it does not have to be checked. */
export function dueIn(limits: LedgerLimits | undefined, sessionAge: number): number | null {
  if (!limits) return null;
  const left = timeLeft(limits, sessionAge);
  return left < Infinity ? left : null;
}
