import type { ExpiryReason, Reason } from '../policy/reason.js';
import type { LedgerLimits, OpenRecord } from './activity-ledger.js';
import type { MaybePromise } from '../base/maybe-promise.js';

/** The record of an open session, with its key. */
export type KeyedRecord = OpenRecord & { readonly key: string };

/** The options of {@link UserSessions.claim}. */
export interface Claim {
  /** How many sessions the user may have, this one included. */
  readonly max: number;
  /** The keys of sessions that give up their places to this one. */
  readonly evict: readonly string[];
  /**
   * The key of the session that this one replaces, when a session gets a new id. If that session has a place, this one
   * gets it, even if there are more than `max` sessions. The replaced session does not count any more. `ofUser` still
   * finds it until it has ended, so that a call that ends all sessions ends it, too.
   */
  readonly replaces?: string | undefined;
}

/** How long a session with a place counts before it is opened, in milliseconds. See {@link UserSessions.claim}. */
export const CLAIM_HOLDS_FOR = 60_000;

/** The answer of {@link UserSessions.claim}. */
export interface Claimed {
  /** Whether the session has a place now. Otherwise nothing has changed. */
  readonly admitted: boolean;
  /** If the session has no place: the keys of the sessions that have the places. */
  readonly members?: readonly string[] | undefined;
  /**
   * The keys of sessions that have given up their places and have not ended yet. Earlier calls may have named some of
   * them. Default: those of `evict`.
   */
  readonly leaving?: readonly string[] | undefined;
}

/** The options of {@link UserSessions.expire}. Durations in milliseconds. */
export interface Expiry {
  /** How long to keep the tombstone. */
  readonly keepFor: number;
  /** Minimum limits: the session is judged by the longer of these and the limits of its record. */
  readonly limits?: LedgerLimits | undefined;
}

/** The answer of {@link UserSessions.expire}: this call has ended the session, or a limit is reached in `dueIn` ms. */
export type Expired =
  | { readonly ended: ExpiryReason | Extract<Reason, 'displaced'>; readonly user?: string | undefined }
  | { readonly dueIn: number };

/**
 * An optional part of a ledger. It finds the sessions of a user, keeps their number exact, and finds sessions that are
 * past a limit without a request. Its lists only suggest, and the record of a session decides. So ordinary requests do
 * not write to the lists.
 */
export interface UserSessions {
  /** Returns the open sessions of a user. They may be past a limit: the policy judges that, not the ledger. */
  ofUser(user: string): MaybePromise<readonly KeyedRecord[]>;
  /**
   * Gives a session a place among the sessions of its user, before it is opened, unless more than `max` sessions would
   * have a place then. A session that replaces another one takes its place. This is one step: callers at the same time
   * see the places that the others have got.
   *
   * A place is free again when its session has ended or its record is gone. A session with a place that is not opened
   * counts for a minute. An open session that has given up its place may claim one again. Then it does not have to end.
   */
  claim(user: string, key: string, claim: Claim): MaybePromise<Claimed>;
  /**
   * Takes a session off the list of its user: it belongs to somebody else now, or it was ended after it gave up its
   * place.
   */
  release(user: string, key: string): MaybePromise<void>;
  /**
   * Returns the keys of at most `limit` sessions that may be past a limit, the longest overdue first. No other caller
   * gets them for `lease` milliseconds.
   */
  due(limit: number, lease: number): MaybePromise<readonly string[]>;
  /**
   * Judges a session by the limits of its record. Ends it, in the same step, if it is past a limit or has given up its
   * place. Returns `undefined` if there is nothing to do: the session has no record, or it has already ended.
   */
  expire(key: string, expiry: Expiry): MaybePromise<Expired | undefined>;
}
