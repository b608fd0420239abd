import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type RequestState, stateOf } from '../enforcement/lifecycle/request-session.js';
import { available } from '../enforcement/answer/refusal.js';
import { requestedQuery } from '../enforcement/request/requested-url.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { SessionDirectory } from '../people/session-directory.js';
import { encodeSessionList } from '../wire/session-list.js';
import { OwnAnswers } from './own-answers.js';

/** Answers the routes by which users see and end their sessions. */
@Injectable()
export class ListAnswers {
  constructor(
    private readonly own: OwnAnswers,
    private readonly flow: SessionFlow,
    private readonly directory: SessionDirectory,
  ) {}

  /** The sessions of the user, an empty list if nobody is signed in. */
  list(req: Request, res: Response): Promise<void> {
    return this.forOwnPage(req, res, async (state) => {
      const who = await this.directory.whoIs(state);
      const max = who ? await this.directory.maxFor(state, who.user) : null;
      const sessions = who ? await this.directory.list(who.user, who.key) : [];
      this.own.neverCached(state);
      res.type('application/json').end(JSON.stringify(encodeSessionList(max, sessions)));
    });
  }

  /** Ends one session of the user. The session of the request itself is signed out. */
  end(req: Request, res: Response): Promise<void> {
    return this.forOwnPage(req, res, async (state) => {
      const who = await this.directory.whoIs(state);
      const id = String(req.params['id']);
      const isEnded =
        who?.key === id
          ? await this.flow.signOut(state, 'signed-out')
          : who !== undefined && (await this.directory.endOne(who.user, id, 'revoked'));
      if (isEnded) this.own.empty(state, 204);
      else this.own.notFound(state);
    });
  }

  /** Ends all other sessions of the user; with `?current=true` that of the request, too. */
  endOthers(req: Request, res: Response): Promise<void> {
    return this.forOwnPage(req, res, async (state) => {
      const who = await this.directory.whoIs(state);
      const withCurrent = requestedQuery(req)['current'] === 'true';
      const ended = who ? await this.endThose(state, who, withCurrent) : 0;
      if (!who && !withCurrent) this.own.tellsNothing(state);
      this.own.neverCached(state);
      res.type('application/json').end(JSON.stringify({ ended }));
    });
  }

  private endThose(state: RequestState, who: { user: string; key: string }, withCurrent: boolean): Promise<number> {
    const [reason, by] = ['revoked', 'user'] as const;
    return withCurrent
      ? this.directory.endAllWithOwn(state, who, { reason, ownReason: 'signed-out', by })
      : this.directory.endAll(who.user, reason, by, [who.key]);
  }

  private async forOwnPage(req: Request, res: Response, answer: (state: RequestState) => Promise<void>): Promise<void> {
    const state = stateOf(req, res);
    if (this.own.refuseForeign(state)) return;
    if (!this.directory.isAvailable) {
      return this.own.problem(
        state,
        404,
        'SESSION_LIST_UNAVAILABLE',
        'This server does not list the sessions of users.',
      );
    }
    await available(res, () => answer(state));
  }
}
