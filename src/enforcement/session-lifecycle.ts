import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Store } from 'express-session';
import {
  destroyRow,
  detachSession,
  forgetUser,
  hasSession,
  moveSession,
  putSession,
  saveSession,
} from '../express-session/http-session.js';
import { writeMarker } from '../express-session/marker.js';
import { presentedSessionId } from '../express-session/presented-cookie.js';
import { sessionKey } from '../express-session/session-key.js';
import { StoreFronts } from '../express-session/store-front.js';
import type { ActivityLedger, LedgerRecord, MaybePromise, OpenRecord } from '../ledger/activity-ledger.js';
import { chain } from '../ledger/activity-ledger.js';
import { type Limits, keepRecordFor, keepTombstoneFor, touchIntervalFor } from '../policy/limits.js';
import type { Reason } from '../policy/reason.js';
import { LEDGER } from './ledger.token.js';
import { ResponseHeaders } from './response-headers.js';
import { SessionEvents } from './session-events.js';
import { SETTINGS, type Settings } from './settings.js';
import { type AnonymousVisit, type EndedVisit, type LiveVisit, setVisit, type Visit, visitOf } from './visit.js';

/** A session to begin or to carry on. */
interface Subject {
  readonly user: string | undefined;
  readonly limits: Limits;
}

