// A real Nest application in its own process: one of the compared variants.
import 'reflect-metadata';
import { Controller, Get, Module, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { RedisStore } from 'connect-redis';
import type { Request } from 'express';
import session, { MemoryStore } from 'express-session';
import { AllowExpired, PassiveRoute } from 'nestjs-session-timeout';
import { RedisLedger } from 'nestjs-session-timeout/redis';
import type { AddressInfo } from 'node:net';
import { createClient } from 'redis';
import { profile } from './profile.js';
import { type VariantName, variants } from './variants.js';

/** The options of a server, passed in the environment. */
export interface ServerOptions {
  readonly variant: VariantName;
  /** Where sessions are stored; in memory without it. */
  readonly redisUrl?: string | undefined;
  /** The prefix of the keys in Redis. */
  readonly prefix?: string | undefined;
  /** connect-redis: whether requests leave the time to live of a row unchanged. */
  readonly disableTouch?: boolean | undefined;
  /** node-redis: whether the client caches what it has read. */
  readonly cache?: boolean | undefined;
}

/** The server's answer to a message. */
export interface ServerState {
  readonly cpu: NodeJS.CpuUsage;
}

@Controller()
class Pages {
  @Post('login')
  @AllowExpired()
  async login(@Req() req: Request) {
    await new Promise<void>((resolve, reject) =>
      req.session.regenerate((error) => (error ? reject(error) : resolve())),
    );
    req.session.user = 'alice';
    req.session.profile = profile;
    return {};
  }

  @Get('active')
  active(@Req() req: Request) {
    return { user: req.session.user };
  }

  @Get('passive')
  @PassiveRoute()
  passive(@Req() req: Request) {
    return { user: req.session.user };
  }
}

const options = JSON.parse(process.env['BENCH_SERVER'] as string) as ServerOptions;
const { redisUrl, prefix = '', disableTouch = false, cache = false } = options;
const client = redisUrl === undefined ? undefined : await connect(redisUrl);
const variant = variants[options.variant](client && new RedisLedger(client, { prefix: `${prefix}ledger:` }));

@Module({ imports: variant.imports ?? [], providers: variant.providers ?? [], controllers: [Pages] })
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error', 'warn'] });
const store = client ? new RedisStore({ client, prefix: `${prefix}session:`, disableTouch }) : new MemoryStore();
app.use(session({ secret: 'bench', resave: false, saveUninitialized: false, store, ...variant.session }));
await app.listen(0, '127.0.0.1');
// Connections stay open while it is another client's turn, also before the first request.
Object.assign(app.getHttpServer(), { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });

process.on('message', () => process.send?.({ cpu: process.cpuUsage() } satisfies ServerState));
process.on('disconnect', () => process.exit());
process.send?.({ port: (app.getHttpServer().address() as AddressInfo).port });

async function connect(url: string) {
  const client = cache ? createClient({ url, RESP: 3, clientSideCache: {} }) : createClient({ url });
  return client.connect() as Promise<ReturnType<typeof createClient>>;
}
