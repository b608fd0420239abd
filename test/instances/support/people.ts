import { Controller, Get, Post, Req, type Type } from '@nestjs/common';
import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import type supertest from 'supertest';
import {
  type ActivityLedger,
  AllowExpired,
  RequireFreshAuth,
  SessionTimeoutService,
  type SessionTimeoutOptions,
} from '../../../src/index.js';
import { monotonicClock } from '../../../src/base/clock.js';
import { PagesController, startApp, type TestApp } from '../../support/app.js';
import { Gate } from '../../support/gate.js';

/** Holds back the handlers of `/slow`. */
export const gates = { slow: new Gate() };

@Controller()
class PeopleController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  /** Writes to the session, and ends only when it is let go. */
  @Post('slow')
  async slow(@Req() req: Request) {
    req.session['note'] = 'written late';
    await gates.slow.pass();
    return {};
  }

  @Post('slow-login')
  @AllowExpired()
  async slowLogin(@Req() req: Request) {
    await gates.slow.pass();
    req.session.user = req.body.user;
    return {};
  }

  @Post('renew')
  async renew(@Req() req: Request) {
    await this.sessions.renew(req, { restartLimits: req.body.restartLimits ?? true });
    return {};
  }

  @Post('become')
  become(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }

  @Post('password')
  async password(@Req() req: Request) {
    return { ended: await this.sessions.endAll(req.session.user as string, { except: req }) };
  }

  /** The user is signed in by a cookie that the browser has kept. */
  @Post('remembered')
  @AllowExpired()
  remembered(@Req() req: Request) {
    req.session['authTime'] = 0;
    req.session.user = req.body.user;
    return {};
  }

  @Post('confirm')
  async confirm(@Req() req: Request) {
    if (req.body.as) req.session.user = req.body.as;
    req.session['authTime'] = Date.now();
    await this.sessions.renew(req, { restartLimits: false });
    return {};
  }

  @Get('vault')
  @RequireFreshAuth('1h')
  vault() {
    return {};
  }
}

/** Three applications that share a session store, and a ledger each of their own over one server. */
export class ThreeInstances {
  private constructor(readonly all: readonly TestApp[]) {}

  static async start(ledger: () => ActivityLedger, options: SessionTimeoutOptions = {}): Promise<ThreeInstances> {
    const store = new MemoryStore();
    const setup = { secret: 'test', resave: false, saveUninitialized: false, store };
    const controllers: Type<unknown>[] = [PagesController, PeopleController];
    const all: TestApp[] = [];
    for (let i = 0; i < 3; i += 1) {
      const given = { clock: monotonicClock, sweepInterval: false, ledgerTimeout: '5s', ledger: ledger() } as const;
      all.push(await startApp({ options: { ...given, ...options }, controllers, session: setup }));
    }
    return new ThreeInstances(all);
  }

  at(index: number): TestApp {
    return this.all[index % this.all.length] as TestApp;
  }

  /** The sessions of a user, as each instance knows them. */
  async listed(user: string): Promise<number[]> {
    return Promise.all(this.all.map(async ({ service }) => (await service.list(user)).length));
  }

  /** Everything that has happened to sessions on any instance. */
  get events() {
    return this.all.flatMap(({ events }) => events);
  }
}

/** Somebody whose requests go to whichever instance the test says. */
export class Person {
  cookie: string | undefined;

  /** @param headers what the browser sends each time, like the limits it is to be judged by */
  constructor(private readonly headers: Readonly<Record<string, string>> = {}) {}

  async ask(app: TestApp, method: 'get' | 'post' | 'delete', path: string, body?: object): Promise<supertest.Response> {
    const request = app.request[method](path).set({ 'Sec-Fetch-Site': 'same-origin', ...this.headers });
    if (this.cookie) void request.set('Cookie', this.cookie);
    const answer = await (body ? request.send(body) : request);
    for (const cookie of (answer.headers['set-cookie'] ?? []) as unknown as string[]) {
      const [pair] = cookie.split(';') as [string];
      if (pair.startsWith('connect.sid=')) this.cookie = pair === 'connect.sid=' ? undefined : pair;
    }
    return answer;
  }

  get = (app: TestApp, path: string) => this.ask(app, 'get', path);
  post = (app: TestApp, path: string, body: object = {}) => this.ask(app, 'post', path, body);
  delete = (app: TestApp, path: string) => this.ask(app, 'delete', path);

  async signIn(app: TestApp, user = 'alice'): Promise<this> {
    expect((await this.post(app, '/login', { user })).status).toBe(201);
    return this;
  }

  /** The ids in the list of this user's sessions, that of this person first. */
  async ids(app: TestApp): Promise<string[]> {
    const { status, body } = await this.get(app, '/session/list');
    expect(status).toBe(200);
    const sessions = body.sessions as { id: string; current: boolean }[];
    return sessions.toSorted((a, b) => Number(b.current) - Number(a.current)).map(({ id }) => id);
  }

  /** Status and reason of a page, asked of each instance. */
  async seen(three: ThreeInstances): Promise<(string | number)[]> {
    const { cookie } = this;
    const answers: (string | number)[] = [];
    for (const app of three.all) {
      this.cookie = cookie;
      const { status, body } = await this.get(app, '/me');
      answers.push(body.reason ?? body.user ?? status);
    }
    this.cookie = cookie;
    return answers;
  }
}
