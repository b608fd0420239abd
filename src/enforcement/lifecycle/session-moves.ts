import { Inject, Injectable } from '@nestjs/common';
import { clearsCookieOf } from '../../express-session/presented-cookie.js';
import type { LeftSession } from '../../express-session/session-content.js';
import { fewAtOnce } from '../../base/few-at-once.js';
import { chain, type MaybePromise } from '../../base/maybe-promise.js';
import { RecentMap } from '../../base/recent-map.js';
import { LedgerUnavailableError } from '../../ledger/ledger-unavailable.error.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Reason } from '../../policy/reason.js';
import type { Decision } from './decision.js';
import type { Beginning } from '../timelines/beginning.js';
import { Endings } from '../timelines/endings.js';
import type { Owner } from './identity.js';
import {
  type EndedSession,
  type RequestSession,
  type RequestState,
  setAnonymous,
  setEnded,
} from './request-session.js';
import { SessionBinder } from './session-binder.js';
import { SessionEvents } from '../timelines/events/session-events.js';
import { SessionRows } from './session-rows.js';
import { SessionWatches } from '../timelines/session-watches.js';
import { Timelines } from '../timelines/timelines.js';
import { PlaceLostError } from '../timelines/place.errors.js';
import { log } from '../timelines/events/log.js';

/** The times of a session that stay when it gets a new id. */
type Times = Pick<Beginning, 'startedAt' | 'authAge'>;

