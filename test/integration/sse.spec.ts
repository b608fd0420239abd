import { Controller, Get, HttpCode, Post, Req, Sse } from '@nestjs/common';
import type { Request } from 'express';
import { setTimeout as passed } from 'node:timers/promises';
import { concat, finalize, from, map, NEVER, type Observable, of } from 'rxjs';
import { AllowExpired, PassiveRoute, type SessionTimeoutOptions } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type AppOptions, startApp, stopApps } from '../support/app.js';
import { hasRow, sessionCookie } from '../support/cookies.js';
import { type EventStream, openStream } from '../support/event-stream.js';
import { Gate } from '../support/gate.js';
import { RiggedLedger } from '../support/rigged-ledger.js';
import { sent } from '../support/sent.js';
import { regenerated } from '../support/session-calls.js';

const streams: EventStream[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.leave();
  await stopApps();
});

/** The sources of streams that are open on the server. */
let open = new Set<object>();

/** Where the handler of `GET /observable` waits. */
let gate = new Gate();
beforeEach(() => {
  open = new Set();
  gate = new Gate();
});

function news(req: Request): Observable<{ data: string }> {
  const [source, all] = [{}, open];
  all.add(source);
  return concat(of({ data: `for ${req.session.user ?? 'anybody'}` }), NEVER).pipe(finalize(() => all.delete(source)));
}

@Controller()
class NewsController {
  @Post('login')
  @AllowExpired()
  @HttpCode(200)
  async login(@Req() req: Request) {
    await regenerated(req.session);
    req.session.user = req.body.user;
    return {};
  }

  @Post('logout')
  async logout(@Req() req: Request) {
    await new Promise<void>((resolve, reject) => req.session.destroy((error) => (error ? reject(error) : resolve())));
  }

  @Get('me')
  me(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }

  @Sse('news')
  news(@Req() req: Request) {
    return news(req);
  }

  @Sse('late-news')
  async lateNews(@Req() req: Request) {
    await passed(5);
    return news(req);
  }

  @Sse('ticker')
  @PassiveRoute()
  ticker(@Req() req: Request) {
    return news(req);
  }

  @Sse('public-news')
  @AllowExpired()
  publicNews(@Req() req: Request) {
    return news(req);
  }

  @Get('observable')
  observable(@Req() req: Request) {
    return from(gate.pass()).pipe(map(() => ({ user: req.session.user ?? null })));
  }
}

/** Where the clock is moved by hand: short, as timers run in real time all the same. */
const IDLE = 60;

const START = Date.UTC(2026, 0, 5, 9, 0);

/** Where time is real. */
const REAL_LIMIT = 300;

async function start(options: SessionTimeoutOptions = {}, given: AppOptions = {}) {
  const started = await startApp({
    controllers: [NewsController],
    ...given,
    options: { idleTimeout: IDLE, absoluteTimeout: '1h', warnBefore: 20, ...options },
  });
  await started.app.listen(0);
  const signIn = async (user = 'alice') => {
    const browser = started.browser();
    const cookie = sessionCookie(await browser.post('/login').send({ user }).expect(200));
    const stream = async (path: string) => {
      const stream = await openStream(started, path, cookie);
      streams.push(stream);
      return stream;
    };
    return { browser, cookie, stream };
  };
  return { ...started, signIn };
}

/** Long enough for each timer of a stream to have come at least once. */
const aWhile = () => passed(3 * IDLE);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await passed(5);
}

/** Stands still until it is started, and then shows real time: what comes before may take its time. */
class StartableClock {
  private startedAt: number | undefined;

  now(): number {
    return START + (this.startedAt === undefined ? 0 : performance.now() - this.startedAt);
  }

  start(): void {
    this.startedAt = performance.now();
  }
}

test.each([
  ['idle', { idleTimeout: REAL_LIMIT }],
  ['absolute', { idleTimeout: false, absoluteTimeout: REAL_LIMIT }],
] as const)('a stream and its source end at the %s limit, in real time', async (reason, limits) => {
  const clock = new StartableClock();
  const { signIn, events } = await start({ clock, ...limits });
  const { browser, stream } = await signIn();
  const live = await stream('/news');
  expect(live.status).toBe(200);
  clock.start();
  await live.over;
  expect(clock.now() - START).toBeGreaterThanOrEqual(REAL_LIMIT);
  expect(live.text()).toContain('data: for alice');
  expect(open.size).toBe(0);
  expect(events.filter(({ type }) => type === 'expired')).toEqual([expect.objectContaining({ reason, user: 'alice' })]);
  expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason });
});

// From here on the clock stands still while timers run.
describe.each(['/news', '/late-news', '/ticker'])('the stream %s', (path) => {
  test('lasts as long as there is activity, and no longer', async () => {
    const { signIn, clock } = await start();
    const { browser, stream } = await signIn();
    const live = await stream(path);
    await aWhile();
    for (let round = 0; round < 3; round += 1) {
      clock.advance(IDLE - 1);
      await browser.get('/me').expect(200);
    }
    await aWhile();
    expect(live.isOver()).toBe(false);
    clock.advance(IDLE);
    await live.over;
    expect(open.size).toBe(0);
  });

  test('ends at once when its user signs out, and streams of other users go on', async () => {
    const { signIn } = await start({ idleTimeout: '1h' });
    const alice = await signIn('alice');
    const bob = await signIn('bob');
    const [first, second, other] = [await alice.stream(path), await alice.stream(path), await bob.stream(path)];
    await alice.browser.post('/logout').expect(201);
    await Promise.all([first.over, second.over]);
    await bob.browser.get('/me').expect(200);
    expect(other.isOver()).toBe(false);
  });
});

