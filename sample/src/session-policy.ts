import { Injectable } from '@nestjs/common';
import type { SessionTimeoutOptions, SessionTimeoutOptionsFactory } from 'nestjs-session-timeout';
import { reasonTexts } from './auth/reason-texts.js';
import { limits } from './limits.js';
import { Storage } from './storage/storage.js';

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
    };
  }
}
