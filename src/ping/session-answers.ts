import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SessionEvents } from '../enforcement/lifecycle/session-events.js';
import { ResponseHeaders } from '../enforcement/request/session-headers.js';
import { loginUrl } from '../enforcement/request/login-url.js';
import { unavailable } from '../enforcement/request/refusal.js';
import { SessionJudge } from '../enforcement/lifecycle/session-judge.js';
import { SessionEnder } from '../enforcement/lifecycle/request-sessions.js';
import { SessionOpener } from '../enforcement/lifecycle/timelines.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { type LiveVisit, type Visit, visitOf } from '../enforcement/lifecycle/request-session.js';
import { detachNewSession } from '../express-session/http-session.js';
import { sessionTag } from '../express-session/session-key.js';
import { mergeReport } from '../policy/activity.js';
import { clientScript } from './client-script.js';
import { encodePingReply } from '../wire/ping-reply.js';
import { reportOf } from './ping.query.js';
import { isFromOwnPage } from '../enforcement/request/same-origin.js';

/** The answers of the routes of this package. None of them creates a session or a cookie. */
@Injectable()
export class SessionAnswers {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly judge: SessionJudge,
    private readonly opener: SessionOpener,
    private readonly ender: SessionEnder,
    private readonly headers: ResponseHeaders,
    private readonly events: SessionEvents,
  ) {}

  /** How the session stands, after the browser's report is taken in. 503 while that is unknown. */
  async ping(req: Request, res: Response): Promise<void> {
    const visit = await this.visit(req, res);
    // Express gives HEAD to the handler of GET.
    if (visit?.kind === 'live' && req.method === 'GET') await this.takeReport(req, res, visit);

    const status = this.headers.status(req);
    const login = loginUrl(this.settings, req, status.state === 'expired' ? status.reason : undefined);
    this.neverCached(req, res);
    res.type('application/json').end(JSON.stringify(encodePingReply(status, login)));
  }

  /** Signs out; 204 also for those who are not signed in. */
  async end(req: Request, res: Response): Promise<void> {
    if (!isFromOwnPage(req)) {
      res.status(403).type('application/problem+json');
      this.neverCached(req, res);
      res.end(JSON.stringify({ title: 'Forbidden', status: 403, detail: 'Only a page of this site may sign out.' }));
      return;
    }
    const visit = await this.visit(req, res);
    if (visit?.kind === 'live') await this.ender.signOut(req, res);
    if (visit?.kind === 'ended') visit.told = true;
    this.neverCached(req, res);
    res.status(204).end();
  }

  /** The browser client as a module. Not versioned by its name, so that it is asked for each time. */
  async client(req: Request, res: Response): Promise<void> {
    const { text, etag } = await clientScript();
    this.createNoSession(req);
    res.set({ ETag: etag, 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' });
    res.type('text/javascript').send(text);
  }

  /** `undefined` if there is no session, and none is missing. */
  private async visit(req: Request, res: Response): Promise<Visit | undefined> {
    try {
      const visit = await this.judge.judge(req, res);
      const problem = visit ? undefined : this.judge.missingSession(req);
      if (problem) throw problem;
      return visit;
    } catch (error) {
      throw unavailable(res, error);
    }
  }

  private async takeReport(req: Request, res: Response, visit: LiveVisit): Promise<void> {
    const report = reportOf(req.query);
    if (report.kind === 'none' || !this.settings.trustClientActivity) return;
    const { key: session, user } = visit;
    const reject = (reason: 'malformed' | 'cross-site' | 'other-session') =>
      this.events.emit({ type: 'report-rejected', session, user, reason });

    if (!isFromOwnPage(req)) return reject('cross-site');
    if (report.kind === 'malformed') return reject('malformed');
    if (report.session !== undefined && report.session !== sessionTag(session)) return reject('other-session');

    const idleFor = Math.max(0, this.settings.clock.now() - visit.activeAt);
    const merged = mergeReport(idleFor, report.idleFor);
    if (merged >= idleFor) return;
    try {
      await this.opener.advance(req, res, visit, merged);
    } catch (error) {
      throw unavailable(res, error);
    }
  }

  private neverCached(req: Request, res: Response): void {
    this.createNoSession(req);
    res.setHeader('Cache-Control', 'no-store');
    res.vary('Cookie');
  }

  /** Not even under `saveUninitialized: true`. */
  private createNoSession(req: Request): void {
    if (visitOf(req)?.kind !== 'live') detachNewSession(req, this.settings.cookieName);
  }
}