/** Begins, carries on, moves and ends sessions: in the ledger, in the store and on the request. */
@Injectable()
export class SessionLifecycle {
  private readonly logger = new Logger('SessionTimeout');
  private readonly fronts = new StoreFronts({
    destroying: (sessionId) => this.destroying(sessionKey(sessionId)),
    regenerating: (req) => this.regenerating(req),
    isEnded: (sessionId) => chain(this.ledger.read(sessionKey(sessionId)), (record) => record?.state === 'ended'),
  });

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly events: SessionEvents,
    private readonly headers: ResponseHeaders,
  ) {}

  /** Sees to it that what the application does with the session reaches the ledger. */
  watch(req: Request): void {
    this.fronts.install(req);
  }

  /** The session goes on: its times become known to the request and to the response. */
  live(req: Request, res: Response, key: string, record: OpenRecord, { user, limits }: Subject): LiveVisit {
    const now = this.settings.clock.now();
    const visit = setVisit(req, {
      kind: 'live',
      sessionId: req.sessionID,
      key,
      user: user ?? record.user,
      limits,
      startedAt: now - record.sessionAge,
      activeAt: now - record.idleFor,
      recorded: false,
      hadUser: Boolean((req as { user?: unknown }).user),
    });
    this.headers.announce(req, res);
    return visit;
  }

  /** Nobody whose session is tracked. */
  anonymous(req: Request, res: Response): AnonymousVisit {
    const visit = setVisit(req, { kind: 'anonymous', sessionId: req.sessionID });
    this.headers.publish(req, res);
    return visit;
  }

  /** Begins the timeline of a session that has none. */
  begin(key: string, { user, limits }: Subject): MaybePromise<LedgerRecord> {
    return chain(this.ledger.read(key), (known) => {
      if (known) return known;
      return chain(this.ledger.open(key, { user, keepFor: keepRecordFor(limits) }), (record) => {
        if (record.state === 'open') this.events.emit({ type: 'started', session: key, user });
        return record;
      });
    });
  }

  /** Carries on a session of an earlier run of the process: its start counts, its activity begins anew. */
  adopt(key: string, startedAt: number, { user, limits }: Subject): MaybePromise<LedgerRecord> {
    const sessionAge = Math.max(0, this.settings.clock.now() - startedAt);
    return this.ledger.open(key, { user, sessionAge, keepFor: keepRecordFor(limits) });
  }

  /**
   * Puts the marker into the session and saves it at once: at the end of the response the save would
   * overwrite what parallel requests changed.
   */
  async mark(req: Request, key: string, sessionAge: number): Promise<void> {
    const startedAt = Math.round(this.settings.clock.now() - sessionAge);
    writeMarker(req, { session: key, startedAt, run: this.ledger.runId });
    try {
      await saveSession(req);
    } catch (error) {
      // The ledger has the timeline; the next request tries again.
      this.logger.warn('The marker of a session could not be saved', error instanceof Error ? error.stack : error);
    }
  }

  /** Records activity `idleFor` milliseconds ago. */
  advance(req: Request, res: Response, visit: LiveVisit, idleFor = 0): MaybePromise<void> {
    const { limits } = visit;
    const within = Math.min(this.settings.touchInterval, touchIntervalFor(limits.idleTimeout));
    const activity = { key: visit.key, idleFor, keepFor: keepRecordFor(limits), within };
    return chain(this.ledger.advance([activity]), () => {
      visit.activeAt = Math.max(visit.activeAt, this.settings.clock.now() - idleFor);
      this.headers.publish(req, res);
    });
  }

  /** Writes the tombstone. True for exactly one caller, who also tells of it. */
  endRecord(key: string, reason: Reason, user?: string, limits: Limits = this.settings.limits): MaybePromise<boolean> {
    return chain(this.ledger.end(key, { reason, keepFor: keepTombstoneFor(limits) }), (first) => {
      if (first) this.events.emitEnd(key, reason, user);
      return first;
    });
  }

  /** Ends the request's session, which has overrun its limits or cannot be read: tombstone, then row. */
  async expire(req: Request, res: Response, key: string, reason: Reason, subject?: Subject): Promise<EndedVisit> {
    const first = await this.endRecord(key, reason, subject?.user, subject?.limits);
    const record = first ? undefined : await this.ledger.read(key);
    return this.drop(req, res, key, record?.state === 'ended' ? record.reason : reason, subject?.user);
  }

  /** The request's session has a tombstone: it goes on as an anonymous one. */
  async drop(req: Request, res: Response, key: string, reason: Reason, user?: string): Promise<EndedVisit> {
    const store = this.fronts.storeOf(req);
    await this.deleteRow(store, req.sessionID);
    putSession(req, store);
    return this.refused(req, res, key, reason, user);
  }

  /** The request comes without a session of its own, and the cookie it presents names an ended one. */
  refused(req: Request, res: Response, key: string, reason: Reason, user?: string): EndedVisit {
    forgetUser(req);
    const visit = setVisit(req, { kind: 'ended', sessionId: req.sessionID, key, user, reason, told: false });
    this.headers.announceFresh(req, res);
    return visit;
  }

  /** Signs the request's session out, tracked or not. True if this call ended a tracked session. */
  async signOut(req: Request, res: Response, reason: Reason = 'signed-out'): Promise<boolean> {
    if (!hasSession(req)) return false;
    const visit = visitOf(req);
    const { key, user, limits } =
      visit?.kind === 'live' ? visit : { key: sessionKey(req.sessionID), user: undefined, limits: undefined };
    const first = visit?.kind === 'live' && (await this.endRecord(key, reason, user, limits));
    await this.deleteRow(this.fronts.storeOf(req), req.sessionID);
    forgetUser(req);
    setVisit(req, { kind: 'ended', sessionId: undefined, key, user, reason, told: true });
    this.headers.announce(req, res);
    detachSession(req);
    return first;
  }

  /** Ends any session, known by its key only. True if this call ended it. */
  async revoke(key: string, reason: Reason): Promise<boolean> {
    const record = await this.ledger.read(key);
    return this.endRecord(key, reason, record?.user);
  }

  /**
   * Moves a session with its data to a new id; both limits restart, the old id ends as `replaced`.
   *
   * @param from whose session it was, if it was tracked
   */
  async move(
    req: Request,
    res: Response,
    subject: Subject,
    from?: { readonly user: string | undefined },
  ): Promise<Visit> {
    const store = this.fronts.storeOf(req);
    const oldId = req.sessionID;
    const oldKey = sessionKey(oldId);
    if (from || presentedSessionId(req, this.settings.cookieName) === oldId) {
      const first = await this.ledger.end(oldKey, { reason: 'replaced', keepFor: keepTombstoneFor(subject.limits) });
      if (!first) return this.expire(req, res, oldKey, 'replaced', subject);
      if (from) this.events.emitEnd(oldKey, 'replaced', from.user);
    }
    moveSession(req, store);
    const visit = await this.start(req, res, subject);
    await this.deleteRow(store, oldId);
    return visit;
  }

  /** Opens the timeline of the session the request has now, and marks it. */
  async start(req: Request, res: Response, subject: Subject): Promise<Visit> {
    const key = sessionKey(req.sessionID);
    const record = await this.begin(key, subject);
    if (record.state === 'ended') return this.drop(req, res, key, record.reason, subject.user);
    await this.mark(req, key, record.sessionAge);
    return this.live(req, res, key, record, subject);
  }

  private async deleteRow(store: Store, sessionId: string): Promise<void> {
    try {
      await destroyRow(store, sessionId);
    } catch (error) {
      // The tombstone is there: whoever brings this session is refused all the same.
      this.logger.warn(
        'The row of an ended session could not be deleted',
        error instanceof Error ? error.stack : error,
      );
    }
  }

  private destroying(key: string): MaybePromise<void> {
    return chain(this.ledger.read(key), (record) => {
      if (record?.state !== 'open') return undefined;
      return chain(this.endRecord(key, 'signed-out', record.user), () => undefined);
    });
  }

  private async regenerating(req: Request): Promise<void> {
    const visit = visitOf(req);
    if (visit?.kind !== 'live' || visit.sessionId !== req.sessionID) return;
    const reason = (await this.userIsGone(req, visit)) ? 'signed-out' : 'replaced';
    await this.endRecord(visit.key, reason, visit.user, visit.limits);
    const { key, user } = visit;
    setVisit(req, { kind: 'ended', sessionId: undefined, key, user, reason, told: true });
  }

  /** passport signs out by taking the user off the session, and then regenerates it. */
  private async userIsGone(req: Request, visit: LiveVisit): Promise<boolean> {
    if (!this.settings.identify) return visit.hadUser && !(req as { user?: unknown }).user;
    return visit.user !== undefined && (await this.settings.identify(req)) === undefined;
  }
}
