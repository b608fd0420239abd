import { Inject, Injectable } from '@nestjs/common';
import type { HttpSession } from '../../express-session/http-session.js';
import { hasUser } from '../../express-session/passport-user.js';
import type { SessionContent } from '../../express-session/session-content.js';
import { sessionKey } from '../../express-session/session-key.js';
import { isSound } from '../../express-session/store/row.js';
import type { Rows, StoreHooks } from '../../express-session/store/store-hooks.js';
import { fewAtOnce } from '../../base/few-at-once.js';
import { noop } from '../../base/noop.js';
import { attempt, chain, type MaybePromise } from '../../base/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { isReason, type Reason } from '../../policy/reason.js';
import type { DatedRecord } from '../timelines/dated-record.js';
import { Endings } from '../timelines/endings.js';
import { SessionWatches } from '../timelines/session-watches.js';
import { Timelines } from '../timelines/timelines.js';
import { warnOfForeignData } from './foreign-data.js';
import { changeOf, type Owner, ownerOf, ownerWhenLoaded } from './identity.js';
import { ReadAhead } from './read-ahead.js';
import { currentSession, type LiveSession, type RequestState, setEnded, stateOfSession } from './request-session.js';
import { SessionBinder } from './session-binder.js';
import { Touches } from './touches.js';
import { log } from '../timelines/events/log.js';

/** What the observer does not do itself: two of the hooks, and judging the session of a request. */
export interface Outside extends Pick<StoreHooks, 'serves' | 'saving'> {
  judge(state: RequestState): MaybePromise<unknown>;
}

