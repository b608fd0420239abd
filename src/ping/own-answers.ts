import { STATUS_CODES } from 'node:http';
import { HttpStatus, Injectable } from '@nestjs/common';
import type { RequestState } from '../enforcement/lifecycle/request-session.js';
import { isFromOwnPage } from '../enforcement/request/passive-request.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { SessionEvents } from '../enforcement/timelines/events/session-events.js';

/** The common parts of the answers of this package's routes. None of them creates a session or a cookie. */
@Injectable()
export class OwnAnswers {
  constructor(
    private readonly flow: SessionFlow,
    private readonly events: SessionEvents,
  ) {}

  /** Answers with 403 unless a page of this site sent the request. Returns whether it has answered. */
  refuseForeign(state: RequestState): boolean {
    if (isFromOwnPage(state.req)) return false;
    this.events.note({ type: 'request-rejected', reason: 'cross-site' });
    this.problem(state, HttpStatus.FORBIDDEN, undefined, 'Only a page of this site may send this request.');
    return true;
  }

  /**
   * Answers that the user has no session with this id. The session of another user gets the same answer as an unknown
   * one.
   */
  notFound(state: RequestState): void {
    this.events.note({ type: 'request-rejected', reason: 'session-not-found' });
    this.problem(state, HttpStatus.NOT_FOUND, 'SESSION_NOT_FOUND', 'You have no session with this id.');
  }

  problem(state: RequestState, status: HttpStatus, code: string | undefined, detail: string, more: object = {}): void {
    const { res } = state;
    this.tellsNothing(state);
    res.status(status).type('application/problem+json');
    this.neverCached(state);
    res.end(JSON.stringify({ title: STATUS_CODES[status], status, detail, code, ...more }));
  }

  empty(state: RequestState, status: HttpStatus): void {
    this.neverCached(state);
    state.res.status(status).end();
  }

  /** Notes that the answer does not say why the session has ended. So it must not clear the cookie. */
  tellsNothing(state: RequestState): void {
    state.answerer = undefined;
  }

  neverCached(state: RequestState): void {
    const { res } = state;
    this.createNoSession(state);
    res.setHeader('Cache-Control', 'no-store');
    res.vary('Cookie');
  }

  /** Prevents a new session even with `saveUninitialized: true`. */
  createNoSession(state: RequestState): void {
    const { http, session } = state;
    if (session?.kind === 'live') return;
    if (http.exists && !http.isReused) state.withheldId = http.id;
    this.flow.settleAtEnd(state);
  }
}
