import type { ExpiryReason, Reason } from './reason.js';
import type { ReportRejectedEvent } from './session-event.js';

/**
 * The request during which something happened: who did it, and from where. Absent if no request did it, as when a
 * limit ends a session.
 */
export interface AuditedRequest {
  readonly method: string;
  /** The path without the query, which may contain secrets. */
  readonly path: string;
  /** The network address of the client, as Express knows it (`req.ip`, see its setting `trust proxy`). */
  readonly address?: string | undefined;
  /** The hash of the session that the request has. */
  readonly session?: string | undefined;
  /** The user of that session: the administrator who ends the session of somebody else, for example. */
  readonly user?: string | undefined;
}

/** What all entries have. */
interface AuditFact {
  /** When, in milliseconds since 1970 (UTC). */
  readonly at: number;
  /** The hash of the session that it happened to. Never its id. */
  readonly session?: string | undefined;
  /** The id of the user whose session it is. */
  readonly user?: string | undefined;
  /** Who did it, and from where. */
  readonly request?: AuditedRequest | undefined;
}

/** An entry about a session that is known. */
interface SessionAuditFact extends AuditFact {
  readonly session: string;
}

/** Somebody signed in, or data was first stored in a session. */
export interface StartedEntry extends SessionAuditFact {
  readonly type: 'started';
  /**
   * The hash of the session that it goes on from, which was a visitor's or another user's. From a visitor's, it got a
   * new id because the old one might have been planted (session fixation).
   */
  readonly continues?: string | undefined;
}

/** The session of a user got a new id, after the user has proved again who they are. The old id has ended with that. */
export interface RenewedEntry extends SessionAuditFact {
  readonly type: 'renewed';
  /** The hash that it had before. */
  readonly continues: string;
  /** Whether the absolute limit began anew. Not so after a step-up: `renew(req, { restartLimits: false })`. */
  readonly restartsLimits: boolean;
}

/** A limit ended a session, or its stored data is lost. */
export interface ExpiredEntry extends SessionAuditFact {
  readonly type: 'expired';
  readonly reason: ExpiryReason;
}

/** With `mode: 'report'`: a session would have expired. */
export interface WouldHaveExpiredEntry extends SessionAuditFact {
  readonly type: 'would-have-expired';
  readonly reason: ExpiryReason;
}

/** Somebody ended a session, or a rule did. */
export interface EndedEntry extends SessionAuditFact {
  readonly type: 'ended';
  readonly reason: Exclude<Reason, ExpiryReason>;
  /**
   * `user`: they signed out, or ended it in the list of their sessions. `application`: its code called `end()` or
   * `endAll()`; `request.user` tells for whom. `policy`: another sign-in took its place (`maxSessions`), or something
   * else than the application had written another user into it.
   */
  readonly by: EndedBy;
}

/** Who or what ended a session. */
export type EndedBy = 'user' | 'application' | 'policy';

/** Somebody was not signed in, because the user has as many sessions as allowed, and `whenFull` is `'refuse'`. */
export interface SignInRefusedEntry extends AuditFact {
  readonly type: 'sign-in-refused';
  readonly reason: 'too-many-sessions';
  readonly user: string;
  /** How many sessions the user may have. */
  readonly max: number;
}

/** `@RequireFreshAuth()` refused a request. Durations in milliseconds. */
export interface ReauthenticationRequiredEntry extends AuditFact {
  readonly type: 'reauthentication-required';
  /** How old the last proof may be. */
  readonly maxAge: number;
  /** How old it is; `null` if there is none. */
  readonly authAge: number | null;
}

/** A browser's report of activity was rejected. */
export interface ReportRejectedEntry extends SessionAuditFact {
  readonly type: 'report-rejected';
  readonly reason: ReportRejectedEvent['reason'];
}

/**
 * A request to the routes of this package, or a handshake of a socket, was rejected: it came from a page of another
 * site, or a user wanted to end a session that is not theirs, or has ended already.
 */
export interface RequestRejectedEntry extends AuditFact {
  readonly type: 'request-rejected';
  readonly reason: 'cross-site' | 'session-not-found';
}

/** The ledger did not answer. Requests of signed-in users get 503 until it does. */
export interface LedgerFailedEntry extends AuditFact {
  readonly type: 'ledger-failed';
  /** What the error says, in one line. */
  readonly message: string;
}

/**
 * One thing that happened to a session, for the audit trail: when, to whom, what, who did it and from where. It is plain
 * data, ready to be written as JSON, and no text in it can begin a new line or colour a terminal.
 */
export type AuditEntry =
  | StartedEntry
  | RenewedEntry
  | ExpiredEntry
  | WouldHaveExpiredEntry
  | EndedEntry
  | SignInRefusedEntry
  | ReauthenticationRequiredEntry
  | ReportRejectedEntry
  | RequestRejectedEntry
  | LedgerFailedEntry;