/** Moves sessions to new ids when their owner changes. */
@Injectable()
export class SessionMoves {
  /**
   * The new keys of sessions that have got a new id for the same user, or are about to, by their earlier keys. If several
   * requests give a session a new id at once, it goes on under one of them.
   */
  private readonly newKeys = new RecentMap<string, readonly string[]>(10_000);

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
    private readonly endings: Endings,
    private readonly binder: SessionBinder,
    private readonly watches: SessionWatches,
    private readonly events: SessionEvents,
    private readonly rows: SessionRows,
  ) {}

  /**
   * Moves a session with its data to a new id. The old id ends as `replaced` only when the new one works. So the user
   * has a session, no matter what the ledger does.
   *
   * @param from the earlier owner of the session
   * @param goesOn returns when the session started, if the start stays, and when its user authenticated, if nobody has
   *   authenticated now. Without it, both limits restart
   * @returns an ended session, if the session ended meanwhile
   * @throws what the ledger and the store throw; then the session has its old id again
   */
  async move(
    state: RequestState,
    owner: Owner,
    from: Owner,
    goesOn?: () => MaybePromise<Times>,
  ): Promise<RequestSession> {
    const { http } = state;
    const { isReused } = http;
    // This must be synchronous: express-session may send its cookie as soon as this function returns.
    const left = http.move();
    const isSame = from.isTracked && from.user === owner.user;
    const { key } = http;
    if (isSame) this.newKeys.set(left.key, [...this.newKeysBut(left.key, key), key]);
    let moved: RequestSession | undefined;
    let times: Times;
    try {
      if (!owner.isTracked && !from.isTracked) return await this.leaveUntracked(state, left);
      times = (await goesOn?.()) ?? {};
      const known = { ...times, isAnnounced: false };
      moved = await this.binder.begin(state, owner, known, owner.user === from.user ? left.key : undefined);
    } catch (error) {
      // In report mode, the session goes on under its new id without a timeline.
      const isHarmless = this.settings.mode === 'report' && error instanceof LedgerUnavailableError;
      if (isHarmless) return this.leaveUntracked(state, left);
      http.restore(left);
      if (isSame) this.newKeys.set(left.key, this.newKeysBut(left.key, key));
      if (error instanceof PlaceLostError) return this.giveWay(state, left, from, error);
      throw error;
    }
    if (!moved) return this.giveUp(state, left, from);
    if (moved.kind !== 'live') return moved;
    if (isSame) this.watches.follow(left.key, moved);
    const hasEnded = (isReused || from.isTracked) && !(await this.endLeft(left, from, 'replaced', isSame));
    await this.rows.delete(http, left.id);
    if (hasEnded && from.isTracked) return this.undoMove(state, left);
    this.events.emitStart(moved.key, owner.user, {
      continues: isReused || from.isTracked ? left.key : undefined,
      renewal: isSame ? { restartsLimits: times.startedAt === undefined } : undefined,
    });
    return moved;
  }

  /** The keys under which a session may go on, as far as this process has given it new ids. */
  laterKeysOf(key: string): readonly string[] {
    const keys = new Set([key]);
    // The set grows meanwhile. A bad `genid` may repeat an id.
    for (const each of keys) for (const later of this.newKeys.get(each) ?? []) keys.add(later);
    return [...keys].slice(1);
  }

  /**
   * Ends a session, or those that go on as it under new ids. Returns true if this call has ended one.
   *
   * @param end ends the session with a key; returns true if it has
   */
  async endWithNewIds(key: string, end: (key: string) => MaybePromise<boolean>): Promise<boolean> {
    if (await end(key)) return true;
    const ended = await fewAtOnce(this.laterKeysOf(key), end);
    return ended.includes(true);
  }

  private newKeysBut(from: string, but: string): readonly string[] {
    return (this.newKeys.get(from) ?? []).filter((key) => key !== but);
  }

  /**
   * Gives a session with a new owner a new id. If another user had the session before, its times stay. For example, an
   * administrator looks at the application as somebody else, and nobody has authenticated.
   */
  toAnother(state: RequestState, owner: Owner, from: Owner): Promise<RequestSession> {
    if (from.isTracked) {
      const { key } = state.http;
      return this.move(state, owner, from, () => this.timesOf(state, key));
    }
    log.warn(
      'Somebody signed in under a session id that was in use before (session fixation). The session got ' +
        'a new id. Call req.session.regenerate() or SessionTimeoutService.renew() when somebody signs in.',
    );
    return this.move(state, owner, from);
  }

  /** Moves the rest of a session whose user has signed out to a new id, as a visitor's. */
  async leave(state: RequestState, from: Owner): Promise<EndedSession> {
    const { http } = state;
    const left = http.move();
    let first: boolean;
    let reason: Reason = 'signed-out';
    try {
      first = await this.endings.end(left.key, reason, from);
      if (!first) reason = await this.timelines.reasonOfEnd(left.key, reason);
    } catch (error) {
      http.restore(left);
      throw error;
    }
    // Nobody will have the rest if the answer clears the cookie.
    if (http.holdsData && !clearsCookieOf(state.res, http.presentedId)) await http.write();
    await this.rows.delete(http, left.id);
    return this.binder.makeAnonymous(state, { key: left.key, reason, user: from.user }, first, 'here');
  }

  /** Ends a session that cannot get a new id any more. Nothing of it is stored. */
  async cut(state: RequestState, { change, from }: Extract<Decision, { kind: 'cut' }>): Promise<EndedSession> {
    const { http } = state;
    const reason = change === 'sign-out' ? 'signed-out' : 'replaced';
    state.withholdsAll = true;
    log.warn(
      `A session changed its user (${change}) when its id could not change: after the headers of the answer were sent, ` +
        'or without an answer. It was ended. Sign users in and out before you send headers.',
    );
    await (from.isTracked ? this.endings.end(http.key, reason, from) : this.timelines.endSilently(http.key, reason));
    await this.rows.delete(http, http.id);
    return setEnded(state, { key: http.key, user: from.user }, reason, 'here');
  }

  /** Ends the session that a request has left, because the handler has destroyed or regenerated the new one meanwhile. */
  private async giveUp(state: RequestState, left: LeftSession, from: Owner): Promise<RequestSession> {
    await this.endLeft(left, from, state.http.isDestroyed ? 'signed-out' : 'replaced', false);
    await this.rows.delete(state.http, left.id);
    return state.session ?? setAnonymous(state);
  }

  /** Refuses to move a session that has lost its place. It has ended, or is about to. */
  private async giveWay(state: RequestState, { id, key }: LeftSession, from: Owner, lost: PlaceLostError) {
    const first = lost.isDisplaced && (await this.endings.end(key, 'displaced', from));
    const reason = first ? 'displaced' : await this.timelines.reasonOfEnd(key, undefined);
    // Another request is giving it a new id, and may fail.
    if (reason === undefined) throw new LedgerUnavailableError('the session is getting a new id', { cause: lost });
    return this.binder.remove(state, id, { key, reason, user: from.user }, first);
  }

  /** Ends the new session, because another request ended the session while this request moved it. */
  private async undoMove(state: RequestState, { key }: LeftSession): Promise<EndedSession> {
    const { http } = state;
    const reason = await this.reasonOr(key, 'replaced');
    // If this fails, it is tried again. The request must not go on with the session meanwhile.
    await this.endings.endSilently(http.key, reason).catch(() => undefined);
    return this.binder.remove(state, http.id, { key, reason, user: undefined }, false);
  }

  private async reasonOr(key: string, otherwise: Reason): Promise<Reason> {
    try {
      return await this.timelines.reasonOfEnd(key, otherwise);
    } catch {
      return otherwise;
    }
  }

  /** Stores a session under its new id. Nothing is tracked. */
  private async leaveUntracked(state: RequestState, { id }: LeftSession): Promise<RequestSession> {
    const { http } = state;
    if (http.holdsData) await http.write();
    await this.rows.delete(http, id);
    return setAnonymous(state);
  }

  /** When a session started, and when its user authenticated. */
  private timesOf({ session }: RequestState, key: string): MaybePromise<Times> {
    const now = this.settings.clock.now();
    if (session?.kind === 'live' && session.key === key) {
      return { startedAt: session.startedAt, authAge: Math.max(0, now - session.authAt) };
    }
    return chain(this.timelines.read(key), (record) =>
      record?.state === 'open'
        ? { startedAt: now - record.sessionAge, authAge: record.authAge ?? record.sessionAge }
        : {},
    );
  }

  /** Ends the session that a request has left. Returns false if it had already ended. */
  private async endLeft({ key }: LeftSession, from: Owner, reason: Reason, goesOn: boolean): Promise<boolean> {
    try {
      return await (from.isTracked
        ? this.endings.end(key, reason, { user: from.user, goesOn })
        : this.endings.endSilently(key, reason));
    } catch {
      // The new session already works. The module tries to end the old one until it succeeds.
      return true;
    }
  }
}
