import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { duplexPair } from 'node:stream';
import { AllowExpired, PassiveRoute, SessionTimeoutService } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { startApp, type TestApp } from '../../support/app.js';
import { headerValues, type RawAnswer, RawConnection } from '../../support/raw-http.js';
import { ACTS, type ActName } from './acts.js';
import { HeldUpLedger, HeldUpStore } from './held-up.js';
import { Scheduler } from './scheduler.js';

const userOf = (req: Request): string | null => (req.session as { user?: string } | undefined)?.user ?? null;

@Controller()
class RacingController {
  constructor(
    private readonly sessions: SessionTimeoutService,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
  ) {}

  /** Tells who was served, before and after what it does. */
  @Post('do/:act')
  @HttpCode(200)
  async act(@Req() req: Request, @Param('act') act: ActName) {
    const before = userOf(req);
    await ACTS[act].do(req, { sessions: this.sessions, scheduler: this.scheduler });
    return { before, after: userOf(req) };
  }

  @Get('who')
  @PassiveRoute()
  who(@Req() req: Request) {
    return { user: userOf(req) };
  }

  @Post('enter/:user')
  @AllowExpired()
  @HttpCode(204)
  async enter(@Req() req: Request, @Param('user') user: string) {
    await new Promise((resolve) => void req.session.regenerate(resolve));
    if (user === 'visitor') req.session['note'] = 'in the basket';
    else req.session.user = user;
  }
}

export interface World extends TestApp {
  readonly store: HeldUpStore;
  readonly ledger: HeldUpLedger;
  readonly scheduler: Scheduler;
  /** Sends a request over a connection in memory, so that nothing depends on the machine. */
  ask(method: string, path: string, cookie?: string, actor?: string): Promise<RawAnswer>;
}

/** @param isShared whether the ledger is one that several instances share */
export async function startWorld(isShared: boolean): Promise<World> {
  const scheduler = new Scheduler();
  const clock = new ManualClock();
  const store = new HeldUpStore(scheduler);
  const ledger = new HeldUpLedger(scheduler, clock, isShared);
  const started = await startApp({
    clock,
    controllers: [RacingController],
    providers: [{ provide: Scheduler, useValue: scheduler }],
    session: { store },
    options: { ledger, ledgerTimeout: '10m', sweepInterval: false, touchInterval: 1 },
    beforeSession: (app) =>
      app.use((req: Request, _res: Response, next: NextFunction) =>
        scheduler.as(req.headers['x-actor'] as string | undefined, next),
      ),
  });
  const server = started.app.getHttpServer();
  return {
    ...started,
    store,
    ledger,
    scheduler,
    async ask(method, path, cookie, actor) {
      const [here, there] = duplexPair();
      server.emit('connection', there);
      const connection = new RawConnection(here);
      const fields = { host: 'site.example', connection: 'close', 'content-length': '0', 'x-actor': actor, cookie };
      const lines = Object.entries(fields).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}: ${value}`],
      );
      connection.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      const answer = await connection.read(method);
      connection.close();
      scheduler.note();
      if (!answer) throw new Error(`No answer to ${method} ${path}`);
      return answer;
    },
  };
}

/** The cookie that an answer hands out; `undefined` if it hands out none, or clears it. */
export function cookieOf(answer: RawAnswer): string | undefined {
  const cookies = headerValues(answer, 'set-cookie').filter((cookie) => cookie.startsWith('connect.sid='));
  if (cookies.length > 1) throw new Error(`More than one cookie: ${cookies.join('\n')}`);
  const [value] = (cookies[0] ?? 'connect.sid=').split(';', 1) as [string];
  return value === 'connect.sid=' ? undefined : value;
}

export const jsonOf = ({ body }: RawAnswer) => JSON.parse(body.toString()) as Record<string, unknown>;
