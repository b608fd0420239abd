import type { LimitPair } from '../policy/limits.js';
import type { Reason } from '../policy/reason.js';
import type { SessionDevice } from '../policy/session-device.js';
import type { Clock } from '../base/clock.js';
import type { MaybePromise } from '../base/maybe-promise.js';
import type { UserSessions } from './user-sessions.js';

/** The limits that a ledger has to know, so that it can end a session without a request. Milliseconds. */
export type LedgerLimits = LimitPair;

/** What a ledger knows about a session. Durations in milliseconds, on the ledger's own clock. */
export type LedgerRecord = OpenRecord | EndedRecord;

/** A session that nobody has ended. It may be past a limit: the policy judges that, not the ledger. */
export interface OpenRecord {
  readonly state: 'open';
  /** Time since sign-in. */
  readonly sessionAge: number;
  /** Time since the last activity. */
  readonly idleFor: number;
  /** The id of the user, as returned by the option `identify`. */
  readonly user?: string | undefined;
  /** Time since the user last authenticated; default: the age of the session. */
  readonly authAge?: number | undefined;
  /** The device. A ledger may leave it out, except in {@link UserSessions.ofUser}. */
  readonly device?: SessionDevice | undefined;
  /** By how much the durations may be too long or too short; default 0. */
  readonly uncertainty?: number | undefined;
}

/** A tombstone: the record of a session that has ended for good. */
export interface EndedRecord {
  readonly state: 'ended';
  /** Why the session ended. */
  readonly reason: Reason;
  /** Time since the end. */
  readonly endedFor: number;
  /** The id of the user, as returned by the option `identify`. */
  readonly user?: string | undefined;
  /** By how much {@link endedFor} may be too long or too short; default 0. */
  readonly uncertainty?: number | undefined;
}

/** The options of {@link ActivityLedger.open}. Durations in milliseconds. */
export interface Opening {
  /** The id of the user, as returned by the option `identify`. */
  readonly user?: string | undefined;
  /** Time since the session started; default 0. */
  readonly sessionAge?: number | undefined;
  /** Time since the user last authenticated; default: {@link sessionAge}. It may be longer than that. */
  readonly authAge?: number | undefined;
  /** The device, as returned by the option `describeDevice`. */
  readonly device?: SessionDevice | undefined;
  /** The limits of the session. Without them, {@link UserSessions.due} does not find the session. */
  readonly limits?: LedgerLimits | undefined;
  /** How long to keep the record if there is no activity. */
  readonly keepFor: number;
}

/** The options of {@link ActivityLedger.read}. */
export interface Reading {
  /** Whether the durations must be exact, even if that costs more. */
  readonly exact?: boolean | undefined;
}

/** Activity of one session. Durations in milliseconds. */
export interface Activity {
  /** The key of the session. */
  readonly key: string;
  /** Time since the activity. */
  readonly idleFor: number;
  /** How long to keep the record from now on. */
  readonly keepFor: number;
  /** How long this may wait before it is written, for ledgers that batch activity. */
  readonly within?: number | undefined;
  /** The limits that hold now. The record keeps the longest limits that it has been given. */
  readonly limits?: LedgerLimits | undefined;
}

/** The options of {@link ActivityLedger.end}. Durations in milliseconds. */
export interface Ending {
  /** Why the session ends. */
  readonly reason: Reason;
  /** How long to keep the tombstone. */
  readonly keepFor: number;
}

/**
 * Stores the timeline of each session: when it started, and when it was last active. Timelines are kept apart from the
 * data of the session, because a session store writes whole sessions. A slow request could then set the last activity
 * back, or revive an ended session.
 *
 * All times are durations in milliseconds on the ledger's own clock. Keys are hashes of session ids. A ledger that
 * cannot answer must throw or reject. Then the request is refused with 503, and the session does not end.
 */
export interface ActivityLedger {
  /** Whether all instances see the same records, and the records survive a restart. */
  readonly shared: boolean;
  /**
   * Identifies the run of the process whose memory holds the records. A ledger that is not shared sets it. It
   * distinguishes a session from before a restart from a session whose record is missing.
   */
  readonly runId?: string | undefined;
  /**
   * The clock that the ledger's durations run on. A ledger on a server ignores the option `clock`, so activity that
   * waits to be written must be timed by this clock. Default: the option `clock`.
   */
  readonly clock?: Clock | undefined;
  /** Begins a timeline. The start is written only once: a second call returns the existing record. */
  open(key: string, opening: Opening): MaybePromise<LedgerRecord>;
  /**
   * Returns the record, or `undefined` if there is none. Its durations may be uncertain, unless `exact` is set: see
   * `uncertainty`. The ledger sends its command before this method returns, so that the command can travel with others.
   */
  read(key: string, reading?: Reading): MaybePromise<LedgerRecord | undefined>;
  /** Moves the last activity forward, never back. Creates no record and revives no ended session. */
  advance(activities: readonly Activity[]): MaybePromise<void>;
  /**
   * Ends a session for good and leaves a tombstone, even if there was no record.
   *
   * @returns true for exactly one caller: the one that ended the session
   */
  end(key: string, ending: Ending): MaybePromise<boolean>;
  /** Finds the sessions of a user, and sessions that are past a limit. Optional. */
  readonly users?: UserSessions | undefined;
  /** Writes pending activity and stops timers. Leaves the application's own connections open. */
  close?(): MaybePromise<void>;
}
