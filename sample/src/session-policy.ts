import { Injectable } from '@nestjs/common';
import type { SessionTimeoutOptions, SessionTimeoutOptionsFactory } from 'nestjs-session-timeout';
import { reasonTexts } from './auth/reason-texts.js';
import { limits } from './limits.js';
import { Storage } from './storage/storage.js';

/** All instances need the same secret, and it has to stay the same: with a new one, nobody can open their drafts. */
const draftSecret = process.env['DRAFT_SECRET'] ?? 'only for development, known to everybody';

/** When sessions end, and what happens then. */
@Injectable()
export class SessionPolicy implements SessionTimeoutOptionsFactory {
  constructor(private readonly storage: Storage) {}

  createSessionTimeoutOptions(): SessionTimeoutOptions {
    return {
      ...limits,
      identify: (session) => session.user,
      redirectTo: '/login',
      messages: reasonTexts,
      ledger: this.storage.ledger,
      drafts: { secret: draftSecret },
    };
  }
}
