import { createHmac } from 'node:crypto';
import { setTimeout as passed } from 'node:timers/promises';
import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Timelines } from '../../../src/enforcement/timelines/timelines.js';
import { sessionKey } from '../../../src/express-session/session-key.js';
import { AllowExpired, MemoryLedger, SessionTimeoutService, type SessionTimeoutOptions } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { MINUTE, PagesController, startApp, type TestApp } from '../../support/app.js';
import { sessionIdOf } from '../../support/cookies.js';
import { SharedLedger } from '../../support/shared-ledger.js';
import { Faults, faultyLedger, FaultyStore, TIMEOUT } from './faulty-parts.js';

@Controller()
class AccountController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  /** Signs in without a new id, as many handlers do. */
  @Post('plain-login')
  @AllowExpired()
  plainLogin(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }

  @Post('password')
  async password(@Req() req: Request) {
    return { ended: await this.sessions.endAll(req.session.user as string, { except: req }) };
  }

  @Post('everywhere')
  async everywhere(@Req() req: Request) {
    return { ended: await this.sessions.endAll(req) };
  }

  @Post('leave')
  leave(@Req() req: Request) {
    delete (req.session as { user?: string }).user;
    return {};
  }

  @Post('step-up')
  async stepUp(@Req() req: Request) {
    await this.sessions.renew(req, { restartLimits: false });
    return {};
  }

  @Post('renew')
  async renew(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }
}

/** A browser, which keeps the cookie that it has got. */
export class Browser {
  constructor(
    private readonly world: World,
    public cookie?: string | undefined,
  ) {}

  get key(): string | undefined {
    return this.cookie && sessionKey(decodeURIComponent(sessionIdOf(this.cookie)));
  }

  /** Whether the session of the browser is within its limits, according to the ledger. */
  get isAlive(): boolean {
    const record = this.key === undefined ? undefined : this.world.ledger.read(this.key);
    return record?.state === 'open' && record.idleFor < 15 * MINUTE;
  }

  async ask(method: 'get' | 'post' | 'delete', path: string, body?: object, app = this.world.one) {
    const request = app.request[method](path).set('Sec-Fetch-Site', 'same-origin');
    if (this.cookie) void request.set('Cookie', this.cookie);
    const answer = await (body ? request.send(body) : request);
    for (const cookie of (answer.headers['set-cookie'] ?? []) as unknown as string[]) {
      const [pair] = cookie.split(';') as [string];
      this.cookie = pair === 'connect.sid=' ? undefined : pair;
    }
    return answer;
  }

  async signIn(): Promise<this> {
    const { status } = await this.ask('post', '/login', { user: 'alice' });
    if (status !== 201) throw new Error(`Signing in was answered with ${status}`);
    return this;
  }

  /** Whether the browser is signed in, according to an instance whose parts work. Changes no cookie. */
  async isSignedIn(): Promise<boolean> {
    const { cookie } = this;
    const answer = await this.ask('get', '/feed', undefined, this.world.other);
    this.cookie = cookie;
    return answer.status === 200 && answer.body.user === 'alice';
  }
}

/** Two instances over one store and one ledger. The parts of the first one may fail. */
export class World {
  readonly clock = new ManualClock();
  readonly faults = new Faults();
  readonly browsers: Browser[] = [];
  readonly rows = Object.create(null) as Record<string, string>;
  readonly ledger: MemoryLedger;
  one!: TestApp;
  other!: TestApp;

  private constructor(isShared: boolean) {
    const { clock } = this;
    this.ledger = isShared ? new SharedLedger({ clock }) : new MemoryLedger({ clock });
  }

  static async start(isShared: boolean, options: SessionTimeoutOptions = {}): Promise<World> {
    const world = new World(isShared);
    const { clock, faults, rows } = world;
    const app = (faults: Faults) =>
      startApp({
        clock,
        controllers: [PagesController, AccountController],
        session: { store: new FaultyStore(faults, rows) },
        options: {
          idleTimeout: '15m',
          ledgerTimeout: TIMEOUT,
          sweepInterval: false,
          ledger: faultyLedger(world.ledger, faults),
          ...options,
        },
      });
    world.other = await app(new Faults());
    world.one = await app(faults);
    return world;
  }

  async stop(): Promise<void> {
    await Promise.all([this.one.app.close(), this.other.app.close()]);
  }

  browser(): Browser {
    const browser = new Browser(this);
    this.browsers.push(browser);
    return browser;
  }

  signedIn(): Promise<Browser> {
    return this.browser().signIn();
  }

  /** A browser with a session that another application has begun, in the same store. */
  found(): Browser {
    this.rows['found'] = JSON.stringify({ user: 'alice', cookie: { originalMaxAge: null, path: '/' } });
    const browser = new Browser(this, signedCookie('found'));
    this.browsers.push(browser);
    return browser;
  }

  /** What both instances have told of sessions. */
  get events() {
    return [...this.one.events, ...this.other.events].filter((event) => 'session' in event);
  }

  /** Resolves when everything that had failed has succeeded. */
  async retried(): Promise<void> {
    while (this.one.app.get(Timelines).retries['open'].size > 0) await passed(20);
  }

  /** What the sweep of the second instance does. */
  async sweep(): Promise<void> {
    const timelines = this.other.app.get(Timelines);
    for (const key of this.ledger.users.due(100, 1) as string[]) await timelines.expire(key);
  }
}

function signedCookie(sessionId: string): string {
  const signature = createHmac('sha256', 'test').update(sessionId).digest('base64').replace(/=+$/, '');
  return `connect.sid=${encodeURIComponent(`s:${sessionId}.${signature}`)}`;
}
