import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { MaybePromise } from '../base/maybe-promise.js';
import { sessionTag } from '../express-session/session-key.js';
import {
  type LiveSession,
  type RequestSession,
  type RequestState,
  stateOf,
} from '../enforcement/lifecycle/request-session.js';
import { SessionEvents } from '../enforcement/timelines/events/session-events.js';
import { loginUrl } from '../enforcement/answer/login-url.js';
import { isFromOwnScript } from '../enforcement/request/passive-request.js';
import { requestedPath, requestedQuery } from '../enforcement/request/requested-url.js';
import { UnservedActivity } from '../enforcement/request/unserved-activity.js';
import { available } from '../enforcement/answer/refusal.js';
import { SessionHeaders } from '../enforcement/answer/session-headers.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { PingReach } from './ping-reach.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { mergeReport } from '../policy/activity.js';
import type { ReportRejectedEvent } from '../policy/session-event.js';
import { encodePingReply } from '../wire/ping-reply.js';
import { type ClientFile, clientFile, etagOf, type FileName } from './client-script.js';
import { OwnAnswers } from './own-answers.js';
import { nonceOf, reportOf } from './ping.query.js';
import { signedInPage } from './signed-in-page.js';
import { textsFor } from './texts/texts.js';
import { userTag } from './user-tag.js';

/** Answers the routes of this package. No answer creates a session or a cookie. */
@Injectable()
export class SessionAnswers implements OnModuleInit {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly flow: SessionFlow,
    private readonly headers: SessionHeaders,
    private readonly events: SessionEvents,
    private readonly own: OwnAnswers,
    private readonly reach: PingReach,
    private readonly unserved: UnservedActivity,
  ) {}

  onModuleInit(): void {
    this.unserved.setReports((req, key) => this.reportIn(req, key));
  }

  /** Merges the browser's report and answers with the status. 503 while the status is unknown. */
  async ping(req: Request, res: Response): Promise<void> {
    const state = stateOf(req, res);
    const session = await this.arrive(state);
    if (!session) this.reach.noteMissing(state);
    // Express also routes HEAD here.
    if (session?.kind === 'live' && req.method === 'GET') await this.takeReport(state, session);

    const status = this.headers.status(state);
    const details = {
      at: this.settings.clock.now(),
      n: nonceOf(requestedQuery(req)),
      user: 'session' in status && session?.kind === 'live' ? userTag(session.user) : undefined,
      lost: status.state === 'anonymous' && hasLostSession(state) ? (true as const) : undefined,
      drafts: this.settings.drafts && (true as const),
      loginUrl: loginUrl(this.settings, req, status.state === 'expired' ? status.reason : undefined),
    };
    this.own.neverCached(state);
    res.type('application/json').end(JSON.stringify(encodePingReply(status, details)));
  }

  /** Signs out. 204 also if nobody is signed in. */
  async end(req: Request, res: Response): Promise<void> {
    const state = stateOf(req, res);
    if (this.own.refuseForeign(state)) return;
    const session = await this.arrive(state);
    if (session?.kind === 'live') await available(res, () => this.flow.signOut(state, 'signed-out'));
    this.own.empty(state, 204);
  }

  /** Sends the browser client, or a part of it, as a module. */
  async client(req: Request, res: Response, name: FileName): Promise<void> {
    this.send(req, res, 'text/javascript', await clientFile(name));
  }

  /** Sends the texts of the client in the language of the path. Answers 404 for a language without texts. */
  async texts(req: Request, res: Response): Promise<void> {
    const text = JSON.stringify(textsFor(req.params['lang']));
    if (text) return this.send(req, res, 'application/json', { text, etag: etagOf(text) });
    this.own.createNoSession(stateOf(req, res));
    res.status(404).end();
  }

  /** Sends the page to which a login window returns. It is the same for everybody. */
  async signedIn(req: Request, res: Response): Promise<void> {
    const text = signedInPage(requestedQuery(req)['lang']);
    this.send(req, res, 'text/html', { text, etag: etagOf(text) });
  }

  /** The URLs have no version, so browsers check for a new file each time. */
  private send(req: Request, res: Response, type: string, { text, etag }: ClientFile): void {
    this.own.createNoSession(stateOf(req, res));
    res.set({ ETag: etag, 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' });
    res.type(type).send(text);
  }

  /** @returns the session; `undefined` if the request has none and needs none */
  private arrive(state: RequestState): MaybePromise<RequestSession | undefined> {
    return available(state.res, async () => {
      const session = await this.flow.arrive(state);
      if (!session) this.flow.refuseIfSessionIsMissing(state);
      return session;
    });
  }

  /** Returns the time since the activity that a ping reports, although the ping cannot be answered. */
  private reportIn(req: Request, key: string): number | undefined {
    const isPing = req.method === 'GET' && requestedPath(req).endsWith(`/${this.settings.path}/ping`);
    const report = isPing ? this.weigh(req, key) : undefined;
    return report && 'idleFor' in report ? report.idleFor : undefined;
  }

  private weigh(req: Request, key: string): ReturnType<typeof weighReport> {
    return this.settings.trustClientActivity ? weighReport(req, key) : undefined;
  }

  private async takeReport(state: RequestState, live: LiveSession): Promise<void> {
    const { req, res } = state;
    const { key: session, user } = live;
    const report = this.weigh(req, session);
    if (!report) return;
    if ('rejected' in report) {
      state.outcome = { what: 'passive', why: `report rejected, ${report.rejected}` };
      this.events.emit({ type: 'report-rejected', session, user, reason: report.rejected });
      return;
    }
    const idleFor = Math.max(0, this.settings.clock.now() - live.activeAt);
    const merged = mergeReport(idleFor, report.idleFor);
    if (merged >= idleFor) return;
    state.outcome = { what: 'activity', why: 'report of the browser' };
    await available(res, () => this.flow.advance(state, live, merged));
  }
}

/**
 * Reads the report in a request, and checks who sent it, and for which session.
 *
 * @param key the key of the session that the request belongs to
 */
function weighReport(
  req: Request,
  key: string,
): { readonly idleFor: number } | { readonly rejected: ReportRejectedEvent['reason'] } | undefined {
  const report = reportOf(requestedQuery(req));
  if (report.kind === 'none') return undefined;
  if (!isFromOwnScript(req)) return { rejected: 'cross-site' };
  if (report.kind === 'malformed') return { rejected: 'malformed' };
  const isOfAnother = report.session !== undefined && report.session !== sessionTag(key);
  return isOfAnother ? { rejected: 'other-session' } : report;
}

/** Whether the browser has a cookie of a session that is gone. */
function hasLostSession({ http }: RequestState): boolean {
  return http.presentedId !== undefined && !http.isReused;
}
