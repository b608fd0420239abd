import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OpenRecord } from '../../ledger/activity-ledger.js';
import { chain, type MaybePromise } from '../../ledger/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Reason } from '../../policy/reason.js';
import type { Decision } from './decision.js';
import {
  type AnonymousSession,
  currentSession,
  type EndedSession,
  type LiveSession,
  type RequestSession,
  type RequestState,
  setEnded,
  setSession,
  type Subject,
} from './request-session.js';
import { Timelines } from './timelines.js';

/** Changes the sessions on requests: binds them to their timelines, moves them to new ids, takes them off. */
@Injectable()
export class RequestSessions {
  private readonly logger = new Logger('SessionTimeout');

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
  ) {}

  /** Carries out what has been decided. */
  carryOut(state: RequestState, decision: Decision): MaybePromise<RequestSession> {
    switch (decision.kind) {
      case 'anonymous':
        return setSession(state, { kind: 'anonymous', sessionId: state.http.id } satisfies AnonymousSession);
      case 'continue':
        return this.continue(state, decision);
      case 'begin':
        return this.begin(state, decision.subject);
      case 'move':
        this.logger.warn(
          'Somebody signed in under a session id that was in use before (session fixation). The session was moved ' +
            'to a new id; call req.session.regenerate() or SessionTimeoutService.renew() when somebody signs in.',
        );
        return this.move(state, decision.subject, decision.from);
      case 'expire':
        return this.expire(state, decision.key, decision.reason, decision.subject);
      case 'remove':
        return this.remove(state, decision.key, decision.reason, decision.user);
      case 'removed':
        return this.makeAnonymous(state, decision.key, decision.reason, decision.user);
    }
  }

  /** Records activity of the request's session `idleFor` milliseconds ago. */
  advance(session: LiveSession, idleFor: number): MaybePromise<void> {
    return chain(this.timelines.advance(session.key, session.limits, idleFor), () => {
      session.activeAt = Math.max(session.activeAt, this.settings.clock.now() - idleFor);
    });
  }

  /**
   * Moves a session with its data to a new id; both limits restart, the old id ends as `replaced`.
   *
   * @param from whose session it was, if it was tracked
   * @returns an ended session if it had ended already
   */
  async move(state: RequestState, subject: Subject, from: Pick<Subject, 'user'> | undefined): Promise<RequestSession> {
    const { http } = state;
    const { id: oldId, key: oldKey } = http;
    if (from || http.isPresented(this.settings.cookieName)) {
      const first = await this.timelines.endUnreported(oldKey, 'replaced', subject.limits);
      if (!first) return this.expire(state, oldKey, 'replaced', subject);
      if (from) this.timelines.reportEnd(oldKey, 'replaced', from.user);
    }
    http.move();
    const moved = await this.begin(state, subject);
    await this.deleteRow(state, oldId);
    return moved;
  }

  /** Signs the request's session out, tracked or not. True if this call ended a tracked session. */
  async signOut(state: RequestState, reason: Reason): Promise<boolean> {
    const { http, session } = state;
    const live = session?.kind === 'live' ? session : undefined;
    const key = live?.key ?? http.key;
    const first = live !== undefined && (await this.timelines.end(key, reason, live));
    await this.deleteRow(state, http.id);
    http.forgetUser();
    setEnded(state, { key, user: live?.user }, reason, 'here');
    http.detach();
    return first;
  }

  /** Finds out whether the session ended while the request was under way. */
  noticeEnd(state: RequestState): void {
    const { http, session } = state;
    if (session?.kind !== 'live') return;
    // A handler that destroyed the session signed the user out.
    if (http.isDestroyed) return void setEnded(state, session, 'signed-out', 'here');
    const reason = this.timelines.recentEnd(session.key);
    if (reason === undefined) return;
    // Its cookie would take the place of that of a new sign-in.
    http.detach();
    setEnded(state, session, reason, 'elsewhere');
  }

  /** Nobody has filled the fresh session that a request got in place of an ended one: it is not to be stored. */
  detachUnused(state: RequestState): void {
    const { http, session } = state;
    if (session?.kind === 'ended' && http.exists && currentSession(state) && !http.holdsData) http.detach();
  }

  private continue(
    state: RequestState,
    { key, record, subject, isMarked }: Extract<Decision, { kind: 'continue' }>,
  ): MaybePromise<LiveSession> {
    const session = this.bind(state, key, record, subject);
    return isMarked ? session : this.mark(state, key, record.sessionAge).then(() => session);
  }

  private async begin(state: RequestState, subject: Subject): Promise<RequestSession> {
    const { key } = state.http;
    const record = await this.timelines.begin(key, subject);
    if (record.state === 'ended') return this.remove(state, key, record.reason, subject.user);
    await this.mark(state, key, record.sessionAge);
    return this.bind(state, key, record, subject);
  }

  private async expire(
    state: RequestState,
    key: string,
    reason: Reason,
    subject: Partial<Subject>,
  ): Promise<EndedSession> {
    return this.remove(state, key, await this.timelines.endOnce(key, reason, subject), subject.user);
  }

  /** The session has a tombstone: its row goes, and the request goes on with a fresh session. */
  private async remove(
    state: RequestState,
    key: string,
    reason: Reason,
    user: string | undefined,
  ): Promise<EndedSession> {
    const { http } = state;
    await this.deleteRow(state, http.id);
    http.replace();
    return this.makeAnonymous(state, key, reason, user);
  }

  private makeAnonymous(state: RequestState, key: string, reason: Reason, user: string | undefined): EndedSession {
    const { http } = state;
    http.forgetUser();
    return setSession(state, { kind: 'ended', sessionId: http.id, key, user, reason, ended: 'before' });
  }

  /** The times of the session become known to the request. */
  private bind(state: RequestState, key: string, record: OpenRecord, { user, limits }: Subject): LiveSession {
    const now = this.settings.clock.now();
    const { http } = state;
    return setSession(state, {
      kind: 'live',
      sessionId: http.id,
      key,
      user: user ?? record.user,
      limits,
      startedAt: now - record.sessionAge,
      activeAt: now - record.idleFor,
      recorded: false,
      hadUser: !this.settings.identify && http.hasUser,
    });
  }

  /**
   * Puts the marker into the session and saves it at once: at the end of the response the save would
   * overwrite what parallel requests changed.
   */
  private async mark(state: RequestState, key: string, sessionAge: number): Promise<void> {
    const { http } = state;
    const startedAt = Math.round(this.settings.clock.now() - sessionAge);
    http.writeMarker(key, { startedAt, run: this.timelines.runId });
    try {
      await http.save();
    } catch (error) {
      // The ledger has the timeline; the next request tries again.
      this.logger.warn('The marker of a session could not be saved', error instanceof Error ? error.stack : error);
    }
  }

  private async deleteRow(state: RequestState, sessionId: string): Promise<void> {
    try {
      await state.http.deleteRow(sessionId);
    } catch (error) {
      // The tombstone is there: whoever brings this session is refused all the same.
      this.logger.warn(
        'The row of an ended session could not be deleted',
        error instanceof Error ? error.stack : error,
      );
    }
  }
}
