import { Inject, Injectable } from '@nestjs/common';
import { forgetUser } from '../../express-session/passport-user.js';
import { clearsCookieOf } from '../../express-session/presented-cookie.js';
import { sessionKey } from '../../express-session/session-key.js';
import { chain, type MaybePromise } from '../../base/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Reason } from '../../policy/reason.js';
import type { Subject } from '../timelines/subject.js';
import type { Decision } from './decision.js';
import { warnOfForeignData } from './foreign-data.js';
import { Endings } from '../timelines/endings.js';
import type { EndNotes } from '../timelines/events/session-events.js';
import { NOBODY, type Owner } from './identity.js';
import {
  type AnonymousSession,
  currentSession,
  type EndedSession,
  type LiveSession,
  type RequestSession,
  type RequestState,
  setAnonymous,
  setEnded,
  setSession,
  verdictOn,
} from './request-session.js';
import { SessionBinder } from './session-binder.js';
import { SessionMoves } from './session-moves.js';
import { SessionRows } from './session-rows.js';
import { Timelines } from '../timelines/timelines.js';
import { TooManySessionsError } from '../timelines/place.errors.js';
import { log } from '../timelines/events/log.js';

/** Carries out decisions about the sessions on requests. */
@Injectable()
export class RequestSessions {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
    private readonly endings: Endings,
    private readonly binder: SessionBinder,
    private readonly moves: SessionMoves,
    private readonly rows: SessionRows,
  ) {}

  /** Carries out a decision. */
  carryOut(state: RequestState, decision: Decision): MaybePromise<RequestSession> {
    switch (decision.kind) {
      case 'anonymous':
        return setAnonymous(state);
      case 'continue':
        return this.continue(state, decision);
      case 'track':
        return orTurnedAway(state, () => this.binder.track(state, decision.owner, decision.isMarked));
      case 'begin':
        return decision.isEarly
          ? orTurnedAway(state, () => this.begin(state, decision.owner))
          : this.begin(state, decision.owner);
      case 'move':
        return this.moves.toAnother(state, decision.owner, decision.from);
      case 'leave':
        return this.moves.leave(state, decision.from);
      case 'cut':
        return this.moves.cut(state, decision);
      case 'expire':
        if (decision.fault !== undefined) this.warnOfFault(decision.sessionId, decision.fault);
        return this.expire(state, decision.sessionId, decision.reason, decision.subject);
      case 'mismatch':
        warnOfForeignData(state.http.key);
        return this.expire(state, state.http.id, decision.reason, { ...decision.subject, by: 'policy' });
      case 'remove':
        return this.binder.remove(state, state.http.id, decision, false);
      case 'already-ended':
        if (decision.isEmptied) state.http.replace();
        return this.binder.makeAnonymous(state, decision, false);
    }
  }

  /** Records activity of the request's session `idleFor` milliseconds ago. */
  advance(session: LiveSession, idleFor: number): MaybePromise<void> {
    return chain(this.timelines.advance(session.key, session.limits, idleFor), () => {
      session.activeAt = Math.max(session.activeAt, this.settings.clock.now() - idleFor);
    });
  }

  /** Whether a session has passed a limit since it was judged, unless another request has kept it active. */
  isOver(session: LiveSession): boolean {
    return !verdictOn(session, this.settings.clock.now()).alive;
  }

  /** Does something with the session of a request, unless the session has passed a limit since the request came. */
  async unlessOver(state: RequestState, work: () => Promise<RequestSession>): Promise<RequestSession> {
    const session = currentSession(state);
    const mayBeOver = session?.kind === 'live' && this.settings.mode === 'enforce' && this.isOver(session);
    const again = mayBeOver ? await this.lookAgain(state, session) : undefined;
    return again?.kind === 'ended' ? again : work();
  }

  /**
   * Judges the session of a lasting request, or of one that has taken long, again, under its current id.
   *
   * @param cameInTime whether the request came within the idle limit, and only its body took long
   */
  async lookAgain(state: RequestState, session: LiveSession, cameInTime = false): Promise<RequestSession> {
    const { key, user, startedAt } = state.lasting?.watch?.session ?? session;
    const limits = await this.settings.limitsFor(state.req, user);
    const outlook = await this.timelines.look(key, { user, limits }, startedAt, cameInTime);
    if ('ended' in outlook)
      return this.binder.remove(state, state.http.id, { key, reason: outlook.ended, user }, false);
    const now = this.settings.clock.now();
    const [activeAt, authAt] = [now - outlook.idleFor, now - outlook.authAge];
    return setSession(state, { ...session, key, limits, startedAt, activeAt, authAt });
  }

  /** Signs the request's session out, tracked or not. True if this call ended a tracked session. */
  async signOut(state: RequestState, reason: Reason): Promise<boolean> {
    const { http } = state;
    const session = currentSession(state);
    if (session?.kind === 'ended' && !http.holdsData) return false;
    const live = session?.kind === 'live' ? session : undefined;
    const { id } = http;
    const key = live?.key ?? http.key;
    const first = live !== undefined && (await this.endWithNewIds(key, reason, live));
    const known = live && !first ? await this.timelines.reasonOfEnd(key, reason) : reason;
    await this.rows.delete(http, id);
    http.replace();
    this.binder.makeAnonymous(state, { key, reason: known, user: live?.user }, first, 'here');
    return first;
  }

  /** Ends a session, also if another request has given it a new id since this one was judged. */
  private endWithNewIds(key: string, reason: Reason, { user, limits }: LiveSession): Promise<boolean> {
    // Only the session with this key is that of the request.
    const end = (each: string) => this.timelines.end(each, reason, { user, limits, hasRequest: each === key });
    return this.moves.endWithNewIds(key, (each) => this.endings.insistOn(each, () => end(each)));
  }

  /**
   * Called just before express-session stores and sends the session. Hides the session if it may be neither stored nor
   * sent, and otherwise repairs what the handler may have broken.
   */
  prepareCommit(state: RequestState): void {
    this.noticeEnd(state);
    const { http, session } = state;
    if (!http.exists) return;
    if (state.isWithheld || isUnwanted(state, session) || this.wasLeft(state)) http.hide();
    else http.repair();
  }

  /** Finds out whether the session ended while the request was under way. */
  noticeEnd(state: RequestState): void {
    const { http, session } = state;
    if (session?.kind !== 'live') return;
    const reason = this.timelines.recentEnd(session.key);
    // A handler that destroyed the session signed the user out, unless somebody else had ended the session before.
    if (http.isDestroyed) return void setEnded(state, session, reason ?? 'signed-out', 'here');
    if (reason === undefined) return;
    // The handler may have made another session since then.
    const isLeft = http.exists && http.id !== session.sessionId;
    setEnded(state, session, reason, isLeft ? 'here' : 'elsewhere');
  }

  /** Whether the visitor has signed in with another request meanwhile, so that the session has another id now. */
  private wasLeft({ http, session }: RequestState): boolean {
    return session?.kind === 'anonymous' && http.isReused && this.timelines.recentEnd(http.key) !== undefined;
  }

  private async begin(state: RequestState, owner: Owner): Promise<RequestSession> {
    return (await this.binder.begin(state, owner)) ?? state.session ?? setAnonymous(state);
  }

  private continue(
    state: RequestState,
    { key, record, subject, isMarked }: Extract<Decision, { kind: 'continue' }>,
  ): MaybePromise<LiveSession> {
    if (state.http.origin === 'new') this.binder.noteRepeatedId(state, record);
    const session = this.binder.bind(state, key, record, subject);
    return isMarked ? session : this.binder.mark(state, record).then(() => session);
  }

  /** Does not log the message of the error, because it may quote stored data. */
  private warnOfFault(sessionId: string, fault: string): void {
    log.warn(`The stored session ${sessionKey(sessionId)} cannot be read (${fault}) and was ended`);
  }

  private async expire(
    state: RequestState,
    sessionId: string,
    reason: Reason,
    subject: Partial<Subject> & EndNotes,
  ): Promise<EndedSession> {
    const key = sessionKey(sessionId);
    const first = await this.timelines.end(key, reason, subject);
    const known = first ? reason : await this.timelines.reasonOfEnd(key, reason);
    return this.binder.remove(state, sessionId, { key, reason: known, user: subject.user }, first);
  }
}

