import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import fc from 'fast-check';
import type supertest from 'supertest';
import { AllowExpired, PassiveRoute, SessionTimeoutService } from '../../../src/index.js';
import { HOUR, MINUTE, startApp, stopApps, type TestApp } from '../../support/app.js';
import { cookieAfter } from '../../support/cookies.js';
import { ManualClock } from '../../../src/testing/index.js';
import { WatchedLedger, WatchedStore } from './support/watched.js';

afterAll(stopApps);

const IDLE = 15 * MINUTE;
const ABSOLUTE = HOUR;

type Method = 'save' | 'regenerate' | 'destroy';
const called = ({ session }: Request, method: Method) =>
  new Promise<void>((resolve, reject) => session[method]((error: unknown) => (error ? reject(error) : resolve())));

/** What people do with a session, each in one request. */
const acts = {
  ask: async () => {},
  note: async (req: Request) => void (req.session['note'] = 'hello'),
  'sign in': async (req: Request, user: string) => void (req.session.user = user),
  'sign in and save early': async (req: Request, user: string) => {
    req.session.user = user;
    await called(req, 'save');
  },
  'sign in by regenerate()': async (req: Request, user: string) => {
    await called(req, 'regenerate');
    req.session.user = user;
  },
  'sign in by renew()': async (req: Request, user: string, sessions: SessionTimeoutService) => {
    req.session.user = user;
    await sessions.renew(req);
  },
  'sign out by delete': async (req: Request) => void delete (req.session as Partial<Request['session']>).user,
  'sign out by destroy()': (req: Request) => called(req, 'destroy'),
  'sign out by regenerate()': async (req: Request) => {
    delete (req.session as Partial<Request['session']>).user;
    await called(req, 'regenerate');
  },
  'sign out by end()': async (req: Request, _user: string, sessions: SessionTimeoutService) =>
    void (await sessions.end(req)),
};

type Act = keyof typeof acts;

@Controller()
class ActsController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('act')
  @AllowExpired()
  @HttpCode(200)
  async act(@Req() req: Request) {
    await acts[req.body.act as Act](req, req.body.user, this.sessions);
    return {};
  }

  @Post('act-by-itself')
  @AllowExpired()
  async actByItself(@Req() req: Request, @Res() res: Response) {
    await acts[req.body.act as Act](req, req.body.user, this.sessions);
    res.status(200).json({});
  }

  @Get('peek')
  @PassiveRoute()
  peek(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }
}

/** What a cookie stands for. */
interface Known {
  user: string | undefined;
  startedAt: number;
  activeAt: number;
}

/** Browsers that share planted cookies, and what each of them may see. */
class Model {
  readonly cookies: (string | undefined)[] = [undefined, undefined, undefined];
  private readonly known = new Map<string, Known>();

  constructor(private readonly world: TestApp) {}

  /** Whom a browser has to be served as. */
  userOf(browser: number): string | undefined {
    const known = this.alive(browser);
    return known?.user;
  }

  async act(browser: number, act: Act, user: string, byItself: boolean): Promise<void> {
    const { request, clock } = this.world;
    const before = this.cookies[browser];
    const was = this.alive(browser);
    const answer = await send(request.post(byItself ? '/act-by-itself' : '/act').send({ act, user }), before);
    expect([answer.status, answer.body]).toEqual([200, {}]);
    const now = clock.now();
    const after = cookieAfter(answer, before);
    this.cookies[browser] = after;
    if (was) was.activeAt = now;

    if (act.startsWith('sign in')) {
      const isNew = act.endsWith('()') || was?.user !== user;
      // Nobody signs in under an id that others may know.
      if (isNew) expect(after).not.toBe(before);
      else expect(after).toBe(before);
      const keepsStart = was?.user !== undefined && !act.endsWith('()');
      if (isNew) this.learn(after as string, { user, startedAt: keepsStart ? was.startedAt : now, activeAt: now });
      if (isNew && was) was.user = undefined;
    } else if (act.startsWith('sign out')) {
      if (was) was.user = undefined;
    }
  }

  steal(browser: number, from: number): void {
    this.cookies[browser] = this.cookies[from];
  }

  async check(): Promise<void> {
    for (const [browser, cookie] of this.cookies.entries()) {
      const { status, body } = await send(this.world.request.get('/peek'), cookie);
      const seen = status === 200 ? (body.user ?? undefined) : undefined;
      expect([200, 401]).toContain(status);
      expect(seen).toBe(this.userOf(browser));
    }
  }

