import type { Reason } from '../policy/reason.js';
import type { Clock } from './clock.js';
import type { MaybePromise } from './maybe-promise.js';

/** What a ledger knows of a session. Durations in milliseconds, by the ledger's own clock. */
export type LedgerRecord = OpenRecord | EndedRecord;

/** A session that has not been ended. Whether its limits are over is for the policy to say. */
export interface OpenRecord {
  readonly state: 'open';
  /** Time since sign-in. */
  readonly sessionAge: number;
  /** Time since the last activity. */
  readonly idleFor: number;
  /** Whose session it is, as the option `identify` gives it. */
  readonly user?: string | undefined;
}

/** A tombstone: the session is over for good. */
export interface EndedRecord {
  readonly state: 'ended';
  readonly reason: Reason;
  /** Time since it ended. */
  readonly endedFor: number;
  readonly user?: string | undefined;
}

/** How {@link ActivityLedger.open} begins a timeline. */
export interface Opening {
  readonly user?: string | undefined;
  /** How long ago the session started; default 0. */
  readonly sessionAge?: number | undefined;
  /** How long to keep the record unless activity comes. */
  readonly keepFor: number;
}

/** Activity of one session. */
export interface Activity {
  readonly key: string;
  /** How long ago it was. */
  readonly idleFor: number;
  /** How long to keep the record from now on. */
  readonly keepFor: number;
  /** How long this may wait before it is written, for ledgers that gather activity. */
  readonly within?: number | undefined;
}

/** How {@link ActivityLedger.end} ends a session. */
export interface Ending {
  readonly reason: Reason;
  /** How long to keep the tombstone. */
  readonly keepFor: number;
}

/**
 * Where the timelines live, apart from the session's data: a session store writes whole sessions,
 * so that a slow request would set the last activity back or bring an ended session to life again.
 *
 * All times are durations on the ledger's own clock, in milliseconds; keys are hashes of session ids.
 * A ledger that cannot answer throws or rejects: an unknown session is neither let in nor ended.
 */
export interface ActivityLedger {
  /** Whether all instances see the same records and these survive a restart. */
  readonly shared: boolean;
  /**
   * Names the run of the process whose memory holds the records. A ledger that is not shared gives
   * one, so that a session begun before a restart is told from one whose record is missing.
   */
  readonly runId?: string | undefined;
  /**
   * The clock that its durations run on. A ledger on a server takes no notice of the option `clock`, so what
   * waits to be written to it must not either. Default: that option.
   */
  readonly clock?: Clock | undefined;
  /** Begins a timeline. The start is written once: a second call returns the record that is there. */
  open(key: string, opening: Opening): MaybePromise<LedgerRecord>;
  /** The record, or `undefined` if there is none. */
  read(key: string): MaybePromise<LedgerRecord | undefined>;
  /** Moves the last activity forward, never back. Creates no record and revives none. */
  advance(activities: readonly Activity[]): MaybePromise<void>;
  /**
   * Ends a session for good and leaves a tombstone, also where there was no record.
   *
   * @returns true for exactly one caller: the one who ended it
   */
  end(key: string, ending: Ending): MaybePromise<boolean>;
  /** Writes what is pending and lets go of timers. The user's own connections stay open. */
  close?(): MaybePromise<void>;
}
