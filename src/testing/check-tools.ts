import assert from 'node:assert/strict';
import type { ActivityLedger, EndedRecord, LedgerRecord, OpenRecord } from '../ledger/activity-ledger.js';
import type { MaybePromise } from '../ledger/maybe-promise.js';

export const HOUR = 60 * 60 * 1000;
/** A time that is sure to show on the ledger's clock. */
export const SHORT = 30;
/** A time that no check takes. */
export const LONG = 10 * 1000;

/** What a check works with. */
export interface CheckTools {
  readonly ledger: ActivityLedger;
  /** A key nobody has used, so that checks can share one server. */
  readonly key: string;
  /** Lets so many milliseconds pass on the ledger's clock. */
  readonly pass: (milliseconds: number) => MaybePromise<unknown>;
  /** Begins alice's session, active `SHORT` ago. */
  begin(): Promise<void>;
  /** The record, which has to be that of an open session. */
  readOpen(): Promise<OpenRecord>;
}

/** Tools for one check. */
export function checkTools(ledger: ActivityLedger, key: string, pass: CheckTools['pass']): CheckTools {
  return {
    ledger,
    key,
    pass,
    async begin() {
      await ledger.open(key, { user: 'alice', keepFor: HOUR });
      await pass(SHORT);
    },
    readOpen: async () => openOnly(await ledger.read(key)),
  };
}

/** How old the session was when it was last active: stays the same while time passes. */
export function ageAtActivity({ sessionAge, idleFor }: OpenRecord): number {
  return sessionAge - idleFor;
}

/** The record, which has to be there and open. */
export function openOnly(record: LedgerRecord | undefined): OpenRecord {
  assert.equal(record?.state, 'open');
  return record as OpenRecord;
}

/** The record, which has to be a tombstone. */
export function endedOnly(record: LedgerRecord | undefined): EndedRecord {
  assert.equal(record?.state, 'ended');
  return record as EndedRecord;
}

export function assertBetween(value: number, least: number, most: number): void {
  assert.ok(value >= least && value < most, `${value} is not between ${least} and ${most}`);
}
