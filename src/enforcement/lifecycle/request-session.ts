import type { Request, Response } from 'express';
import type { HttpSession } from '../../express-session/http-session.js';
import { httpSessionOf, knownHttpSession } from '../../express-session/session-of-request.js';
import type { ResponsePhases } from '../../express-session/response-phases.js';
import type { Reason } from '../../policy/reason.js';
import { judge, type Verdict } from '../../policy/verdict.js';
import type { Owner } from './identity.js';
import type { DatedRecord } from '../timelines/dated-record.js';
import type { Waiting } from '../timelines/session-watch.js';
import type { Subject } from '../timelines/subject.js';

/** What is known of the session a request came with. It is found out once per request. */
export type RequestSession = AnonymousSession | LiveSession | EndedSession;

/** No session that is tracked. */
export interface AnonymousSession {
  readonly kind: 'anonymous';
  readonly sessionId: string;
}

/** A tracked session within its limits. Times are readings of the clock, in milliseconds. */
export interface LiveSession extends Subject {
  readonly kind: 'live';
  readonly sessionId: string;
  readonly key: string;
  readonly startedAt: number;
  activeAt: number;
  /** When its user last proved who they are, as the ledger knows it. */
  readonly authAt: number;
  /** Whether this request has been recorded as activity. */
  recorded: boolean;
  /** Whether `passport.session()` had put a user on the request; asked only where `identify` does not tell. */
  readonly hadUser: boolean;
}

/** A session that was tracked and is over; the request goes on without its identity. */
export interface EndedSession {
  readonly kind: 'ended';
  /** The id of the fresh session that the request goes on with; `undefined` if it has none. */
  readonly sessionId: string | undefined;
  readonly key: string;
  readonly user: string | undefined;
  readonly reason: Reason;
  /** Whether it was over when the request came, or this request ended it, or another one did meanwhile. */
  readonly ended: 'before' | 'here' | 'elsewhere';
  /** Whether it was this request that ended it, of all that came. */
  readonly first: boolean;
}

/** Who answers a request, as far as that matters for its session. */
interface Answerer {
  /** Whether the answer tells why a session has ended: only then may it clear the cookie. */
  readonly tells: boolean;
}

/** What became of a request: whether it counted as activity, and why. */
export interface Outcome {
  readonly what: 'activity' | 'passive' | 'refused' | 'ended' | 'anonymous' | 'not judged';
  readonly why?: string;
}

/** All that is remembered of a request, from its arrival to the end of its response. */
export class RequestState {
  readonly req: Request;
  /** When it came, in milliseconds since the process started. */
  readonly arrivedAt = performance.now();
  /** What was found out about its session; `undefined` until it is judged. */
  session: RequestSession | undefined;
  /** Whose the session is, as far as everybody knows who reads it from the store. `undefined` until it is asked. */
  owner: Owner | undefined;
  /** The record of its timeline, asked for together with the session. */
  ahead: Promise<DatedRecord> | undefined;
  /** What is being done, as its session has become somebody else's. */
  changing: Promise<unknown> | undefined;
  /** The phases of its response, once they are installed. */
  phases: ResponsePhases<RequestState> | undefined;
  /** Whether a sign-in is looked for before its answer ends. */
  settles = false;
  /** Whether nothing of its session may be stored or sent. */
  isWithheld = false;
  /** The same for a session that was made for this request. */
  withholdsNew = false;
  /** Who answers; `undefined` until a guard has seen the request. */
  answerer: Answerer | undefined;
  /** Why it is not activity, as far as our guard has found a reason. */
  passiveBecause: string | undefined;
  /** What became of it, as whoever decided has noted it. Used only with the option `debug`. */
  outcome: Outcome | undefined;

  /** Who waits for the end of the session, for a request that lasts, like that of a WebSocket. */
  waiting: Waiting | undefined;

  constructor(
    readonly http: HttpSession,
    readonly res: Response,
  ) {
    this.req = http.req;
  }

  /** Whether there is a response: a session that `store.load()` gave has none, nor has that of a WebSocket. */
  get hasResponse(): boolean {
    return Boolean(this.res);
  }

  /** The key of the session on the request, or of the one that it goes on as; `undefined` if there is none. */
  get key(): string | undefined {
    return this.waiting?.watch?.session.key ?? (this.http.exists ? this.http.key : undefined);
  }

  /** Whether the browser can still be given another session id. */
  get canChangeId(): boolean {
    return this.hasResponse && !this.res.headersSent;
  }
}

/** What is remembered of a request, begun if there is nothing yet. */
export function stateOf(req: Request, res: Response | undefined = req.res): RequestState {
  const session = httpSessionOf(req);
  return (session.memory ??= new RequestState(session, ofExpress(res))) as RequestState;
}

/** The same, by the session of a request. */
export function stateOfSession(session: HttpSession): RequestState {
  return (session.memory ??= new RequestState(session, ofExpress(session.req.res))) as RequestState;
}

/**
 * A response, if it is one of Express. What middleware is given for the handshake of a WebSocket (`{}`, or an object of
 * Engine.IO) cannot be answered with.
 */
function ofExpress(res: Response | undefined): Response {
  return (res?.locals ? res : undefined) as Response;
}

/** What is remembered of a request, if anything is. */
export function knownState(req: Request): RequestState | undefined {
  return knownHttpSession(req)?.memory as RequestState | undefined;
}

/** Remembers what the request's session is from now on. */
export function setSession<T extends RequestSession>(state: RequestState, session: T): T {
  state.session = session;
  return session;
}

/** The request's session ended while the request was under way: it has none any more. */
export function setEnded(
  state: RequestState,
  { key, user }: Pick<EndedSession, 'key' | 'user'>,
  reason: Reason,
  ended: 'here' | 'elsewhere',
): EndedSession {
  return setSession(state, { kind: 'ended', sessionId: undefined, key, user, reason, ended, first: ended === 'here' });
}

/** What was found out about the session, if the request still carries it: handlers sign in and out. */
export function currentSession({ session, http }: RequestState): RequestSession | undefined {
  if (!session) return undefined;
  const isCurrent = http.exists ? http.id === session.sessionId : session.kind === 'ended';
  return isCurrent ? session : undefined;
}

/** The verdict on a live session at `now`, a reading of the clock. */
export function verdictOn({ startedAt, activeAt, limits }: LiveSession, now: number): Verdict {
  return judge({ sessionAge: Math.max(0, now - startedAt), idleFor: Math.max(0, now - activeAt) }, limits);
}
