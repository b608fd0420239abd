import type { LedgerRecord } from '../../ledger/activity-ledger.js';

/** A record that was asked for before anybody needed it, and when the answer came. */
export interface DatedRecord {
  readonly record: LedgerRecord | undefined;
  /** A reading of the clock, in milliseconds. */
  readonly at: number;
}

/** How long a record may be used that was asked for in advance, in milliseconds. The store answers sooner. */
const FRESH = 100;

/**
 * The record as it is at `now`, if nothing has happened; `undefined` if too much may have happened, as while the body
 * of a request was slow to come.
 */
export function aged({ record, at }: DatedRecord, now: number): LedgerRecord | undefined {
  if (record?.state === 'ended') return record;
  const later = Math.max(0, now - at);
  if (!record || later > FRESH) return undefined;
  const { sessionAge, idleFor, uncertainty = 0 } = record;
  return {
    ...record,
    sessionAge: sessionAge + later,
    idleFor: idleFor + later,
    // The user may have been active meanwhile: a session that this record would end is asked for again.
    uncertainty: uncertainty + later + 1,
  };
}
