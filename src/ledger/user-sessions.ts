import type { ExpiryReason, Reason } from '../policy/reason.js';
import type { LedgerLimits, OpenRecord } from './activity-ledger.js';
import type { MaybePromise } from './maybe-promise.js';

/** The record of an open session, with its key. */
export type KeyedRecord = OpenRecord & { readonly key: string };

/** The options of {@link UserSessions.claim}. */
export interface Claim {
  /** How many sessions the user may have, this one included. */
  readonly max: number;
  /** The keys of sessions that give up their places to this one. */
  readonly evict: readonly string[];
  /**
   * The key of the session that this one replaces, because it goes on under a new id. It does not count any more, and
   * `ofUser` finds it until it has ended: whoever ends all sessions ends it, too.
   */
  readonly replaces?: string | undefined;
}

/** The answer of {@link UserSessions.claim}. */
export interface Claimed {
  /** Whether the session has a place now. Otherwise nothing has changed. */
  readonly admitted: boolean;
  /** If it has none: the keys of the sessions that have the places. */
  readonly members?: readonly string[] | undefined;
  /** The keys of sessions that have given up their places and are still to be ended, perhaps by an earlier caller. */
  readonly leaving?: readonly string[] | undefined;
}

/** The options of {@link UserSessions.expire}. Durations in milliseconds. */
export interface Expiry {
  /** How long to keep the tombstone. */
  readonly keepFor: number;
  /** Limits that hold at least: the session is judged by the longer of these and those of its record. */
  readonly limits?: LedgerLimits | undefined;
}

/** The answer of {@link UserSessions.expire}: this call has ended the session, or its time comes in `dueIn` ms. */
export type Expired =
  | { readonly ended: ExpiryReason | Extract<Reason, 'displaced'>; readonly user?: string | undefined }
  | { readonly dueIn: number };

/**
 * What a ledger may be able to do besides: find the sessions of a user, keep their number exact, and find sessions whose
 * time is over without anybody asking for them. The lists only suggest, the record of a session decides: so
 * ordinary requests do not write to them.
 */
export interface UserSessions {
  /** Returns the open sessions of a user. They may be past a limit: the policy judges that, not the ledger. */
  ofUser(user: string): MaybePromise<readonly KeyedRecord[]>;
  /**
   * Gives a session a place among those of its user, before it is opened, unless more than `max` would have one then.
   * In one step: of callers at the same time, each sees the places that the others have got.
   *
   * A place is free again when its session has ended or its record is gone. A session with a place that is not opened
   * counts for a minute.
   */
  claim(user: string, key: string, claim: Claim): MaybePromise<Claimed>;
  /** The session is not among those of the user any more, or has been ended after it gave up its place. */
  release(user: string, key: string): MaybePromise<void>;
  /**
   * Returns the keys of at most `limit` sessions whose time may be over, the longest overdue first. For `lease`
   * milliseconds no other caller gets them.
   */
  due(limit: number, lease: number): MaybePromise<readonly string[]>;
  /**
   * Judges a session by the limits of its record, and ends it if its time is over, or if it has given up its place, in
   * one step. `undefined` if there is nothing to do: it has no record, or it has been ended.
   */
  expire(key: string, expiry: Expiry): MaybePromise<Expired | undefined>;
}
