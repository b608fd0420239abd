import { STATUS_CODES } from 'node:http';
import { HttpStatus, Injectable } from '@nestjs/common';
import type { RequestState } from '../enforcement/lifecycle/request-session.js';
import { isFromOwnPage } from '../enforcement/request/passive-request.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { SessionEvents } from '../enforcement/timelines/events/session-events.js';

/** What the answers of the routes of this package have in common. None creates a session or a cookie. */
@Injectable()
export class OwnAnswers {
  constructor(
    private readonly flow: SessionFlow,
    private readonly events: SessionEvents,
  ) {}

  /** Whether a page of this site asks. If not, it is answered with 403. */
  isAllowed(state: RequestState): boolean {
    if (isFromOwnPage(state.req)) return true;
    // This answer does not say why the session has ended, so it must not clear the cookie.
    state.answerer = undefined;
    this.events.note({ type: 'request-rejected', reason: 'cross-site' });
    this.problem(state, HttpStatus.FORBIDDEN, undefined, 'Only a page of this site may send this request.');
    return false;
  }

  /** The user has no session with the id that they asked for: another user's is answered like an unknown one. */
  notFound(state: RequestState): void {
    this.events.note({ type: 'request-rejected', reason: 'session-not-found' });
    this.problem(state, HttpStatus.NOT_FOUND, 'SESSION_NOT_FOUND', 'You have no session with this id.');
  }

  problem(state: RequestState, status: HttpStatus, code: string | undefined, detail: string, more: object = {}): void {
    const { res } = state;
    res.status(status).type('application/problem+json');
    this.neverCached(state);
    res.end(JSON.stringify({ title: STATUS_CODES[status], status, detail, code, ...more }));
  }

  empty(state: RequestState, status: HttpStatus): void {
    this.neverCached(state);
    state.res.status(status).end();
  }

  neverCached(state: RequestState): void {
    const { res } = state;
    this.createNoSession(state);
    res.setHeader('Cache-Control', 'no-store');
    res.vary('Cookie');
  }

  /** Prevents a new session even with `saveUninitialized: true`. */
  createNoSession(state: RequestState): void {
    if (state.session?.kind === 'live') return;
    state.withholdsNew = true;
    this.flow.settleAtEnd(state);
  }
}
