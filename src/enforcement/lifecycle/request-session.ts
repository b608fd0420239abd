import type { Request, Response } from 'express';
import type { HttpSession } from '../../express-session/http-session.js';
import { httpSessionOf, knownHttpSession } from '../../express-session/session-of-request.js';
import type { ResponsePhases } from '../../express-session/response-phases.js';
import { noop } from '../../base/noop.js';
import type { Reason } from '../../policy/reason.js';
import { judge, type Verdict } from '../../policy/verdict.js';
import type { Owner } from './identity.js';
import type { DatedRecord } from '../timelines/dated-record.js';
import type { Waiting } from '../timelines/session-watch.js';
import type { Subject } from '../timelines/subject.js';
import type { TooManySessionsError } from '../timelines/place.errors.js';

/** What is known about the session of a request. It is found out once per request. */
export type RequestSession = AnonymousSession | LiveSession | EndedSession;

/** The request has no tracked session. */
export interface AnonymousSession {
  readonly kind: 'anonymous';
  readonly sessionId: string;
}

/** A tracked session that is within its limits. Times are readings of the clock, in milliseconds. */
export interface LiveSession extends Subject {
  readonly kind: 'live';
  readonly sessionId: string;
  readonly key: string;
  readonly startedAt: number;
  activeAt: number;
  /** When the user last authenticated, according to the ledger. */
  readonly authAt: number;
  /** Whether passport had a user for the request. It is set only without `identify`. */
  readonly hadUser: boolean;
}

/** A tracked session that has ended. The request goes on without its user. */
export interface EndedSession {
  readonly kind: 'ended';
  /** The id of the fresh session that the request goes on with; `undefined` if it has none. */
  readonly sessionId: string | undefined;
  readonly key: string;
  readonly user: string | undefined;
  readonly reason: Reason;
  /** When the session ended: before the request came, by this request, or by another request meanwhile. */
  readonly ended: 'before' | 'here' | 'elsewhere';
  /** Whether this request was the one that ended the session. */
  readonly first: boolean;
}

/** What matters about the handler that answers a request. */
interface Answerer {
  /** Whether the answer tells why a session has ended: only then may it clear the cookie. */
  readonly tells: boolean;
}

/** The outcome of a request: whether it counted as activity, and why. */
export interface Outcome {
  readonly what: 'activity' | 'passive' | 'refused' | 'ended' | 'anonymous' | 'not judged';
  readonly why?: string;
}

/** Everything that is remembered about a request, from its arrival to the end of its response. */
export class RequestState {
  readonly req: Request;
  /** When the request came, in milliseconds since the process started. */
  readonly arrivedAt = performance.now();
  /** What was found out about the session; `undefined` until it is judged. */
  session: RequestSession | undefined;
  /** The answer to come, while the session is being judged. */
  judging: Promise<RequestSession> | undefined;
  /** The owner of the session, as every reader of the store knows it; `undefined` until somebody asks for it. */
  owner: Owner | undefined;
  /**
   * When express-session put the session on the request, as a reading of the clock; `undefined` if nobody knows, or if the
   * request gets no response. Such a request may last for hours.
   */
  cameAt: number | undefined;
  /** Lets the sweep end the session again, after it had to wait until the body of this request has come. */
  letGo: (() => void) | undefined;
  /** Whether the session was judged before the body of the request had come. */
  isJudgedEarly = false;
  /**
   * The owner of a session that a middleware before ours regenerates before it was judged. The middleware may fill the new
   * session with the data of the old one.
   */
  ownerBefore: Owner | undefined;
  /** The record of the timeline, which was read together with the session. */
  ahead: Promise<DatedRecord> | undefined;
  /**
   * Set if a middleware before ours has filled a new session, but its user may not have one more. The request has no user.
   */
  turnedAway: TooManySessionsError | undefined;
  /** The user whose sign-in was refused, if the handler has been told. Then its answer counts, and nobody is signed in. */
  refusedUser: string | undefined;
  /** The work under way that changes the session: its owner, or its id. */
  changing: Promise<unknown> | undefined;
  /** The phases of its response, once they are installed. */
  phases: ResponsePhases<RequestState> | undefined;
  /** Whether to look for a sign-in before the answer ends. */
  settles = false;
  /** Whether no session may be stored or sent any more. */
  withholdsAll = false;
  /** The id of a session that was made for this request, and may be neither stored nor sent. */
  withheldId: string | undefined;
  /** Whether the session is new, but has got the id of another session. */
  hasRepeatedId = false;
  /** Whether the request has been recorded as activity. */
  isActivity = false;
  /** Whether the request counts once more when a long answer is complete. */
  isFollowed = false;
  /** The handler that answers; `undefined` until a guard has seen the request. */
  answerer: Answerer | undefined;
  /** The outcome of the request. Used only with the option `debug`. */
  outcome: Outcome | undefined;

