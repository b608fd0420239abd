import type { OpenRecord } from '../../ledger/activity-ledger.js';
import type { ExpiryReason, Reason } from '../../policy/reason.js';
import type { Subject } from '../timelines/subject.js';
import type { Change, Owner } from './identity.js';

/** What is to become of the session on a request. It is decided first, and then carried out in one place. */
export type Decision =
  /** It is nobody's: nothing is tracked. */
  | { readonly kind: 'anonymous' }
  /** It goes on. `isMarked`: it carries the marker of this run already. */
  | {
      readonly kind: 'continue';
      readonly key: string;
      readonly record: OpenRecord;
      readonly subject: Subject;
      readonly isMarked: boolean;
    }
  /**
   * It is somebody's, and only its timeline begins: the session keeps its id. `isMarked`: it gets the marker; otherwise
   * it stays as it is.
   */
  | { readonly kind: 'observe'; readonly owner: Owner; readonly isMarked: boolean }
  /** Somebody signed in, under a new id: its timeline begins. */
  | { readonly kind: 'begin'; readonly owner: Owner }
  /** It has become somebody's, or somebody else's: it gets a new id. `from`: whose it was. */
  | { readonly kind: 'move'; readonly owner: Owner; readonly from: Owner }
  /** Its user has left, and some of its data stays: it gets a new id, and is nobody's. */
  | { readonly kind: 'leave'; readonly from: Owner }
  /** Its user has changed, but its id cannot, as headers are out: it is ended, and not stored. */
  | { readonly kind: 'cut'; readonly change: Change; readonly from: Owner }
  /** Its time is over, or it cannot be judged: it is ended now. */
  | {
      readonly kind: 'expire';
      readonly sessionId: string;
      readonly reason: ExpiryReason;
      readonly subject: Partial<Subject>;
      /** Its record, if there is one. */
      readonly record?: OpenRecord | undefined;
      /** Why it cannot be read, if so. */
      readonly fault?: string;
    }
  /** Its row names another user than its timeline, or none: somebody else wrote it. It is ended. */
  | {
      readonly kind: 'refuse';
      readonly key: string;
      readonly reason: 'revoked' | 'signed-out';
      readonly subject: Subject;
      readonly record: OpenRecord;
    }
  /** It has been ended, and its row is still there. */
  | ({ readonly kind: 'remove' } & Tombstone)
  /** There is no session, and the request's cookie names one that has been ended. */
  | ({ readonly kind: 'removed' } & Tombstone);

/** What is known of a session that has ended. */
export interface Tombstone {
  readonly key: string;
  readonly reason: Reason;
  readonly user: string | undefined;
}
