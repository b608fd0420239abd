import type { ExpiryReason, Reason } from './reason.js';

interface SessionFact {
  /** The session hash: the SHA-256 of the session id, base64url. */
  readonly session: string;
  /** The id of the user, as returned by `identify`. */
  readonly user?: string | undefined;
  /** When it happened, in milliseconds since 1970. */
  readonly at: number;
}

/** A session has begun: somebody signed in, or data was first stored in it. */
export interface StartedEvent extends SessionFact {
  readonly type: 'started';
}

/** A limit was reached, or the stored data of the session is lost. Fires once, over all instances. */
export interface ExpiredEvent extends SessionFact {
  readonly type: 'expired';
  readonly reason: ExpiryReason;
}

/** A session would have expired, but `mode` is `'report'`. Fires once for each session, over all instances. */
export interface WouldHaveExpiredEvent extends SessionFact {
  readonly type: 'would-have-expired';
  readonly reason: ExpiryReason;
}

/** Somebody ended the session. Fires once, over all instances. */
export interface EndedEvent extends SessionFact {
  readonly type: 'ended';
  readonly reason: Exclude<Reason, ExpiryReason>;
}

/** A browser's report of activity was rejected. */
export interface ReportRejectedEvent extends SessionFact {
  readonly type: 'report-rejected';
  /** Why: it is not a plain decimal, it came from another site or from an image, or it belongs to another session. */
  readonly reason: 'malformed' | 'cross-site' | 'other-session';
}

/** The ledger did not answer. Requests of signed-in users get 503 until it does. */
export interface LedgerFailedEvent {
  readonly type: 'ledger-failed';
  readonly session?: undefined;
  readonly user?: undefined;
  readonly reason?: undefined;
  /** Why the ledger did not answer. */
  readonly error: Error;
  /** When it happened, in milliseconds since 1970. */
  readonly at: number;
}

/** What `SessionTimeoutService.events$` emits. */
export type SessionEvent =
  | (StartedEvent & { readonly reason?: undefined })
  | ExpiredEvent
  | WouldHaveExpiredEvent
  | EndedEvent
  | ReportRejectedEvent
  | LedgerFailedEvent;
