import type { OpenRecord } from '../../ledger/activity-ledger.js';
import type { ExpiryReason, Reason } from '../../policy/reason.js';
import type { Subject } from './request-session.js';

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
  /** Somebody signed in: its timeline begins. */
  | { readonly kind: 'begin'; readonly subject: Subject }
  /** Somebody signed in under an id that was in use before: it gets a new id. `from`: whose it was, if tracked. */
  | { readonly kind: 'move'; readonly subject: Subject; readonly from: Pick<Subject, 'user'> | undefined }
  /** Its time is over, or it cannot be judged: it is ended now. */
  | { readonly kind: 'expire'; readonly key: string; readonly reason: ExpiryReason; readonly subject: Partial<Subject> }
  /** It has been ended, and its row is still there. */
  | ({ readonly kind: 'remove' } & Tombstone)
  /** There is no session, and the request's cookie names one that has been ended. */
  | ({ readonly kind: 'removed' } & Tombstone);

interface Tombstone {
  readonly key: string;
  readonly reason: Reason;
  readonly user: string | undefined;
}
