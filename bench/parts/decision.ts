import 'reflect-metadata';
import { Controller, type ExecutionContext, Get, Module } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import session from 'express-session';
import { SessionTimeoutGuard, SessionTimeoutMiddleware, SessionTimeoutModule } from 'nestjs-session-timeout';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { profile } from '../apps/profile.js';
import { table } from '../support/table.js';

/** Short rounds: on a busy machine some of them are left alone. */
const REQUESTS = 2000;
const ROUNDS = 150;

@Controller()
class Pages {
  @Get('active')
  active() {
    return {};
  }
}

@Module({
  imports: [SessionTimeoutModule.forRoot({ identify: (req) => req.session.user })],
  controllers: [Pages],
})
class AppModule {}

/** What the parts of a request's way cost, without network, store and framework: called by hand, in nanoseconds. */
export async function decision(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false });
  await app.init();
  const middleware = app.get(SessionTimeoutMiddleware);
  const guard = app.get(SessionTimeoutGuard);
  const store = new session.MemoryStore() as Request['sessionStore'];
  // express-session teaches the store to make sessions.
  session({ secret: 'bench', resave: false, saveUninitialized: false, store });
  const signedIn = requestOf(store);
  // The first request opens the timeline and saves the marker.
  await new Promise<void>((resolve, reject) =>
    middleware.use(signedIn, signedIn.res!, (error?: unknown) => (error ? reject(error) : resolve())),
  );

  const contextOf = (req: Request): ExecutionContext =>
    new ExecutionContextHost([req, req.res], Pages, Pages.prototype.active);
  const next = () => {};
  const ways: Record<string, (req: Request, res: Response) => void> = {
    'request and response alone': (_req, res) => void res.end('{}'),
    '+ middleware': (req, res) => {
      middleware.use(req, res, next);
      res.end('{}');
    },
    '+ middleware + guard': (req, res) => {
      middleware.use(req, res, next);
      if (guard.canActivate(contextOf(req)) !== true) throw new Error('The guard took a turn of the event loop');
      res.end('{}');
    },
  };

  const times = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(ways)) {
      const before = process.cpuUsage();
      for (let i = 0; i < REQUESTS; i += 1) {
        const req = requestOf(store, signedIn);
        run(req, req.res!);
      }
      const { user, system } = process.cpuUsage(before);
      const list = times.get(name) ?? [];
      times.set(name, [...list, ((user + system) * 1000) / REQUESTS]);
    }
  }
  // Whatever else runs on the machine only adds.
  const [bare = NaN, ...others] = [...times.values()].map((list) => Math.min(...list));
  const rows = [...times.keys()].slice(1).map((name, i) => [name, `${Math.round((others[i] as number) - bare)} ns`]);
  console.log(`\n${table(['', 'CPU added'], rows)}`);
  await app.close();
}

/** A request as express-session leaves it. */
function requestOf(store: Request['sessionStore'], known?: Request): Request {
  const req = new IncomingMessage(socket) as Request;
  req.method = 'GET';
  req.url = req.originalUrl = '/active';
  req.headers.cookie = known?.headers.cookie;
  const res = new ServerResponse(req) as Response;
  res.locals = {};
  // Those that Express and Nest set.
  for (const name of ['X-Powered-By', 'Content-Type', 'Content-Length', 'ETag']) res.setHeader(name, '2');
  req.res = res;
  res.req = req;
  req.sessionStore = store;
  if (known) {
    req.sessionID = known.sessionID;
    // Reading and inflating it is the work of express-session.
    req.session = known.session;
  } else {
    store.generate(req);
    req.headers.cookie = `connect.sid=s%3A${req.sessionID}.signature`;
    req.session.user = 'alice';
    req.session.profile = profile;
  }
  return req;
}

const socket = new Socket();
