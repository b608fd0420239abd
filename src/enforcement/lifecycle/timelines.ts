import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { moveSession, saveSession } from '../../express-session/http-session.js';
import { writeMarker } from '../../express-session/marker.js';
import { isPresented } from '../../express-session/presented-cookie.js';
import { sessionKey } from '../../express-session/session-key.js';
import type { ActivityLedger, LedgerRecord, OpenRecord } from '../../ledger/activity-ledger.js';
import { chain, isPromise, type MaybePromise } from '../../ledger/maybe-promise.js';
import { keepRecordFor, touchIntervalFor } from '../../policy/limits.js';
import { LEDGER } from './ledger.token.js';
import { ResponseHeaders } from '../request/session-headers.js';
import { SessionEnder } from './request-sessions.js';
import { SessionEvents } from './session-events.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { type AnonymousVisit, type LiveVisit, setVisit, type Subject, type Visit } from './request-session.js';

/** Begins sessions, carries them on, and moves them to new ids. */
@Injectable()
export class SessionOpener {
  private readonly logger = new Logger('SessionTimeout');
  private readonly underWay = new Map<string, Promise<LedgerRecord>>();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly events: SessionEvents,
    private readonly headers: ResponseHeaders,
    private readonly ender: SessionEnder,
  ) {}

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
      hadUser: !this.settings.identify && Boolean((req as { user?: unknown }).user),
    });
    this.headers.announce(req, res, now);
    return visit;
  }

  /** Nobody whose session is tracked. */
  anonymous(req: Request, res: Response): AnonymousVisit {
    const visit = setVisit(req, { kind: 'anonymous', sessionId: req.sessionID });
    this.headers.publish(req, res);
    return visit;
  }

  /** Begins the timeline of a session that has none; once, however many requests see it first. */
  begin(key: string, subject: Subject): MaybePromise<LedgerRecord> {
    const underWay = this.underWay.get(key);
    if (underWay) return underWay;
    const opening = this.open(key, subject);
    if (!isPromise(opening)) return opening;
    this.underWay.set(key, opening);
    return opening.finally(() => this.underWay.delete(key));
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
    writeMarker(req, key, { startedAt, run: this.ledger.runId });
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
    const within = touchIntervalFor(limits.idleTimeout, this.settings.touchInterval);
    const activity = { key: visit.key, idleFor, keepFor: keepRecordFor(limits), within };
    return chain(this.ledger.advance([activity]), () => {
      const now = this.settings.clock.now();
      visit.activeAt = Math.max(visit.activeAt, now - idleFor);
      this.headers.publish(req, res, now);
    });
  }

  /** Opens the timeline of the session the request has now, and marks it. */
  async start(req: Request, res: Response, subject: Subject): Promise<Visit> {
    const key = sessionKey(req.sessionID);
    const record = await this.begin(key, subject);
    if (record.state === 'ended') return this.ender.drop(req, res, key, record.reason, subject.user);
    await this.mark(req, key, record.sessionAge);
    return this.live(req, res, key, record, subject);
  }

  /**
   * Moves a session with its data to a new id; both limits restart, the old id ends as `replaced`.
   *
   * @param from whose session it was, if it was tracked
   * @returns an ended visit if the session had ended already
   */
  async move(req: Request, res: Response, subject: Subject, from?: Pick<Subject, 'user'>): Promise<Visit> {
    const store = this.ender.storeOf(req);
    const oldId = req.sessionID;
    const oldKey = sessionKey(oldId);
    if (from || isPresented(req, oldId, this.settings.cookieName)) {
      const first = await this.ender.writeTombstone(oldKey, 'replaced', subject.limits);
      if (!first) return this.ender.expire(req, res, oldKey, 'replaced', subject);
      if (from) this.events.emitEnd(oldKey, 'replaced', from.user);
    }
    moveSession(req, store);
    const visit = await this.start(req, res, subject);
    await this.ender.deleteRow(store, oldId);
    return visit;
  }

  private open(key: string, { user, limits }: Subject): MaybePromise<LedgerRecord> {
    return chain(this.ledger.read(key), (known) => {
      if (known) return known;
      return chain(this.ledger.open(key, { user, keepFor: keepRecordFor(limits) }), (record) => {
        if (record.state === 'open') this.events.emit({ type: 'started', session: key, user });
        return record;
      });
    });
  }
}
