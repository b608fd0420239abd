import type { OpenRecord } from '../../ledger/activity-ledger.js';
import type { ExpiryReason, Reason } from '../../policy/reason.js';
import type { Subject } from '../timelines/subject.js';
import type { Change, Owner } from './identity.js';

/** The decision about the session on a request. It is made first, and then carried out in one place. */
export type Decision =
  /** The session has no user: nothing is tracked. */
  | { readonly kind: 'anonymous' }
  /** The session goes on. `isMarked`: it already contains the marker of this run. */
  | {
      readonly kind: 'continue';
      readonly key: string;
      readonly record: OpenRecord;
      readonly subject: Subject;
      readonly isMarked: boolean;
    }
  /**
   * The session has a user but no timeline. Its timeline begins, and it keeps its id. `isMarked`: it gets the marker.
   * Otherwise, it stays as it is.
   */
  | { readonly kind: 'track'; readonly owner: Owner; readonly isMarked: boolean }
  /**
   * Somebody signed in under a new id. The timeline begins. `isEarly`: no guard has seen the request yet. So if the user
   * may not have one more session, the request goes on without the user.
   */
  | { readonly kind: 'begin'; readonly owner: Owner; readonly isEarly?: boolean }
  /** The session has got a user, or another user: it gets a new id. `from`: the earlier owner. */
  | { readonly kind: 'move'; readonly owner: Owner; readonly from: Owner }
  /** The user has signed out, and some data stays. The session gets a new id, and has no user. */
  | { readonly kind: 'leave'; readonly from: Owner }
  /**
   * The user has changed, but the id cannot change, because the headers are out. The session is ended, and not stored.
   */
  | { readonly kind: 'cut'; readonly change: Change; readonly from: Owner }
  /** The session is past a limit or cannot be judged: it is ended now. */
  | {
      readonly kind: 'expire';
      readonly sessionId: string;
      readonly reason: ExpiryReason;
      readonly subject: Partial<Subject>;
      /** The record of the session, if there is one. */
      readonly record?: OpenRecord | undefined;
      /** Why the session cannot be read, if this is so. */
      readonly fault?: string;
    }
  /** The row of the session names another user than its timeline, or no user: something else wrote it. It is ended. */
  | {
      readonly kind: 'mismatch';
      readonly key: string;
      readonly reason: 'revoked' | 'signed-out';
      readonly subject: Subject;
      readonly record: OpenRecord;
    }
  /** The session has been ended, but its row is still there. */
  | ({ readonly kind: 'remove' } & Tombstone)
  /**
   * There is no session, but the cookie of the request names one that has been ended. `isEmptied`: the new session has
   * data of the ended one, and loses it.
   */
  | ({ readonly kind: 'already-ended'; readonly isEmptied?: boolean } & Tombstone);

/** What is known about an ended session. */
export interface Tombstone {
  readonly key: string;
  readonly reason: Reason;
  readonly user: string | undefined;
}