type Started = Awaited<ReturnType<typeof start>>;
type Act = (started: Started, browser: ReturnType<Started['browser']>) => Promise<unknown>;

test.each<[string, Act]>([
  [
    'signs out by our route',
    async (_, browser) => browser.post('/session/end').set('X-Session-Client', '1').expect(204),
  ],
  ['signs in again', async (_, browser) => browser.post('/login').send({ user: 'bob' }).expect(200)],
  ['is signed out from elsewhere', async ({ service, events }) => service.end(events[0]?.session ?? '')],
])('a stream ends at once when its user %s', async (_what, act) => {
  const started = await start({ idleTimeout: '1h' });
  const { browser, stream } = await started.signIn();
  const live = await stream('/news');
  await act(started, browser);
  await live.over;
  expect(open.size).toBe(0);
});

test('streams of applications that start at the same time in one process end with their own sessions', async () => {
  const all = await Promise.all([1, 2, 3].map(() => start({ idleTimeout: '1h' })));
  const lives: EventStream[] = [];
  for (const { signIn } of all) lives.push(await (await signIn()).stream('/news'));
  for (const [index, { service, events }] of all.entries()) {
    expect(lives.map((live) => live.isOver())).toEqual(all.map((_, other) => other < index));
    await service.end(events[0]?.session ?? '');
    await lives[index]?.over;
  }
});

describe.each([
  ['unreadable', { state: 'open', sessionAge: NaN, idleFor: NaN }],
  ['gone', undefined],
])('a record that is %s', (_what, record) => {
  const lost = { type: 'expired', reason: 'lost', user: 'alice' };

  test('ends a stream, and the session expires as lost', async () => {
    const clock = new ManualClock();
    const ledger = new RiggedLedger({ clock });
    const { signIn, events } = await start({ clock, ledger });
    const { browser, stream } = await signIn();
    const live = await stream('/news');
    ledger.rigged = { record };
    await live.over;
    expect(open.size).toBe(0);
    expect(events.slice(1)).toEqual([expect.objectContaining(lost)]);

    ledger.rigged = undefined;
    expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'lost' });
    expect(events).toHaveLength(2);
  });

  test('ends a session in the same way when a request finds it', async () => {
    const clock = new ManualClock();
    const ledger = new RiggedLedger({ clock });
    const { signIn, events } = await start({ clock, ledger, idleTimeout: '1h' });
    const { browser, stream } = await signIn();
    const live = await stream('/news');
    ledger.rigged = { record };
    expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'lost' });
    await live.over;
    expect(open.size).toBe(0);
    expect(events.slice(1)).toEqual([expect.objectContaining(lost)]);
  });
});

test('the end of a stream does not bring its session back', async () => {
  const { signIn, store, clock } = await start({}, { session: { resave: true } });
  const { browser, cookie, stream } = await signIn();
  const live = await stream('/news');
  await browser.post('/logout').expect(201);
  await live.over;
  expect(hasRow({ store }, cookie)).toBe(false);

  const again = await signIn();
  const second = await again.stream('/news');
  clock.advance(IDLE);
  await second.over;
  expect((await again.browser.get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
  expect(hasRow({ store }, again.cookie)).toBe(false);
});

test('a stream is refused to an ended session', async () => {
  const { signIn, clock } = await start();
  const { stream } = await signIn();
  clock.advance(IDLE);
  const refused = await stream('/news');
  await refused.over;
  expect(refused.status).toBe(401);
  expect(refused.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(JSON.parse(refused.text())).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'idle' });
  expect(open.size).toBe(0);
});

test('a public stream goes on without a session', async () => {
  const { signIn, clock, ...started } = await start();
  const { stream } = await signIn();
  const anybody = await openStream(started, '/public-news');
  streams.push(anybody);
  clock.advance(IDLE);
  const expired = await stream('/public-news');
  await aWhile();
  expect(expired.text()).toContain('data: for anybody');
  expect([anybody.isOver(), expired.isOver()]).toEqual([false, false]);
});

test('a client that disconnects leaves no timer behind', async () => {
  const { signIn, clock, events } = await start();
  const { stream } = await signIn();
  const live = await stream('/news');
  live.leave();
  await until(() => open.size === 0);
  clock.advance(IDLE);
  await aWhile();
  expect(events.filter(({ type }) => type === 'expired')).toEqual([]);
});

test('an observable that is no event stream does not end with the session', async () => {
  const clock = new ManualClock();
  const { signIn } = await start({ clock });
  const { browser } = await signIn();
  const answer = sent(browser.get('/observable'));
  await gate.hasArrived();
  clock.advance(IDLE);
  await aWhile();
  gate.open();
  expect(await answer).toMatchObject({ status: 200, body: { user: 'alice' } });
});