/** Does work that begins a session. If its user may not have one more, the request goes on without the user. */
async function orTurnedAway(state: RequestState, begin: () => Promise<RequestSession>): Promise<RequestSession> {
  try {
    return await begin();
  } catch (error) {
    if (!(error instanceof TooManySessionsError)) throw error;
    return turnAway(state, error);
  }
}

/** Takes the user out of a request whose new session may not begin. */
function turnAway(state: RequestState, error: TooManySessionsError): AnonymousSession {
  const { http, req } = state;
  forgetUser(req);
  http.replace();
  state.owner = NOBODY;
  state.turnedAway = error;
  return setAnonymous(state);
}

/**
 * Whether the session must not be stored or sent. The cookie of a session that ended meanwhile would overwrite the
 * cookie of a new sign-in. A fresh session in place of another one is not stored if no handler has filled it, or if the
 * handler that signed the user out has cleared the cookie.
 */
function isUnwanted(state: RequestState, session: RequestSession | undefined): boolean {
  if (state.turnedAway && session?.kind === 'anonymous') return !state.http.holdsData;
  if (session?.kind !== 'ended') return false;
  if (session.ended === 'elsewhere') return true;
  if (currentSession(state) === undefined) return false;
  const { http, res } = state;
  return !http.holdsData || (session.ended === 'here' && clearsCookieOf(res, http.presentedId));
}
