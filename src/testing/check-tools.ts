import assert from 'node:assert/strict';
import { HOUR } from '../policy/time.js';
import type { ActivityLedger, EndedRecord, LedgerRecord, OpenRecord } from '../ledger/activity-ledger.js';
import type { MaybePromise } from '../base/maybe-promise.js';

/** A duration that is sure to show on the ledger's clock. */
export const SHORT = 30;
/** Longer than any check takes. */
export const LONG = 10 * 1000;

/** The tools of one check. */
export interface CheckTools {
  readonly ledger: ActivityLedger;
  /** A key that no other check uses, so that all can share one server. */
  readonly key: string;
  /** Lets this many milliseconds pass on the ledger's clock. */
  readonly pass: (milliseconds: number) => MaybePromise<unknown>;
  /** Opens a session of alice that was last active `SHORT` ago. */
  begin(): Promise<void>;
  /** Reads a record (default: that of `key`) exactly, and asserts that it is an open session and that other reads agree. */
  readOpen(name?: string): Promise<OpenRecord>;
}

/** Creates the tools of one check. */
export function checkTools(ledger: ActivityLedger, key: string, pass: CheckTools['pass']): CheckTools {
  return {
    ledger,
    key,
    pass,
    async begin() {
      await ledger.open(key, { user: 'alice', keepFor: HOUR });
      await pass(SHORT);
    },
    readOpen: (name = key) => readOpen(ledger, name),
  };
}

/** Reads in both ways, compares them, and returns the exact record. */
async function readOpen(ledger: ActivityLedger, key: string): Promise<OpenRecord> {
  const before = openOnly(await ledger.read(key, { exact: true }));
  const read = openOnly(await ledger.read(key));
  const after = openOnly(await ledger.read(key, { exact: true }));
  assertAsCertainAsSaid(before, read, after);
  assert.equal(read.user, after.user);
  return after;
}

/** The age of the session at its last activity. It stays the same while time passes. */
export function ageAtActivity({ sessionAge, idleFor }: OpenRecord): number {
  return sessionAge - idleFor;
}

/** Asserts that the record is an open session. */
export function openOnly(record: LedgerRecord | undefined): OpenRecord {
  assert.equal(record?.state, 'open');
  return record as OpenRecord;
}

/** Asserts that the record is a tombstone. */
export function endedOnly(record: LedgerRecord | undefined): EndedRecord {
  assert.equal(record?.state, 'ended');
  return record as EndedRecord;
}

/** How often {@link inTime} tries. */
const ATTEMPTS = 10;

/**
 * Does something that has to take less than `most` milliseconds. If it takes longer, as on a busy machine, does it
 * again under another name.
 *
 * @returns the name under which it was done in time
 */
export async function inTime(most: number, name: string, work: (name: string) => Promise<unknown>): Promise<string> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const startedAt = performance.now();
    await work(`${name}-${attempt}`);
    if (performance.now() - startedAt < most) return `${name}-${attempt}`;
  }
  throw new Error(`The ledger was too slow for this check: it took longer than ${most} ms ${ATTEMPTS} times.`);
}

/** Asserts that the durations of a record are as certain as it says, given exact records from before and after. */
function assertAsCertainAsSaid(before: OpenRecord, read: OpenRecord, after: OpenRecord): void {
  for (const exact of [before, after]) assert.equal(exact.uncertainty ?? 0, 0);
  const { uncertainty = 0 } = read;
  assert.ok(uncertainty >= 0, `${uncertainty} is no uncertainty`);
  for (const duration of ['sessionAge', 'idleFor', 'authAge'] as const) {
    const [least, value, most] = [before, read, after].map((record) => record[duration] ?? record.sessionAge) as [
      number,
      number,
      number,
    ];
    assert.ok(
      value >= least - uncertainty && value <= most + uncertainty,
      `${duration} is ${value} with an uncertainty of ${uncertainty}, but was ${least} before and ${most} after`,
    );
  }
}

export function assertBetween(value: number, least: number, most: number): void {
  assert.ok(value >= least && value < most, `${value} is not between ${least} and ${most}`);
}
