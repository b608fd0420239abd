import { Injectable } from '@nestjs/common';
import { coarseDevice, type SessionTimeoutOptions, type SessionTimeoutOptionsFactory } from 'nestjs-session-timeout';
import { logEntry } from './auth/audit-log.js';
import { reasonTexts } from './auth/reason-texts.js';
import { limits, maxSessions } from './limits.js';
import { Storage } from './storage/storage.js';

/** When sessions end, and what happens then. */
@Injectable()
export class SessionPolicy implements SessionTimeoutOptionsFactory {
  constructor(private readonly storage: Storage) {}

  createSessionTimeoutOptions(): SessionTimeoutOptions {
    return {
      ...limits,
      maxSessions,
      identify: (session) => session.user,
      redirectTo: '/login',
      reauthenticateAt: '/confirm',
      describeDevice: coarseDevice,
      audit: logEntry,
      messages: reasonTexts,
      ledger: this.storage.ledger,
    };
  }
}
