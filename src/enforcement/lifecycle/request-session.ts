import type { Request } from 'express';
import { hasSession } from '../../express-session/http-session.js';
import { sessionTag } from '../../express-session/session-key.js';
import type { Limits } from '../../policy/limits.js';
import type { Reason } from '../../policy/reason.js';
import { liveStatus, type SessionStatus } from '../../policy/status.js';
import { judge, type Verdict } from '../../policy/verdict.js';

/** Whose session, and what holds for it. */
export interface Subject {
  readonly user: string | undefined;
  readonly limits: Limits;
}

/** What is known of the session a request came with. Found out once per request. */
export type Visit = AnonymousVisit | LiveVisit | EndedVisit;

/** No session that is tracked. */
export interface AnonymousVisit {
  readonly kind: 'anonymous';
  readonly sessionId: string;
}

/** A tracked session within its limits. Times are readings of the clock, in milliseconds. */
export interface LiveVisit extends Subject {
  readonly kind: 'live';
  readonly sessionId: string;
  readonly key: string;
  readonly startedAt: number;
  activeAt: number;
  /** Whether this request has been recorded as activity. */
  recorded: boolean;
  /** Whether `passport.session()` had put a user on the request; asked only where `identify` does not tell. */
  readonly hadUser: boolean;
}

/** A session that was tracked and is over; the request goes on without its identity. */
export interface EndedVisit {
  readonly kind: 'ended';
  readonly sessionId: string | undefined;
  readonly key: string;
  readonly user: string | undefined;
  readonly reason: Reason;
  /** Whether this answer tells the reason: only then may it clear the cookie. */
  told: boolean;
}

/** What is remembered of a request. */
interface Notes {
  visit: Visit | undefined;
  /** Whether its answer tells how the session stands. */
  announced: boolean;
  /** Whether a sign-in is looked for before its answer ends. */
  settles: boolean;
}

// Registered, so that two copies of the package in one process judge a request once. One for all there is to
// remember: each property that a request or a response gets is dear, see bench/README.md.
const NOTES = Symbol.for('nestjs-session-timeout.notes');

type Noted = Request & { [NOTES]?: Notes };

/** The notes on a request, begun if there are none. */
export function notesOf(req: Request): Notes {
  return ((req as Noted)[NOTES] ??= { visit: undefined, announced: false, settles: false });
}

/** What was found out about the request's session, if anything was. */
export function visitOf(req: Request): Visit | undefined {
  return (req as Noted)[NOTES]?.visit;
}

export function setVisit<T extends Visit>(req: Request, visit: T): T {
  notesOf(req).visit = visit;
  return visit;
}

/** The visit's session ended while the request was under way: it has none any more. */
export function setEnded(
  req: Request,
  { key, user }: Pick<EndedVisit, 'key' | 'user'>,
  reason: Reason,
  told: boolean,
): EndedVisit {
  return setVisit(req, { kind: 'ended', sessionId: undefined, key, user, reason, told });
}

/** Whether the request still carries the session the visit is about: handlers sign in and out. */
export function isCurrent(req: Request, visit: Visit): boolean {
  return hasSession(req) ? req.sessionID === visit.sessionId : visit.kind === 'ended';
}

/** The verdict on a session that went on, at `now`, a reading of the clock. */
export function verdictOn({ startedAt, activeAt, limits }: LiveVisit, now: number): Verdict {
  return judge({ sessionAge: Math.max(0, now - startedAt), idleFor: Math.max(0, now - activeAt) }, limits);
}

/** How the visit's session stands at `now`, a reading of the clock. */
export function statusOf(
  visit: Visit | undefined,
  now: number,
  messages: Readonly<Record<Reason, string>>,
): SessionStatus {
  if (!visit || visit.kind === 'anonymous') return { state: 'anonymous' };
  if (visit.kind === 'ended') return expired(visit.reason, messages);

  const verdict = verdictOn(visit, now);
  if (!verdict.alive) return expired(verdict.reason, messages);
  return liveStatus(verdict, Math.max(0, now - visit.activeAt), visit.limits, sessionTag(visit.key));
}

function expired(reason: Reason, messages: Readonly<Record<Reason, string>>): SessionStatus {
  return { state: 'expired', reason, message: messages[reason] };
}
