import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type RequestState, stateOf } from '../enforcement/lifecycle/request-session.js';
import { available } from '../enforcement/answer/refusal.js';
import { requestedQuery } from '../enforcement/request/requested-url.js';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import { LEDGER } from '../ledger/ledger.token.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { SessionDirectory } from '../people/session-directory.js';
import type { DraftKeyReply, NoDraftKey } from '../wire/draft-key.js';
import { draftKeyOf } from './draft-key.js';
import { OwnAnswers } from './own-answers.js';

/** Gives users their key for drafts. */
@Injectable()
export class DraftAnswers {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly own: OwnAnswers,
    private readonly directory: SessionDirectory,
  ) {}

  /** The key of the user. 401 if nobody is signed in, and 404 if no drafts are kept. */
  async key(req: Request, res: Response): Promise<void> {
    const state = stateOf(req, res);
    if (this.own.refuseForeign(state)) return;
    const { drafts } = this.settings;
    if (!drafts) {
      return this.own.problem(state, HttpStatus.NOT_FOUND, 'DRAFTS_UNAVAILABLE', 'This server keeps no drafts.');
    }
    const [who, before] = await available(res, () => this.look(state));
    if (!who) {
      res.set('WWW-Authenticate', 'Session');
      return this.own.problem(state, HttpStatus.UNAUTHORIZED, 'SIGN_IN_REQUIRED', 'Nobody is signed in.', before);
    }
    const [key = '', ...previous] = drafts.secrets.map((secret) => draftKeyOf(secret, who.user));
    const reply: DraftKeyReply = { key, previous, maxAge: drafts.maxAge / 1000, session: who.key, ...before };
    this.own.neverCached(state);
    // The answer is for scripts of this site only.
    res.set({ 'X-Content-Type-Options': 'nosniff', 'Cross-Origin-Resource-Policy': 'same-origin' });
    res.type('application/json').end(JSON.stringify(reply));
  }

  private async look(state: RequestState) {
    const who = await this.directory.whoIs(state);
    return [who, await this.fateOf(requestedQuery(state.req)['after'])] as const;
  }

  /** Returns whether the user signed out of an earlier session of this browser, so that its drafts are deleted. */
  private async fateOf(hash: unknown): Promise<NoDraftKey> {
    if (typeof hash !== 'string' || !/^[\w-]{43}$/.test(hash)) return {};
    const record = await this.ledger.read(hash);
    return record?.state === 'ended' && record.reason === 'signed-out' ? { signedOut: true } : {};
  }
}
