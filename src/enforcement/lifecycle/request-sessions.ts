import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import {
  destroyRow,
  detachSession,
  forgetUser,
  hasSession,
  putSession,
  type SessionStore,
} from '../../express-session/http-session.js';
import { sessionKey } from '../../express-session/session-key.js';
import { StoreFronts } from '../../express-session/guarded-store.js';
import type { ActivityLedger } from '../../ledger/activity-ledger.js';
import { chain, type MaybePromise } from '../../ledger/maybe-promise.js';
import { type Limits, keepTombstoneFor } from '../../policy/limits.js';
import type { Reason } from '../../policy/reason.js';
import { LatelyEnded } from './recently-ended.js';
import { LEDGER } from './ledger.token.js';
import { ResponseHeaders } from '../request/session-headers.js';
import { SessionEvents } from './session-events.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { type EndedVisit, type LiveVisit, setEnded, setVisit, type Subject, visitOf } from './request-session.js';

/** Ends sessions: the tombstone first, then the row, then what is on the request. */
@Injectable()
export class SessionEnder {
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
    private readonly latelyEnded: LatelyEnded,
  ) {}

  /** Sees to it that what the application does with the session reaches the ledger. */
  watch(req: Request): void {
    this.fronts.install(req);
  }

  /** The session store itself, behind the front. */
  storeOf(req: Request): SessionStore {
    return this.fronts.storeOf(req);
  }

  /** Writes the tombstone. True for exactly one caller. */
  writeTombstone(key: string, reason: Reason, limits: Limits = this.settings.limits): MaybePromise<boolean> {
    return chain(this.ledger.end(key, { reason, keepFor: keepTombstoneFor(limits) }), (first) => {
      this.latelyEnded.add(key, reason);
      return first;
    });
  }

  /** The same, and the one caller also tells of it. */
  endRecord(key: string, reason: Reason, user?: string, limits?: Limits): MaybePromise<boolean> {
    return chain(this.writeTombstone(key, reason, limits), (first) => {
      if (first) this.events.emitEnd(key, reason, user);
      return first;
    });
  }

  /** Ends any session, known by its key only. True if this call ended it. */
  async revoke(key: string, reason: Reason): Promise<boolean> {
    const record = await this.ledger.read(key);
    return this.endRecord(key, reason, record?.user);
  }

  /** Ends the request's session, which has overrun its limits or cannot be read. */
  async expire(req: Request, res: Response, key: string, reason: Reason, subject?: Subject): Promise<EndedVisit> {
    const first = await this.endRecord(key, reason, subject?.user, subject?.limits);
    const record = first ? undefined : await this.ledger.read(key);
    return this.drop(req, res, key, record?.state === 'ended' ? record.reason : reason, subject?.user);
  }

  /** The request's session has a tombstone: it goes on as an anonymous one. */
  async drop(req: Request, res: Response, key: string, reason: Reason, user?: string): Promise<EndedVisit> {
    const store = this.storeOf(req);
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
    await this.deleteRow(this.storeOf(req), req.sessionID);
    forgetUser(req);
    setEnded(req, { key, user }, reason, true);
    this.headers.announce(req, res);
    detachSession(req);
    return first;
  }

  async deleteRow(store: SessionStore, sessionId: string): Promise<void> {
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
    setEnded(req, visit, reason, true);
  }

  /** passport signs out by taking the user off the session, and then regenerates it. */
  private async userIsGone(req: Request, visit: LiveVisit): Promise<boolean> {
    if (!this.settings.identify) return visit.hadUser && !(req as { user?: unknown }).user;
    return visit.user !== undefined && (await this.settings.identify(req)) === undefined;
  }
}