  private learn(cookie: string, known: Known): void {
    expect(this.known.has(cookie)).toBe(false);
    this.known.set(cookie, known);
  }

  private alive(browser: number): Known | undefined {
    const known = this.known.get(this.cookies[browser] as string);
    if (known?.user === undefined) return undefined;
    const now = this.world.clock.now();
    return now - known.activeAt < IDLE && now - known.startedAt < ABSOLUTE ? known : undefined;
  }
}

function send(request: supertest.Test, cookie: string | undefined): Promise<supertest.Response> {
  return (cookie === undefined ? request : request.set('cookie', cookie)).then((response) => response);
}

const browser = fc.nat({ max: 2 });
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('act' as const),
      browser,
      act: fc.constantFrom(...(Object.keys(acts) as Act[])),
      user: fc.constantFrom('alice', 'bob'),
      byItself: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('steal' as const), browser, from: browser }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.constantFrom(1, 7, 14, 15, 16) }),
  },
);

describe.each([{ saveUninitialized: false }, { resave: true, rolling: true, saveUninitialized: true }])(
  'in browsers that share cookies, with %j',
  (session) => {
    let world: TestApp;

    beforeAll(async () => {
      world = await startApp({
        controllers: [ActsController],
        session,
        options: { idleTimeout: IDLE, absoluteTimeout: ABSOLUTE },
      });
      await world.app.listen(0);
    });

    test('everybody is served as whom their own cookie has signed in, or as nobody', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
          const model = new Model(world);
          for (const given of steps) {
            if (given.kind === 'act') await model.act(given.browser, given.act, given.user, given.byItself);
            else if (given.kind === 'steal') model.steal(given.browser, given.from);
            else world.clock.advance(given.minutes * MINUTE);
            await model.check();
          }
        }),
        { numRuns: 40, seed: 12 },
      );
    });
  },
);

/** Requests that are under way at the same time, while store and ledger answer in some order. */
describe('in requests at the same time', () => {
  const clock = new ManualClock();
  const store = new WatchedStore();
  const ledger = new WatchedLedger(clock);
  let world: TestApp;

  beforeAll(async () => {
    world = await startApp({
      clock,
      controllers: [ActsController],
      session: { store },
      options: { ledger, ledgerTimeout: '1m', idleTimeout: IDLE, absoluteTimeout: ABSOLUTE },
    });
    await world.app.listen(0);
  });

  const parallel = fc.array(
    fc.record({
      act: fc.constantFrom(...(Object.keys(acts) as Act[])),
      user: fc.constantFrom('alice', 'bob'),
      byItself: fc.boolean(),
    }),
    { minLength: 2, maxLength: 4 },
  );

  test('no id is ever of two users, or of a visitor and of a user', async () => {
    const turns = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...firsts),
        fc.array(parallel, { maxLength: 3 }),
        turns,
        async (first, batches, delays) => {
          store.writes.length = 0;
          let asked = 0;
          const meanwhile = async () => {
            for (let n = delays[asked++ % delays.length] as number; n > 0; n -= 1) {
              await new Promise((resolve) => setImmediate(resolve));
            }
          };
          store.meanwhile = ledger.meanwhile = meanwhile;
          let cookie = cookieAfter(await send(world.request.post('/act').send(first), undefined), undefined);
          for (const batch of batches) {
            const answers = await Promise.all(
              batch.map(({ byItself, ...given }) =>
                send(world.request.post(byItself ? '/act-by-itself' : '/act').send(given), cookie),
              ),
            );
            for (const { status } of answers) expect([200, 401]).toContain(status);
            // The browser goes on with the last cookie it got.
            for (const answer of answers) cookie = cookieAfter(answer, cookie);
          }
          const users = new Map<string, unknown>();
          for (const { sessionId, row } of store.writes) {
            const { user } = JSON.parse(row) as { user?: string };
            if (users.has(sessionId)) expect([sessionId, user]).toEqual([sessionId, users.get(sessionId)]);
            users.set(sessionId, user);
          }
          store.meanwhile = ledger.meanwhile = undefined;
        },
      ),
      { numRuns: 40, seed: 12 },
    );
  });
});

/** How the session begins. */
const firsts = [
  { act: 'note', user: '' },
  { act: 'sign in', user: 'alice' },
] as const;
