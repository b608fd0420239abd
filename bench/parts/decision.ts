import 'reflect-metadata';
import { Controller, type ExecutionContext, Get, Module } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type Request, type Response } from 'express';
import session, { type SessionData } from 'express-session';
import { SessionTimeoutGuard, SessionTimeoutMiddleware, SessionTimeoutModule } from 'nestjs-session-timeout';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { profile } from '../apps/profile.js';
import { quantile } from '../support/statistics.js';
import { table } from '../support/table.js';

/** Few, so that some turns are undisturbed on a busy machine. */
const REQUESTS = 300;
const ROUNDS = 600;
/** Until everything is compiled. */
const WARM_UP = 200;

/**
 * Requests and responses as Node creates them, and as Express changes them. Express sets their prototypes. After that,
 * Node 22 and earlier keep a hidden class for each object and find its properties slowly.
 */
const OBJECTS: Record<string, (req: Request, res: Response) => void> = {
  'as Node creates them': () => {},
  'as Express changes them': (req, res) => {
    Object.setPrototypeOf(req, expressApp.request);
    Object.setPrototypeOf(res, expressApp.response);
  },
};
const expressApp = express() as unknown as { request: Request; response: Response };

type Way = (req: Request, res: Response) => void;

@Controller()
class Pages {
  @Get('active')
  active() {
    return {};
  }
}

@Module({
  imports: [SessionTimeoutModule.forRoot({ identify: (session) => session.user })],
  controllers: [Pages],
})
class AppModule {}

/** Measures the parts of a request without network, store and framework, called by hand, in nanoseconds. */
export async function decision(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false });
  await app.init();
  const middleware = app.get(SessionTimeoutMiddleware);
  const guard = app.get(SessionTimeoutGuard);
  const store = new ImmediateStore() as Request['sessionStore'] & ImmediateStore;
  // express-session gives the store its methods to create sessions.
  session({ secret: 'bench', resave: false, saveUninitialized: false, store });
  const signedIn = requestOf(store);
  // The first request opens the timeline and saves the marker.
  await new Promise<void>((resolve, reject) =>
    middleware.use(signedIn, signedIn.res!, (error?: unknown) => (error ? reject(error) : resolve())),
  );

  const contextOf = (req: Request): ExecutionContext =>
    new ExecutionContextHost([req, req.res], Pages, Pages.prototype.active);
  const next = () => {};
  const ways: Record<string, Way> = {
    alone: (_req, res) => void res.end('{}'),
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

  const columns: number[][] = [];
  for (const change of Object.values(OBJECTS)) {
    const costs = await addedCosts(Object.values(ways), () => {
      const req = requestOf(store, signedIn);
      change(req, req.res as Response);
      return req;
    });
    columns.push(costs);
  }
  const [, ...parts] = Object.keys(ways);
  const rows = parts.map((name, i) => [name].concat(columns.map((added) => `${Math.round(added[i] as number)} ns`)));
  console.log(`\n${table(['CPU time, with request and response objects', ...Object.keys(OBJECTS)], rows)}`);
  await app.close();
}

/** The CPU time that each way takes more than the first, in nanoseconds per request. The ways take turns. */
async function addedCosts(ways: readonly Way[], request: () => Request): Promise<number[]> {
  const times: number[][] = ways.map(() => []);
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const [i, run] of ways.entries()) {
      const before = process.cpuUsage();
      for (let k = 0; k < REQUESTS; k += 1) {
        const req = request();
        run(req, req.res as Response);
      }
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) times[i]?.push(((user + system) * 1000) / REQUESTS);
      // What waits for the next turn of the event loop would keep its request in memory.
      await setImmediate();
    }
  }
  // Other load on the machine can only add time.
  const [alone = NaN, ...others] = times.map((list) => quantile(list, 0.1));
  return others.map((cost) => cost - alone);
}

/** Gives a session at once: reading and parsing it is not what is measured. */
class ImmediateStore extends session.MemoryStore {
  private row: SessionData | undefined;

  override get(sessionId: string, callback: (error: unknown, row: SessionData) => void) {
    const { sessions } = this as unknown as { sessions: Record<string, string> };
    this.row ??= JSON.parse(sessions[sessionId] as string) as SessionData;
    callback(null, { ...this.row, cookie: { ...this.row.cookie } });
  }

  override set(sessionId: string, content: SessionData, callback?: (error?: unknown) => void) {
    this.row = undefined;
    super.set(sessionId, content, callback);
  }
}

/** A request as express-session leaves it. */
function requestOf(store: Request['sessionStore'] & ImmediateStore, known?: Request): Request {
  const req = new IncomingMessage(socket) as Request;
  req.method = 'GET';
  // It has no body. Otherwise, its session would be held until the connection closes.
  req.complete = true;
  req.url = req.originalUrl = '/active';
  req.headers.cookie = known?.headers.cookie;
  const res = new ServerResponse(req) as Response;
  res.locals = {};
  // The headers that Express and Nest set.
  for (const name of ['X-Powered-By', 'Content-Type', 'Content-Length', 'ETag']) res.setHeader(name, '2');
  req.res = res;
  res.req = req;
  req.sessionStore = store;
  if (known) {
    req.sessionID = known.sessionID;
    store.get(known.sessionID, (_error, row) => void store.createSession(req, row as SessionData));
  } else {
    store.generate(req);
    req.headers.cookie = `connect.sid=s%3A${req.sessionID}.signature`;
    req.session.user = 'alice';
    req.session.profile = profile;
    store.set(req.sessionID, req.session as unknown as SessionData);
  }
  return req;
}

const socket = new Socket();
