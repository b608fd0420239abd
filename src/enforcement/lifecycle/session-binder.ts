import { Inject, Injectable } from '@nestjs/common';
import type { Marker } from '../../express-session/marker.js';
import { forgetUser, hasUser } from '../../express-session/passport-user.js';
import { sessionKey } from '../../express-session/session-key.js';
import type { LedgerRecord, OpenRecord } from '../../ledger/activity-ledger.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Subject } from '../timelines/subject.js';
import type { Beginning } from '../timelines/beginning.js';
import { authAgeInData } from './authentication.js';
import type { Tombstone } from './decision.js';
import { Endings } from '../timelines/endings.js';
import { NOBODY, type Owner } from './identity.js';
import { ReadAhead } from './read-ahead.js';
import {
  type EndedSession,
  type LiveSession,
  type RequestSession,
  type RequestState,
  setAnonymous,
  setSession,
} from './request-session.js';
import { SessionRows } from './session-rows.js';
import { SessionWatches } from '../timelines/session-watches.js';
import { Timelines } from '../timelines/timelines.js';
import { log } from '../timelines/events/log.js';

/** The handler has given up the session while its timeline began. */
class GivenUpError extends Error {}

/** Ages may differ by this many milliseconds, because different clocks measure them. */
const NOISE = 1000;

