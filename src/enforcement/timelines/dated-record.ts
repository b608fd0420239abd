import type { LedgerRecord } from '../../ledger/activity-ledger.js';

/** A record that was read in advance, and the time of the answer. */
export interface DatedRecord {
  readonly record: LedgerRecord | undefined;
  /** A reading of the clock, in milliseconds. */
  readonly at: number;
}

/** How long a record that was read in advance may be used, in milliseconds. The store answers sooner. */
const FRESH = 100;

/**
 * Returns the record at `now`, if nothing has happened since then. Returns `undefined` if too much may have happened,
 * for example during a slow request body.
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
    // The user may have been active meanwhile. A session that this record would end is read again.
    uncertainty: uncertainty + later + 1,
  };
}