  /** Whether the session of a lasting request has got a new id, so that the data on the request is from before. */
  hasOldData = false;
  /**
   * The listeners that wait for the end of the session of a lasting request, such as that of a WebSocket. The last one
   * stays here when it has stopped waiting, because it knows the current id.
   */
  waiting: Set<Waiting> | undefined;

  constructor(
    readonly http: HttpSession,
    readonly res: Response,
  ) {
    this.req = http.req;
  }

  /** Whether there is a response. A session from `store.load()` and the session of a WebSocket have none. */
  get hasResponse(): boolean {
    return Boolean(this.res);
  }

  /** The key of the session on the request, or of the session that replaces it; `undefined` if there is none. */
  get key(): string | undefined {
    return this.lasting?.watch?.session.key ?? (this.http.exists ? this.http.key : undefined);
  }

  /** One of the listeners of a lasting request. */
  get lasting(): Waiting | undefined {
    return this.waiting?.values().next().value;
  }

  /** Whether the handler has regenerated the session since it was judged. It may have signed somebody in. */
  get isRegenerated(): boolean {
    return this.session !== undefined && !this.http.isReused && currentSession(this) === undefined;
  }

  /** Whether the session on the request may be neither stored nor sent. */
  get isWithheld(): boolean {
    return this.withholdsAll || (this.withheldId !== undefined && this.withheldId === this.http.id);
  }

  /** Whether the browser can still get another session id. */
  get canChangeId(): boolean {
    return this.hasResponse && !this.res.headersSent;
  }
}

/** Returns what is remembered about a request. Creates it if there is nothing yet. */
export function stateOf(req: Request, res: Response | undefined = req.res): RequestState {
  const session = httpSessionOf(req);
  return (session.memory ??= new RequestState(session, ofExpress(res))) as RequestState;
}

/** Returns what is remembered about the request of a session. Creates it if there is nothing yet. */
export function stateOfSession(session: HttpSession): RequestState {
  return (session.memory ??= new RequestState(session, ofExpress(session.req.res))) as RequestState;
}

/**
 * Returns the response if it is one of Express. For the handshake of a WebSocket, middleware gets `{}` or an object of
 * Engine.IO, which cannot answer.
 */
function ofExpress(res: Response | undefined): Response {
  return (res?.locals ? res : undefined) as Response;
}

/** Returns what is remembered about a request, if there is anything. */
export function knownState(req: Request): RequestState | undefined {
  return knownHttpSession(req)?.memory as RequestState | undefined;
}

/** Remembers the session of the request from now on. */
export function setSession<T extends RequestSession>(state: RequestState, session: T): T {
  state.session = session;
  return session;
}

/** Remembers that the request has no tracked session. */
export function setAnonymous(state: RequestState): AnonymousSession {
  return setSession(state, { kind: 'anonymous', sessionId: state.http.id });
}

/** Notes that the session ended while the request was under way. The request has no session any more. */
export function setEnded(
  state: RequestState,
  { key, user }: Pick<EndedSession, 'key' | 'user'>,
  reason: Reason,
  ended: 'here' | 'elsewhere',
): EndedSession {
  return setSession(state, { kind: 'ended', sessionId: undefined, key, user, reason, ended, first: ended === 'here' });
}

/**
 * Does work that changes the session of a request. Changes take turns: a handler may renew the session twice at once, or
 * while it signs the user out.
 */
export async function changeInTurn<T>(state: RequestState, change: () => Promise<T>): Promise<T> {
  while (state.changing) await state.changing;
  const changed = change();
  noteChange(state, changed);
  return changed;
}

/** Lets other changes of the session wait for this one, whether it succeeds or fails. */
export function noteChange(state: RequestState, change: Promise<unknown>): void {
  state.changing = change.then(noop, noop).finally(() => (state.changing = undefined));
}

/**
 * Returns what was found out about the session, if the request still has this session. Handlers may sign in and out.
 */
export function currentSession({ session, http }: RequestState): RequestSession | undefined {
  if (!session) return undefined;
  const isCurrent = http.exists ? http.id === session.sessionId : session.kind === 'ended';
  return isCurrent ? session : undefined;
}

/** The verdict on a live session at `now`, a reading of the clock. */
export function verdictOn({ startedAt, activeAt, limits }: LiveSession, now: number): Verdict {
  return judge({ sessionAge: Math.max(0, now - startedAt), idleFor: Math.max(0, now - activeAt) }, limits);
}