/** Binds the session on a request to its timeline, and takes an ended session off the request. */
@Injectable()
export class SessionBinder {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
    private readonly endings: Endings,
    private readonly readAhead: ReadAhead,
    private readonly watches: SessionWatches,
    private readonly rows: SessionRows,
  ) {}

  /**
   * Begins the timeline of the request's session, and writes the session with its marker.
   *
   * @param known what else is known about the session
   * @param replaces the key of the same user's session that goes on as this one
   * @returns `undefined` if the handler has given the session up meanwhile
   * @throws TooManySessionsError if the user may not have one more
   */
  async begin(
    state: RequestState,
    owner: Owner,
    known: Pick<Beginning, 'startedAt' | 'authAge' | 'isAnnounced'> = {},
    replaces?: string,
  ): Promise<RequestSession | undefined> {
    const { http, session: before } = state;
    const { id, key } = http;
    const subject = await this.subjectOf(state, owner);
    let isStored = false;
    const store = async (record: OpenRecord) => {
      this.noteRepeatedId(state, record, known.startedAt);
      if (!http.exists || http.key !== key) throw new GivenUpError();
      await this.writeMarked(state, record);
      isStored = true;
    };
    const found = await this.beginningOf(state, owner, replaces);
    const beginning = {
      ...found,
      ...known,
      authAge: found.authAge ?? known.authAge,
      continues: before?.kind === 'ended' && before.reason === 'replaced' ? before.key : undefined,
      store,
    };
    let record: LedgerRecord;
    try {
      record = await this.timelines.begin(key, subject, beginning);
      if (record.state === 'open' && !isStored) await store(record);
    } catch (error) {
      if (error instanceof GivenUpError) return void (await this.timelines.endSilently(key, 'replaced'));
      this.endUnfinished(state, id);
      throw error;
    }
    if (record.state === 'ended') {
      this.noteRepeatedId(state, record, known.startedAt);
      return this.remove(state, http.id, { key, reason: record.reason, user: owner.user }, false);
    }
    state.owner = owner;
    const session = this.bind(state, key, record, subject);
    if (before?.kind === 'ended' && before.reason === 'replaced') this.carryOn(before, session);
    return session;
  }

  /**
   * Ends a session that could not be opened or stored, and deletes what the store may have written all the same.
   * Otherwise, the list of its user would name a session that nobody has. The request may still try again under the same
   * id, so this happens when it is over.
   */
  private endUnfinished(state: RequestState, sessionId: string): void {
    // In report mode, the session goes on without a timeline.
    if (this.settings.mode === 'report') return;
    const { res, hasResponse } = state;
    const key = sessionKey(sessionId);
    const end = () => {
      if (!this.timelines.openings.isUnfinished(key)) return;
      // What fails is tried again.
      this.endings.endSilently(key, 'lost').catch(() => undefined);
      void this.rows.delete(state.http, sessionId);
    };
    if (hasResponse && !res.closed) res.once('close', end);
    else end();
  }

  /** Handles a sign-in after the handler has regenerated the session of a user. */
  private carryOn(before: EndedSession, session: LiveSession): void {
    const isSameUser = before.user !== undefined && before.user === session.user;
    if (isSameUser) this.watches.follow(before.key, session);
    else this.watches.expectNoNewId(before.key);
  }

  /**
   * Notes if the record of a new session existed long before the request. An earlier attempt of the request itself does
   * not count.
   */
  noteRepeatedId(state: RequestState, record: LedgerRecord, startedAt?: number): void {
    const begunWith = startedAt === undefined ? 0 : this.settings.clock.now() - startedAt;
    const since = performance.now() - state.arrivedAt + NOISE;
    if (record.state === 'ended' || record.sessionAge - begunWith > since) state.hasRepeatedId = true;
  }

  /**
   * Begins the timeline of a session that another application has begun, or this one before it used this package.
   *
   * @param isMarked whether the session gets the marker; otherwise, it stays as it is
   */
  async track(state: RequestState, owner: Owner, isMarked: boolean): Promise<RequestSession> {
    const { http } = state;
    const { key } = http;
    const subject = await this.subjectOf(state, owner);
    const beginning = { ...(await this.beginningOf(state, owner)), isFound: isMarked && http.isReused };
    const record = await this.timelines.begin(key, subject, beginning);
    state.owner = owner;
    if (isMarked) {
      if (record.state === 'ended')
        return this.remove(state, http.id, { key, reason: record.reason, user: record.user }, false);
      const session = this.bind(state, key, record, subject);
      await this.mark(state, record);
      return session;
    }
    if (record.state === 'ended') return setAnonymous(state);
    // Somebody may have had this id before, and signing in is activity.
    if (record.idleFor > 0) await this.timelines.advance(key, subject.limits, 0);
    return this.bind(state, key, { ...record, idleFor: 0 }, subject);
  }

  private async subjectOf({ req }: RequestState, { user }: Owner): Promise<Subject> {
    return { user, limits: await this.settings.limitsFor(req, user) };
  }

  private async beginningOf({ req, http }: RequestState, { user }: Owner, replaces?: string): Promise<Beginning> {
    const { maxSessions, whenFull, describeDevice } = this.settings;
    const max = user === undefined ? undefined : await maxSessions?.(req, user);
    return {
      authAge: authAgeInData(http, this.settings),
      device: user === undefined ? undefined : describeDevice?.(req),
      place: max ? { max, whenFull, replaces } : undefined,
    };
  }

  /** Gives the times of the session to the request. */
  bind(state: RequestState, key: string, record: OpenRecord, { user, limits }: Subject): LiveSession {
    const now = this.settings.clock.now();
    const { id } = state.http;
    this.readAhead.learn(id);
    this.rows.note(key, state.http);
    return setSession(state, {
      kind: 'live',
      sessionId: id,
      key,
      user: user ?? record.user,
      limits,
      startedAt: now - record.sessionAge,
      activeAt: now - record.idleFor,
      authAt: now - (record.authAge ?? record.sessionAge),
      hadUser: !this.settings.identify && hasUser(state.req),
    });
  }

  /** Deletes the row of an ended session. The request goes on with a fresh session. */
  async remove(state: RequestState, sessionId: string, tombstone: Tombstone, first: boolean): Promise<EndedSession> {
    const { http } = state;
    await this.rows.delete(http, sessionId);
    if (http.exists && http.id === sessionId) http.replace();
    return this.makeAnonymous(state, tombstone, first);
  }

  /** Makes the request anonymous, and remembers which session has ended. */
  makeAnonymous(
    state: RequestState,
    { key, reason, user }: Tombstone,
    first: boolean,
    ended: EndedSession['ended'] = 'before',
  ): EndedSession {
    const { http, req } = state;
    // A middleware before ours is about to regenerate the session. It may have put a new user on the request already.
    const isBeforeRegeneration = state.ownerBefore && !state.session;
    if (!isBeforeRegeneration) forgetUser(req);
    state.owner = NOBODY;
    const sessionId = http.exists ? http.id : undefined;
    return setSession(state, { kind: 'ended', sessionId, key, user, reason, ended, first });
  }

  /**
   * Puts the marker into the row of the session at once. A save at the end of the response would overwrite changes by
   * parallel requests. A new session has no row yet.
   */
  async mark(state: RequestState, record: OpenRecord): Promise<void> {
    const { http } = state;
    try {
      if (http.origin === 'loaded') await http.markRow(http.key, this.markerOf(record));
      else await this.writeMarked(state, record);
    } catch (error) {
      // The ledger has the timeline; the next request tries again.
      log.warn('The marker of a session could not be saved', error);
    }
  }

  private async writeMarked({ http }: RequestState, record: OpenRecord): Promise<void> {
    http.writeMarker(http.key, this.markerOf(record));
    await http.write();
  }

  private markerOf({ sessionAge }: OpenRecord): Marker {
    return { startedAt: Math.round(this.settings.clock.now() - sessionAge), run: this.timelines.runId };
  }
}
