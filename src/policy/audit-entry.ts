import type { ExpiryReason, Reason } from './reason.js';
import type { ReportRejectedEvent } from './session-event.js';

/**
 * The request during which something happened. It says who did it, and from where. It is absent if no request did it,
 * for example when a limit ends a session.
 */
export interface AuditedRequest {
  readonly method: string;
  /** The path without the query, which may contain secrets. */
  readonly path: string;
  /** The network address of the client, as Express knows it (`req.ip`, see its setting `trust proxy`). */
  readonly address?: string | undefined;
  /** The hash of the request's session. */
  readonly session?: string | undefined;
  /** The user of that session, for example the administrator who ends the session of somebody else. */
  readonly user?: string | undefined;
}

/** The fields that all entries have. */
interface AuditFact {
  /** When it happened, in milliseconds since 1970 (UTC). */
  readonly at: number;
  /** The hash of the session that it happened to. It is never the session id. */
  readonly session?: string | undefined;
  /** The id of the user of that session. */
  readonly user?: string | undefined;
  /** The request that did it, if a request did it. */
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
   * The hash of the earlier session that this one continues, of a visitor or of another user. A visitor's session gets
   * a new id at sign-in, because somebody else might know the old id (session fixation).
   */
  readonly continues?: string | undefined;
}

/** A user authenticated again, and the session got a new id. The old id has ended. */
export interface RenewedEntry extends SessionAuditFact {
  readonly type: 'renewed';
  /** The hash that the session had before. */
  readonly continues: string;
  /** Whether the absolute limit restarted. It does not with `renew(req, { restartLimits: false })`. */
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
   * - `user`: the user signed out (`end(req)`, `destroy()`, `logout()`), ended it in the list of sessions, or signed in
   *   again in it (`replaced`).
   * - `application`: the application called `end(hash)`, `endAll()` or `store.clear()`, or `end(req)` with another reason;
   *   `request.user` says for whom.
   * - `policy`: another sign-in took its place (`maxSessions`), or somebody else had written another user into its row.
   */
  readonly by: EndedBy;
}

/** Who or what ended a session. */
export type EndedBy = 'user' | 'application' | 'policy';

/** A sign-in was refused, because the user already has `maxSessions` sessions and `whenFull` is `'refuse'`. */
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
  /** How long ago the user may have authenticated. */
  readonly maxAge: number;
  /** How long ago the user did authenticate; `null` for never. */
  readonly authAge: number | null;
}

/** A browser's report of activity was rejected. */
export interface ReportRejectedEntry extends SessionAuditFact {
  readonly type: 'report-rejected';
  readonly reason: ReportRejectedEvent['reason'];
}

/**
 * A request to the routes of this package, or the handshake of a socket, was rejected. It came from a page of another
 * site, or it named a session that is not the user's or has already ended.
 */
export interface RequestRejectedEntry extends AuditFact {
  readonly type: 'request-rejected';
  readonly reason: 'cross-site' | 'session-not-found';
}

/** The ledger did not answer. Requests of signed-in users get 503 until it does. */
export interface LedgerFailedEntry extends AuditFact {
  readonly type: 'ledger-failed';
  /** The message of the error, in one line. */
  readonly message: string;
}

/**
 * An entry of the audit trail: what happened to a session, when, who did it, and from where. It is plain data, ready to
 * be written as JSON. No text in it can begin a new line or change the colours of a terminal.
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
