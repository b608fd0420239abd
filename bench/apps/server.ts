// A real Nest application in its own process: one of the compared variants.
import 'reflect-metadata';
import { Controller, Get, Module, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import session from 'express-session';
import { AllowExpired, PassiveRoute } from 'nestjs-session-timeout';
import type { AddressInfo } from 'node:net';
import { profile } from './profile.js';
import { openStorage, type StorageOptions } from './storage.js';
import { type VariantName, variants } from './variants.js';

/** The options of a server, passed in the environment. */
export interface ServerOptions extends StorageOptions {
  readonly variant: VariantName;
}

/** The server's answer to a message. */
export interface ServerState {
  readonly cpu: NodeJS.CpuUsage;
  /** How many statements were sent to Postgres, by kind. */
  readonly statements?: Readonly<Record<string, number>> | undefined;
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
const { store, ledger, statements, close } = await openStorage(options);
const variant = variants[options.variant](ledger);

@Module({ imports: variant.imports ?? [], providers: variant.providers ?? [], controllers: [Pages] })
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error', 'warn'] });
app.use(session({ secret: 'bench', resave: false, saveUninitialized: false, store, ...variant.session }));
await app.listen(0, '127.0.0.1');
// Connections stay open while it is another client's turn, also before the first request.
Object.assign(app.getHttpServer(), { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });

process.on('message', () => process.send?.({ cpu: process.cpuUsage(), statements } satisfies ServerState));
process.on('disconnect', () => void close().finally(() => process.exit()));
process.send?.({ port: (app.getHttpServer().address() as AddressInfo).port });
