// What the options accept, and what they must not.
import {
  type ActivityLedger,
  type DraftOptions,
  MemoryLedger,
  presets,
  type Reason,
  type SessionLimits,
  SessionTimeoutModule,
  type SessionTimeoutOptions,
  type SessionTimeoutOptionsFactory,
} from 'nestjs-session-timeout';
import { PostgresLedger } from 'nestjs-session-timeout/postgres';
import { RedisLedger } from 'nestjs-session-timeout/redis';
import type { DynamicModule } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { type Same, some } from './support.js';

declare module 'express-session' {
  interface SessionData {
    account?: { id: string };
  }
}

// Durations are milliseconds or text, a limit may be off, and every option may be left out or undefined.
({}) satisfies SessionTimeoutOptions;
({ idleTimeout: '15m', absoluteTimeout: 12 * 3_600_000, warnBefore: undefined }) satisfies SessionTimeoutOptions;
({ ...presets.nistAal1, idleTimeout: false }) satisfies SessionTimeoutOptions;
// @ts-expect-error: a warning cannot be turned off
({ warnBefore: false }) satisfies SessionTimeoutOptions;
// @ts-expect-error: no limit is "true"
({ idleTimeout: true }) satisfies SessionTimeoutOptions;
// @ts-expect-error: the option is named idleTimeout
({ timeout: '15m' }) satisfies SessionTimeoutOptions;

// Functions see the session of the application, with its own fields.
({ identify: (session) => session.account?.id }) satisfies SessionTimeoutOptions;
// @ts-expect-error: identify waits for nothing
({ identify: async (session) => session.account?.id }) satisfies SessionTimeoutOptions;
// @ts-expect-error: an id is text
({ identify: () => 7 }) satisfies SessionTimeoutOptions;
({ limitsFor: () => ({ idleTimeout: '5m' }) }) satisfies SessionTimeoutOptions;
({ idleTimeout: '5m', absoluteTimeout: false }) satisfies SessionLimits;
// @ts-expect-error: no other option can be set for one session
({ touchInterval: '1s' }) satisfies SessionLimits;
// @ts-expect-error: the limits of a session are an object
({ limitsFor: () => '5m' }) satisfies SessionTimeoutOptions;

// One of some words, and texts for reasons.
({ mode: 'report', whenFull: 'end-oldest', unknownSessions: 'expire' }) satisfies SessionTimeoutOptions;
// @ts-expect-error: there is no such mode
({ mode: 'off' }) satisfies SessionTimeoutOptions;
({ messages: { idle: 'Welcome back' } }) satisfies SessionTimeoutOptions;
// @ts-expect-error: there is no such reason
({ messages: { bored: 'Welcome back' } }) satisfies SessionTimeoutOptions;
({ drafts: { secret: ['new', 'old'], maxAge: '1d' } }) satisfies { drafts: DraftOptions };
// @ts-expect-error: drafts need a secret
({ drafts: {} }) satisfies SessionTimeoutOptions;

// Ledgers, over the clients of applications.
({ ledger: new MemoryLedger() }) satisfies SessionTimeoutOptions;
({ ledger: new RedisLedger(createClient(), { prefix: 'timeout:' }) }) satisfies SessionTimeoutOptions;
({ ledger: new RedisLedger(new Redis()) }) satisfies SessionTimeoutOptions;
({ ledger: new PostgresLedger(new Pool()) }) satisfies { ledger: ActivityLedger };
// @ts-expect-error: the address of a server is no client
void new RedisLedger('redis://localhost');
// @ts-expect-error: a ledger has more to do than to read
({ ledger: { shared: true, read: () => undefined } }) satisfies SessionTimeoutOptions;

// The module: its extras stand beside the options, or beside the factory.
SessionTimeoutModule.forRoot({ path: 'auth', isGlobal: false, idleTimeout: '1h' }) satisfies DynamicModule;
SessionTimeoutModule.forRootAsync({
  path: 'auth',
  inject: ['limits'],
  useFactory: async (idleTimeout: string) => ({ idleTimeout }),
});
// @ts-expect-error: routes cannot depend on what a factory returns later
SessionTimeoutModule.forRootAsync({ useFactory: () => ({ path: 'auth' }) satisfies SessionTimeoutOptions });
class Limits implements SessionTimeoutOptionsFactory {
  createSessionTimeoutOptions() {
    return { idleTimeout: '5m' };
  }
}
SessionTimeoutModule.forRootAsync({ useClass: Limits });
// @ts-expect-error: a factory class has its method
SessionTimeoutModule.forRootAsync({ useClass: class {} });

true satisfies Same<Reason, 'idle' | 'absolute' | 'signed-out' | 'revoked' | 'replaced' | 'displaced' | 'lost'>;
some<SessionTimeoutOptions>().idleTimeout satisfies string | number | false | undefined;
// @ts-expect-error: options are not changed later
some<SessionTimeoutOptions>().idleTimeout = '1h';
