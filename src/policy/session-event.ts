import type { ExpiryReason, Reason } from './reason.js';

interface SessionFact {
  /** The SHA-256 of the session id. */
  readonly session: string;
  /** Whose session it is, as `identify` gives it. */
  readonly user?: string | undefined;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** A session has begun: somebody signed in, or data was first put into it. */
export interface StartedEvent extends SessionFact {
  readonly type: 'started';
}

/** A limit was reached, or what was stored of the session is gone. Fires once, over all instances. */
export interface ExpiredEvent extends SessionFact {
  readonly type: 'expired';
  readonly reason: ExpiryReason;
}

/** Somebody ended the session. Fires once, over all instances. */
export interface EndedEvent extends SessionFact {
  readonly type: 'ended';
  readonly reason: Exclude<Reason, ExpiryReason>;
}

/** A browser's report was not taken in. */
export interface ReportRejectedEvent extends SessionFact {
  readonly type: 'report-rejected';
  /** It was no plain decimal, came from another site, or belongs to another sign-in. */
  readonly reason: 'malformed' | 'cross-site' | 'other-session';
}

/** The ledger did not answer; requests of signed-in users get 503 until it does. */
export interface LedgerFailedEvent {
  readonly type: 'ledger-failed';
  readonly session?: undefined;
  readonly user?: undefined;
  readonly reason?: undefined;
  readonly error: Error;
  readonly at: number;
}

/** What `SessionTimeoutService.events$` emits. */
export type SessionEvent =
  | (StartedEvent & { readonly reason?: undefined })
  | ExpiredEvent
  | EndedEvent
  | ReportRejectedEvent
  | LedgerFailedEvent;
