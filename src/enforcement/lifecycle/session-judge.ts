import { Inject, Injectable, Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { hasSession, holdsData, isDestroyed, isReadable } from '../../express-session/http-session.js';
import { type Marker, readMarker } from '../../express-session/marker.js';
import {
  isPresented,
  nameOfCookie,
  presentedSessionId,
  presentsCookie,
} from '../../express-session/presented-cookie.js';
import { beforeEnd } from '../../express-session/response-phases.js';
import { sessionSetup } from '../../express-session/session-setup.js';
import { sessionKey } from '../../express-session/session-key.js';
import type { ActivityLedger, LedgerRecord } from '../../ledger/activity-ledger.js';
import { chain, isPromise, type MaybePromise } from '../../ledger/maybe-promise.js';
import { isReason } from '../../policy/reason.js';
import { judge } from '../../policy/verdict.js';
import { doubtfulCookieName, doubtfulSetup } from '../startup/setup-warnings.js';
import { LEDGER } from './ledger.token.js';
import { sessionUnavailable, unavailable } from '../request/refusal.js';
import { SessionEnder } from './request-sessions.js';
import { SessionOpener } from './timelines.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { isCurrent, type LiveVisit, notesOf, type Subject, type Visit, visitOf } from './request-session.js';

/** What is known of a session before the ledger is asked. */
interface Tracked extends Subject {
  readonly key: string;
  readonly marker: Marker | undefined;
}

/** Finds a request's session, asks the ledger, and judges: once per request, whoever asks. */
@Injectable()
export class SessionJudge {
  private readonly logger = new Logger('SessionTimeout');
  private seenSession = false;
  private seenCookie = false;
  private readonly underWay = new WeakMap<Request, Promise<Visit>>();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly opener: SessionOpener,
    private readonly ender: SessionEnder,
  ) {}

  /** The verdict on the request's session; `undefined` if there is no session on the request (yet). */
  judge(req: Request, res: Response): MaybePromise<Visit | undefined> {
    const known = visitOf(req);
    if (known && isCurrent(req, known)) return known;
    if (!hasSession(req)) return undefined;

    const underWay = this.underWay.get(req);
    if (underWay) return underWay;
    const visit = this.judgeAnew(req, res);
    if (!isPromise(visit)) return visit;
    this.underWay.set(req, visit);
    return visit.finally(() => this.underWay.delete(req));
  }

  /**
   * What to answer to a request without a session, if it cannot pass as an anonymous one: express-session
   * is missing, or its store is disconnected.
   */
  missingSession(req: Request): Error | undefined {
    if (!this.seenSession) {
      return new Error(
        'SessionTimeoutModule finds no session on the request. Mount express-session before app.listen(): ' +
          'app.use(session({ secret, resave: false, saveUninitialized: false })).',
      );
    }
    const gaveItUp = visitOf(req) !== undefined && isDestroyed(req);
    if (gaveItUp || !presentsCookie(req, this.settings.cookieName)) return undefined;
    return sessionUnavailable(req.res);
  }

  /**
   * Once the handler is done: somebody who signed in gets a timeline before the response leaves. Another
   * user under an id that the browser had before is what session fixation looks like: the session moves.
   */
  settleAtEnd(req: Request, res: Response): void {
    const notes = notesOf(req);
    if (notes.settles) return;
    notes.settles = true;
    beforeEnd(
      res,
      () => this.settle(req, res),
      // Nest's filters answer what Express is told.
      (error) => (req.next as NextFunction)(unavailable(res, error)),
    );
  }

  private settle(req: Request, res: Response): MaybePromise<unknown> {
    const visit = visitOf(req);
    if (!hasSession(req)) return undefined;
    const current = visit !== undefined && isCurrent(req, visit);
    const isLive = current && visit.kind === 'live';
    if (isLive && !this.settings.identify) return undefined;

    return chain(this.settings.identify?.(req), (user) => {
      if (isLive) return isSomebodyElse(visit.user, user) ? this.moveAway(req, res, user, visit) : undefined;
      if (!this.isTracked(req, user)) return undefined;
      this.ender.watch(req);
      const known = current && user !== undefined && isPresented(req, req.sessionID, this.settings.cookieName);
      return known ? this.moveAway(req, res, user) : this.start(req, res, user);
    });
  }

  private firstSession(req: Request): void {
    this.seenSession = true;
    this.warn(doubtfulSetup(sessionSetup(req), this.settings));
  }

  private firstCookie(req: Request): void {
    const name = nameOfCookie(req, req.sessionID);
    this.seenCookie = name !== undefined;
    this.warn(doubtfulCookieName(name, this.settings));
  }

  private warn(warnings: readonly string[]): void {
    for (const warning of warnings) this.logger.warn(warning);
  }

  private judgeAnew(req: Request, res: Response): MaybePromise<Visit> {
    this.ender.watch(req);
    if (!this.seenSession) this.firstSession(req);
    if (!isReadable(req)) return this.ender.expire(req, res, sessionKey(req.sessionID), 'lost');
    return chain(this.settings.identify?.(req), (user) => this.judgeSession(req, res, user));
  }

  private judgeSession(req: Request, res: Response, user: string | undefined): MaybePromise<Visit> {
    const key = sessionKey(req.sessionID);
    const marker = readMarker(req, key);
    if (marker === 'malformed') return this.ender.expire(req, res, key, 'lost');
    if (!marker && !this.isTracked(req, user)) return this.judgeAnonymous(req, res);

    return chain(this.settings.limitsFor(req, user), (limits) => {
      const tracked = { key, user, limits, marker };
      return chain(this.ledger.read(key), (record) =>
        chain(record ?? this.unknown(tracked), (found) => this.weigh(req, res, tracked, found)),
      );
    });
  }

  /** No session of its own: perhaps its cookie names one that ended while other requests were under way. */
  private judgeAnonymous(req: Request, res: Response): MaybePromise<Visit> {
    const presented = presentedSessionId(req, this.settings.cookieName);
    if (presented === undefined || presented === req.sessionID) return this.opener.anonymous(req, res);

    const key = sessionKey(presented);
    const known = visitOf(req);
    const endedItItself = known?.kind === 'ended' && known.key === key && known.sessionId === undefined;
    if (endedItItself) return this.opener.anonymous(req, res);
    return chain(this.ledger.read(key), (record) =>
      record?.state === 'ended' && isReason(record.reason)
        ? this.ender.refused(req, res, key, record.reason, record.user)
        : this.opener.anonymous(req, res),
    );
  }

  /** A tracked session without a record: new to us, or from before a restart, or lost. */
  private unknown(tracked: Tracked): MaybePromise<LedgerRecord | undefined> {
    const { key, marker } = tracked;
    if (!marker) return this.opener.begin(key, tracked);
    const ofThisRun = marker.run !== undefined && marker.run === this.ledger.runId;
    if (this.settings.unknownSessions === 'expire' || ofThisRun) return undefined;
    return this.opener.adopt(key, marker.startedAt, tracked);
  }

  private weigh(req: Request, res: Response, tracked: Tracked, record: LedgerRecord | undefined): MaybePromise<Visit> {
    const { key, user, limits, marker } = tracked;
    if (!isSound(record)) return this.ender.expire(req, res, key, 'lost', tracked);
    if (record.state === 'ended') return this.ender.drop(req, res, key, record.reason, record.user);

    const verdict = judge(record, limits);
    const subject = { user: user ?? record.user, limits };
    if (!verdict.alive) return this.ender.expire(req, res, key, verdict.reason, subject);
    if (isSomebodyElse(record.user, user)) return this.moveAway(req, res, user, record);

    if (!this.seenCookie) this.firstCookie(req);
    const visit = this.opener.live(req, res, key, record, subject);
    if (marker && marker.run === this.ledger.runId) return visit;
    return this.opener.mark(req, key, record.sessionAge).then((): LiveVisit => visit);
  }

  private async start(req: Request, res: Response, user: string | undefined): Promise<Visit> {
    return this.opener.start(req, res, { user, limits: await this.settings.limitsFor(req, user) });
  }

  private async moveAway(
    req: Request,
    res: Response,
    user: string | undefined,
    from?: { readonly user?: string | undefined },
  ): Promise<Visit> {
    this.logger.warn(
      'Somebody signed in under a session id that was in use before (session fixation). The session was moved ' +
        'to a new id; call req.session.regenerate() or SessionTimeoutService.renew() when somebody signs in.',
    );
    const limits = await this.settings.limitsFor(req, user);
    return this.opener.move(req, res, { user, limits }, from && { user: from.user });
  }

  /** An empty session is nobody's: a user on the request came by other means, like an API token. */
  private isTracked(req: Request, user: string | undefined): boolean {
    return holdsData(req) && (user !== undefined || !this.settings.identify);
  }
}

function isSomebodyElse(known: string | undefined, user: string | undefined): boolean {
  return known !== undefined && user !== undefined && known !== user;
}

/** Whether a ledger's record is one: whatever a store gave back is checked before it is trusted. */
function isSound(record: LedgerRecord | undefined): record is LedgerRecord {
  if (record?.state === 'ended') return isReason(record.reason);
  return record?.state === 'open' && isDuration(record.sessionAge) && isDuration(record.idleFor);
}

function isDuration(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}