/** Keeps the timelines correct when the application itself saves, destroys or regenerates a session. */
@Injectable()
export class StoreObserver {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
    private readonly endings: Endings,
    private readonly readAhead: ReadAhead,
    private readonly touches: Touches,
    private readonly watches: SessionWatches,
    private readonly binder: SessionBinder,
  ) {}

  /** Returns the hooks for the store of an application. */
  hooks({ judge, ...outside }: Outside): StoreHooks {
    return {
      ...outside,
      fetching: (sessionId) => this.readAhead.begin(sessionId),
      arrived: (session, fetched) => this.arrived(session, fetched as Promise<DatedRecord> | undefined),
      reloaded: (session) => this.reloaded(session),
      savingKept: (session, sessionId, kept) => this.savingKept(session, sessionId, kept as SessionContent),
      savingData: (sessionId, data, stored) => this.savingData(sessionId, data as SessionContent, stored),
      isEnded: (sessionId) => this.isEnded(sessionId),
      sparesTouch: (session, lifetime) => {
        const live = liveSession(session);
        return live !== undefined && this.touches.spares(live, lifetime);
      },
      touched: (session) => this.touches.note(session.key),
      written: (sessionId) => this.touches.forget(sessionKey(sessionId)),
      destroying: (sessionId) => this.destroying(sessionId),
      clearing: (sessionIds) => this.clearing(sessionIds),
      regenerating: (session) => chain(this.judgeFirst(session, judge), () => this.regenerating(session)),
    };
  }

  /** Finds out the owner of the session, before anybody changes the session. */
  private arrived(session: HttpSession, ahead: Promise<DatedRecord> | undefined): void {
    const state = stateOfSession(session);
    if (state.hasResponse) state.cameAt = this.settings.clock.now();
    state.ahead = ahead;
    if (session.origin === 'loaded' && session.req.complete === false) this.awaitBody(state);
    try {
      state.owner = ownerWhenLoaded(session, this.settings);
    } catch {
      // The function of the application has failed. It is called again when the session is judged or written.
      state.owner = undefined;
      session.keep(session.data);
    }
  }

  /** Something else may have written another user into the row meanwhile. The browser must not go on as this user. */
  private reloaded(session: HttpSession): void {
    const state = stateOfSession(session);
    const before = state.owner;
    // While the session is getting another owner, the row may be ahead of what is known here.
    if (!before || state.changing) return;
    try {
      const now = ownerOf(session.data, this.settings, before);
      const change = changeOf(before, now);
      // A session without a timeline is judged again by the next request. Without identify, nobody knows its user.
      if (change === 'sign-in' || !this.settings.identify) state.owner = now;
      else if (change) this.endForeign(state, before, change === 'sign-out' ? 'signed-out' : 'revoked');
    } catch {
      // The function of the application has failed. It is called again when the session is written.
    }
  }

  /** Ends a session whose row something else has written. The request goes on with a fresh session. */
  private endForeign(state: RequestState, { user }: Owner, reason: Reason): void {
    const { http } = state;
    const { key } = http;
    warnOfForeignData(key);
    const end = () => this.timelines.end(key, reason, { user, by: 'policy', hasRequest: false });
    // If this fails, it is tried again.
    void this.endings.insistOn(key, end).catch(noop);
    http.replace();
    this.binder.makeAnonymous(state, { key, reason, user }, true);
  }

  /** While the body of a request is on its way, the sweep must not end its session. Nobody knows yet if it is activity. */
  private awaitBody(state: RequestState): void {
    // The connection may have closed while the session was read. Then nothing would let it go any more.
    if (!state.hasResponse || state.res.closed) return;
    state.letGo?.();
    state.letGo = this.timelines.held.hold(state.http.key);
    // The rest of the body may never come.
    state.res.once('close', state.letGo);
  }

  /** A handler may also have kept a session that its request has left. Others may know the id of this session. */
  private savingKept(session: HttpSession, sessionId: string, kept: SessionContent): MaybePromise<boolean> {
    const state = stateOfSession(session);
    if (state.isWithheld || session.isDestroyed || session.id !== sessionId) return false;
    const before = state.owner ?? ownerWhenLoaded(session, this.settings);
    const now = ownerOf(kept, this.settings, before);
    const change = changeOf(before, now);
    if (change === 'sign-out') return chain(this.endTracked(session.key, 'signed-out'), () => false);
    return change === undefined;
  }

  /**
   * Code that writes data itself may sign somebody in under an id that others know. Then nobody may have the session. If
   * the session has the timeline of another user, the next request finds this out.
   */
  private savingData(sessionId: string, data: SessionContent, stored: Rows): MaybePromise<boolean> {
    const now = ownerOf(data, this.settings);
    if (!now.isTracked) return true;
    return chain(this.timelines.read(sessionKey(sessionId)), (record) => {
      if (record) return true;
      return chain(stored.read(sessionId), (row) => {
        const isSignIn = isSound(row) && changeOf(ownerOf(row as SessionContent, this.settings), now) !== undefined;
        return isSignIn ? chain(this.endWritten(sessionId, stored), () => false) : true;
      });
    });
  }

  private async endWritten(sessionId: string, stored: Rows): Promise<void> {
    log.warn(
      'Something signed somebody in by writing to the session store, under a session id that was in use before ' +
        '(session fixation). The session was ended. Sign users in on req.session.',
    );
    await this.endings.endSilently(sessionKey(sessionId), 'replaced');
    await stored.delete(sessionId);
  }

  private isEnded(sessionId: string): MaybePromise<boolean> {
    const key = sessionKey(sessionId);
    if (this.timelines.recentEnd(key) !== undefined) return true;
    return chain(this.timelines.read(key), (record) => record?.state === 'ended');
  }

  /** If somebody destroys a tracked session, this signs the user out. */
  private destroying(sessionId: string): MaybePromise<unknown> {
    const key = sessionKey(sessionId);
    return this.timelines.recentEnd(key) === undefined ? this.endTracked(key, 'signed-out') : undefined;
  }

  /** If somebody clears the store, this ends all sessions. If one end fails, the others come all the same. */
  private async clearing(sessionIds: readonly string[]): Promise<void> {
    const failures: unknown[] = [];
    await fewAtOnce(sessionIds, (sessionId) =>
      this.endTracked(sessionKey(sessionId), 'revoked').catch((error: unknown) => failures.push(error)),
    );
    if (failures.length > 0) throw failures[0];
  }

  private endTracked(key: string, reason: Reason): Promise<boolean> {
    return this.endings.insistOn(key, () =>
      chain(this.timelines.read(key), (record) => {
        if (record?.state === 'open') return this.timelines.end(key, reason, { user: record.user });
        // Another instance has ended it, and the answer says why.
        if (record && isReason(record.reason)) this.timelines.ends.note(key, record.reason, false, { isCertain: true });
        return false;
      }),
    );
  }

  /**
   * A middleware before ours may regenerate a session that nobody has judged yet, and fill the new one. Judging comes
   * first, because the user of an ended session must not go on with a new id. If the middleware also saves the new
   * session, it counts as a sign-in: passport does the same when it signs somebody in.
   */
  private judgeFirst(session: HttpSession, judge: Outside['judge']): MaybePromise<unknown> {
    const state = stateOfSession(session);
    if (state.session || session.origin !== 'loaded' || !state.hasResponse) return undefined;
    state.ownerBefore = state.owner ?? ownerWhenLoaded(session, this.settings);
    return attempt(
      () => judge(state),
      noop,
      (error) => {
        // The session stays as it was.
        state.ownerBefore = undefined;
        throw error;
      },
    );
  }

  /**
   * A session is regenerated when somebody signs in. passport also regenerates it when somebody signs out, and takes
   * the user off the session first.
   */
  private regenerating(session: HttpSession): MaybePromise<boolean> {
    const state = stateOfSession(session);
    if (state.changing) return state.changing.then(() => this.regenerating(session));
    const known = currentSession(state);
    if (known && known.kind !== 'live') return true;
    const reason = this.userIsGone(session, known ?? state.owner) ? 'signed-out' : 'replaced';
    if (!known) return this.endTracked(session.key, reason);
    if (reason === 'replaced' && known.user !== undefined) this.watches.awaitNewId(known.key);
    // If this fails, a user who signs in keeps the session, and a user who signs out does not.
    const end = () => this.timelines.end(known.key, reason, known);
    return chain(reason === 'signed-out' ? this.endings.insistOn(known.key, end) : end(), () => {
      setEnded(state, known, reason, 'here');
      return true;
    });
  }

  private userIsGone(session: HttpSession, before: (Partial<LiveSession> & Pick<LiveSession, 'user'>) | undefined) {
    if (!this.settings.identify) return before?.hadUser === true && !hasUser(session.req);
    return before?.user !== undefined && ownerOf(session.data, this.settings).user === undefined;
  }
}

function liveSession(session: HttpSession): LiveSession | undefined {
  const current = currentSession(stateOfSession(session));
  return current?.kind === 'live' ? current : undefined;
}
