// One instance of an application, as a process of its own. It runs the built package.
import 'reflect-metadata';
import { type ArgumentsHost, Body, Controller, Get, Inject, Module, Post, Req, Res } from '@nestjs/common';
import { AbstractHttpAdapter, BaseExceptionFilter, HttpAdapterHost, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { RedisStore } from 'connect-redis';
import type { Request, Response } from 'express';
import session, { Store, type SessionData } from 'express-session';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { createClient } from 'redis';
import { regenerated } from '../../support/session-calls.js';

/** What an instance is told in the environment. */
export interface InstanceOptions {
  /** The idle limit in milliseconds; without it, requests say it in a header. */
  readonly idleTimeout?: number;
  readonly absoluteTimeout?: number;
  readonly sweepInterval?: number;
  /** Where sessions are stored and, unless `ledgerUrl` says otherwise, their timelines. */
  readonly url: string;
  readonly ledgerUrl?: string;
  /** What the keys in Redis begin with. */
  readonly prefix: string;
  /** How far the clock of this machine is off. */
  readonly clockOffset?: number;
  readonly ledgerTimeout?: number;
}

// The package as it is shipped, with the types of its source: they can be checked before it is built.
const dist = new URL('../../../dist/', import.meta.url).href;
type Package = typeof import('../../../src/index.js');
const { AllowExpired, PassiveRoute, SessionTimeoutModule, SessionTimeoutService } = (await import(
  `${dist}index.js`
)) as Package;
type Redis = typeof import('../../../src/ledger/redis/index.js');
const { RedisLedger } = (await import(`${dist}ledger/redis/index.js`)) as Redis;
type Postgres = typeof import('../../../src/ledger/postgres/index.js');
const { PostgresLedger } = (await import(`${dist}ledger/postgres/index.js`)) as Postgres;

const options = JSON.parse(process.env['INSTANCE'] as string) as InstanceOptions;
let clockOffset = options.clockOffset ?? 0;
let release = () => {};
let gate = new Promise<void>((resolve) => (release = resolve));
const events: object[] = [];

@Controller()
class Pages {
  constructor(
    @Inject(SessionTimeoutService) private readonly sessions: InstanceType<Package['SessionTimeoutService']>,
  ) {}

  @Post('login')
  @AllowExpired()
  async login(@Req() req: Request, @Body() { user }: { user: string }) {
    await regenerated(req.session);
    req.session.user = user;
    return {};
  }

  /** Signs in and answers by itself: the timeline is opened by whatever comes next. */
  @Post('quick-login')
  @AllowExpired()
  quickLogin(@Req() req: Request, @Res() res: Response, @Body() { user }: { user: string }) {
    req.session.user = user;
    res.json({});
  }

  @Get('me')
  me(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }

  @Get('feed')
  @PassiveRoute()
  feed(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }

  /** Writes to the session, and ends only when it is let go. */
  @Post('slow')
  async slow(@Req() req: Request) {
    req.session['note'] = 'written late';
    await gate;
    return {};
  }

  @Post('logout')
  async logout(@Req() req: Request) {
    await new Promise<void>((resolve, reject) => req.session.destroy((error) => (error ? reject(error) : resolve())));
    return {};
  }

  @Post('control/release')
  @PassiveRoute()
  release() {
    release();
    gate = new Promise<void>((resolve) => (release = resolve));
    return {};
  }

  @Post('control/clock')
  @PassiveRoute()
  clock(@Body() { offset }: { offset: number }) {
    clockOffset = offset;
    return {};
  }

  @Post('control/revoke')
  @PassiveRoute()
  async revoke(@Body() { session }: { session: string }) {
    return { ended: await this.sessions.end(session) };
  }

  @Get('control/events')
  @PassiveRoute()
  events() {
    return events;
  }
}

/** Stores sessions in Postgres, as plainly as can be. */
class PostgresStore extends Store {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void) {
    this.pool.query('SELECT data FROM test_session WHERE id = $1', [id]).then(
      ({ rows }) => callback(null, rows[0] ? JSON.parse(rows[0].data) : null),
      (error: unknown) => callback(error),
    );
  }

  override set(id: string, data: SessionData, callback?: (error?: unknown) => void) {
    const statement = 'INSERT INTO test_session VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET data = excluded.data';
    this.pool.query(statement, [id, JSON.stringify(data)]).then(() => callback?.(), callback);
  }

  override destroy(id: string, callback?: (error?: unknown) => void) {
    this.pool.query('DELETE FROM test_session WHERE id = $1', [id]).then(() => callback?.(), callback);
  }
}

async function redisClient(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: 50 } });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function stores() {
  const { url, ledgerUrl = url, prefix } = options;
  if (url.startsWith('postgres')) {
    const pool = new pg.Pool({ connectionString: url }).on('error', () => {});
    return { store: new PostgresStore(pool), ledger: new PostgresLedger(pool) };
  }
  const client = await redisClient(url);
  const ledgerClient = ledgerUrl === url ? client : await redisClient(ledgerUrl);
  return {
    store: new RedisStore({ client, prefix: `${prefix}session:`, disableTouch: true }),
    ledger: new RedisLedger(ledgerClient, { prefix: `${prefix}ledger:` }),
  };
}

const { store, ledger } = await stores();

@Module({
  imports: [
    SessionTimeoutModule.forRoot({
      ledger,
      idleTimeout: options.idleTimeout ?? '10m',
      absoluteTimeout: options.absoluteTimeout,
      sweepInterval: options.sweepInterval,
      warnBefore: '1s',
      identify: (session) => session.user,
      // Tests say in a header how long sessions last: instances need not be started for each limit.
      ...(options.idleTimeout === undefined && {
        limitsFor: (req) => ({ idleTimeout: Number(req.get('x-idle') ?? 600_000) }),
      }),
      ledgerTimeout: options.ledgerTimeout ?? 2000,
      clock: { now: () => Date.now() + clockOffset },
    }),
  ],
  controllers: [Pages],
})
class AppModule {}

/** An answer with status 500 says what went wrong, so that a test can show it. */
class TellingFilter extends BaseExceptionFilter {
  override handleUnknownError(error: Error, host: ArgumentsHost, adapter: AbstractHttpAdapter) {
    const res = host.getArgByIndex<Response>(1);
    // express-session reports that it could not store a session after it has sent the answer.
    if (!res.headersSent) adapter.reply(res, { statusCode: 500, message: error.stack ?? String(error) }, 500);
  }
}

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false });
app.useGlobalFilters(new TellingFilter(app.get(HttpAdapterHost).httpAdapter));
app.enableShutdownHooks();
const sessions = [false, true].map((resave) => session({ secret: 'test', resave, saveUninitialized: false, store }));
app.use((req: Request, res: Response, next: () => void) => sessions[req.get('x-resave') ? 1 : 0]?.(req, res, next));
app.get(SessionTimeoutService).events$.subscribe((event) => {
  events.push({ type: event.type, reason: event.reason });
  process.send?.({ event });
});
await app.listen(0, '127.0.0.1');
process.send?.({ port: (app.getHttpServer().address() as AddressInfo).port });
process.on('message', () => {
  globalThis.gc?.();
  process.send?.({ heap: process.memoryUsage().heapUsed });
});
// The tests that started it were stopped themselves.
process.on('disconnect', () => process.exit());
