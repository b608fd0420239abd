import type { MaybePromise } from '../../base/maybe-promise.js';
import type { Limits } from '../../policy/limits.js';
import type { DatedRecord } from './dated-record.js';

/** The user of a session, and its limits. */
export interface Subject {
  readonly user: string | undefined;
  readonly limits: Limits;
}

/** What a request knows when it asks for the record of its session. */
export interface Asking {
  /** The record, if it was read in advance. */
  readonly ahead?: Promise<DatedRecord> | undefined;
  /**
   * Returns how long ago the user was active, according to the request. While the ledger does not answer, this is only
   * noted, and counts later.
   */
  readonly idleFor?: () => number | undefined;
  /** Returns how many sessions the user may have, in case the session has to be adopted. */
  readonly maxFor?: () => MaybePromise<number | false | undefined>;
}
