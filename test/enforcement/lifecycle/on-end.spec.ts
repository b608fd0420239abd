import { Controller, Get, Injectable, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import session, { MemoryStore } from 'express-session';
import { setImmediate as turn, setTimeout as passed } from 'node:timers/promises';
import { AllowExpired, type Reason, SessionTimeoutMiddleware, SessionTimeoutService } from '../../../src/index.js';
import { type AppOptions, HOUR, MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { handshakeRequest, throughMiddleware } from '../../support/handshake.js';
import { collector } from '../../support/logs.js';
import { RiggedLedger } from '../../support/rigged-ledger.js';
import { ManualClock } from '../../../src/testing/index.js';

afterEach(stopApps);

/** Short, as timers run in real time while the clock stands still. */
const IDLE = 60;
/** Long enough for each timer to have come at least once. */
const aWhile = () => passed(3 * IDLE);

/** What the listeners of a test were told, by their names. */
@Injectable()
class Told {
  readonly all: [string, Reason][] = [];
  readonly stops: (() => void)[] = [];
  /** What a listener does besides. */
  besides = () => {};
}

@Controller()
class JobsController {
  constructor(
    private readonly sessions: SessionTimeoutService,
    private readonly told: Told,
  ) {}

  @Post('job')
  @AllowExpired()
  job(@Req() req: Request) {
    const stop = this.sessions.onEnd(req, (reason) => {
      this.told.all.push([req.body.name, reason]);
      this.told.besides();
    });
    this.told.stops.push(stop);
  }

  @Post('job-after-sign-out')
  async jobAfterSignOut(@Req() req: Request) {
    await new Promise((resolve) => req.session.destroy(resolve));
    this.job(req);
  }

  @Post('broken-job')
  brokenJob(@Req() req: Request) {
    this.sessions.onEnd(req, () => {
      throw new Error('the job failed');
    });
  }

  @Post('late-job')
  lateJob(@Req() req: Request) {
    this.sessions.onEnd(req, async () => {
      throw new Error('the job failed later');
    });
  }

  @Post('broken-job-of-anybody')
  @AllowExpired()
  brokenJobOfAnybody(@Req() req: Request) {
    this.brokenJob(req);
  }

  @Post('renew')
  renew(@Req() req: Request) {
    if (req.body?.provedAt) req.session['provedAt'] = req.body.provedAt;
    return this.sessions.renew(req);
  }

  /** Regenerates the session as passport does, and signs somebody in later. */
  @Post('sign-in-again')
  async signInAgain(@Req() req: Request) {
    await new Promise((resolve) => req.session.regenerate(resolve));
    await turn();
    req.session.user = req.body.user;
    return {};
  }

  /** Signs somebody else in under the same session. */
  @Post('act-as')
  actAs(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }

  @Get('regenerate')
  async regenerate(@Req() req: Request) {
    await new Promise((resolve) => req.session.regenerate(resolve));
    return {};
  }
}

async function start(given: AppOptions = {}) {
  const started = await startApp({
    controllers: [PagesController, JobsController],
    providers: [Told],
    ...given,
    options: { idleTimeout: '15m', ...given.options },
  });
  const { all, stops } = started.app.get(Told);
  const until = async (count: number) => {
    while (all.length < count) await passed(5);
    return all;
  };
  return { ...started, told: all, stops, until };
}

const job = (name: string) => ({ name });

test.each([
  ['idle', { idleTimeout: IDLE, warnBefore: 20 }],
  ['absolute', { idleTimeout: false, absoluteTimeout: IDLE, warnBefore: 20 }],
] as const)('a listener is called at the %s limit, once', async (reason, options) => {
  const { signedIn, clock, told, until, events } = await start({ options });
  const browser = await signedIn();
  await browser.post('/job').send(job('one')).expect(201);
  await aWhile();
  expect(told).toEqual([]);
  clock.advance(IDLE);
  expect(await until(1)).toEqual([['one', reason]]);
  await browser.get('/me').expect(401);
  await aWhile();
  expect(told).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
});

test('activity puts the end off', async () => {
  const { signedIn, clock, told, until } = await start({ options: { idleTimeout: IDLE, warnBefore: 20 } });
  const browser = await signedIn();
  await browser.post('/job').send(job('one')).expect(201);
  for (let round = 0; round < 3; round += 1) {
    clock.advance(IDLE - 1);
    await browser.get('/me').expect(200);
    await aWhile();
  }
  expect(told).toEqual([]);
  clock.advance(IDLE);
  await until(1);
});

test.each<[Reason, (started: Awaited<ReturnType<typeof start>>, browser: never) => Promise<unknown>]>([
  ['signed-out', async (_, browser: Browser) => browser.post('/logout').expect(201)],
  ['revoked', async ({ service, events }) => service.end(events[0]?.session as string)],
])('a listener is called at once when the session ends as %s, and those of others are not', async (reason, act) => {
  const started = await start();
  const { signedIn, told } = started;
  const [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
  await alice.post('/job').send(job('first')).expect(201);
  await alice.post('/job').send(job('second')).expect(201);
  await bob.post('/job').send(job('of bob')).expect(201);
  await act(started, alice as never);
  expect(told).toEqual([
    ['first', reason],
    ['second', reason],
  ]);
});

type Browser = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['signedIn']>>;

test('a listener is not called after it was taken back', async () => {
  const { signedIn, clock, told, stops } = await start({ options: { idleTimeout: IDLE, warnBefore: 20 } });
  const browser = await signedIn();
  await browser.post('/job').send(job('one')).expect(201);
  await browser.post('/job').send(job('two')).expect(201);
  for (const stop of stops) stop();
  clock.advance(IDLE);
  await aWhile();
  await browser.get('/me').expect(401);
  expect(told).toEqual([]);
});

test('a listener that takes another one back while both are called wins', async () => {
  const { signedIn, service, app, events, told } = await start();
  const browser = await signedIn();
  await browser.post('/job').send(job('first')).expect(201);
  await browser.post('/job').send(job('second')).expect(201);
  const { stops } = app.get(Told);
  app.get(Told).besides = () => stops[1]?.();
  await service.end(events[0]?.session as string);
  expect(told).toEqual([['first', 'revoked']]);
});

test('a listener that throws harms neither the others nor who ended the session', async () => {
  const lines: string[] = [];
  const { signedIn, told } = await start({ logger: collector(lines) });
  const browser = await signedIn();
  await browser.post('/broken-job').expect(201);
  await browser.post('/job').send(job('one')).expect(201);
  await browser.post('/logout').expect(201);
  expect(told).toEqual([['one', 'signed-out']]);
  expect(lines.join('\n')).toContain('A listener of onEnd() failed');
});

test('a listener that rejects later is logged, and the process goes on', async () => {
  const lines: string[] = [];
  const { signedIn } = await start({ logger: collector(lines) });
  const browser = await signedIn();
  await browser.post('/late-job').expect(201);
  await browser.post('/logout').expect(201);
  await turn();
  expect(lines.join('\n')).toContain('A listener of onEnd() failed');
});

test('a listener that fails after the end is logged, and the process goes on', async () => {
  const lines: string[] = [];
  const { signedIn, service, events } = await start({ logger: collector(lines) });
  const browser = await signedIn();
  await service.end(events[0]?.session as string);
  await browser.post('/broken-job-of-anybody').expect(201);
  await turn();
  expect(lines.join('\n')).toContain('A listener of onEnd() failed');
});

describe('a session under a new id', () => {
  test.each([
    ['by renew()', '/renew', {}],
    ['because the same user has signed in again', '/sign-in-again', { user: 'alice' }],
  ])('takes its listeners with it: %s', async (_how, path, body) => {
    const { signedIn, told } = await start();
    const browser = await signedIn();
    await browser.post('/job').send(job('one')).expect(201);
    await browser.post(path).send(body).expect(201);
    await browser.post(path).send(body).expect(201);
    await aWhile();
    expect(told).toEqual([]);
    await browser.get('/me').expect(200, { user: 'alice' });
    await browser.post('/logout').expect(201);
    expect(told).toEqual([['one', 'signed-out']]);
  });

  test('keeps its deadline', async () => {
    const { signedIn, told, clock, until } = await start({ options: { idleTimeout: IDLE, warnBefore: 20 } });
    const browser = await signedIn();
    await browser.post('/job').send(job('one')).expect(201);
    clock.advance(IDLE / 2);
    await browser.post('/renew').expect(201);
    clock.advance(IDLE / 2);
    await aWhile();
    expect(told).toEqual([]);
    clock.advance(IDLE / 2);
    expect(await until(1)).toEqual([['one', 'idle']]);
  });

  test.each(['/sign-in-again', '/act-as'])('does not take them to another user: %s', async (path) => {
    const { signedIn, until } = await start();
    const browser = await signedIn();
    await browser.post('/job').send(job('one')).expect(201);
    await browser.post(path).send({ user: 'bob' }).expect(201);
    expect(await until(1)).toEqual([['one', 'replaced']]);
  });

  test('that nobody signs in to ends them soon', async () => {
    const { signedIn, until } = await start();
    const browser = await signedIn();
    await browser.post('/job').send(job('one')).expect(201);
    await browser.get('/regenerate').expect(200);
    expect(await until(1)).toEqual([['one', 'replaced']]);
  });
});

test('a listener is called soon, but not at once, if the session has ended already', async () => {
  const { signedIn, clock, told, until } = await start();
  const browser = await signedIn();
  clock.advance(HOUR);
  await browser.post('/job').send(job('late')).expect(201);
  expect(await until(1)).toEqual([['late', 'idle']]);
  await aWhile();
  expect(told).toHaveLength(1);
});

test('a listener is called if the handler itself has ended the session', async () => {
  const { signedIn, until } = await start();
  await (await signedIn()).post('/job-after-sign-out').send(job('one')).expect(201);
  expect(await until(1)).toEqual([['one', 'signed-out']]);
});

test('a listener is never called for an anonymous request', async () => {
  const { browser, clock, told } = await start({ options: { idleTimeout: IDLE, warnBefore: 20 } });
  const visitor = browser();
  await visitor.post('/job').send(job('of nobody')).expect(201);
  clock.advance(HOUR);
  await aWhile();
  expect(told).toEqual([]);
});

test('a ledger that does not answer at the deadline ends what waits as lost', async () => {
  const clock = new ManualClock();
  const ledger = new RiggedLedger({ clock });
  const { signedIn, until } = await start({ clock, options: { ledger, idleTimeout: IDLE, warnBefore: 20 } });
  const browser = await signedIn();
  await browser.post('/job').send(job('one')).expect(201);
  ledger.read = () => {
    throw new Error('away');
  };
  clock.advance(IDLE);
  expect(await until(1)).toEqual([['one', 'lost']]);
});

test('in report mode, only what somebody has revoked ends', async () => {
  const { signedIn, clock, told, service, events } = await start({
    options: { mode: 'report', idleTimeout: IDLE, warnBefore: 20 },
  });
  const [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
  await alice.post('/job').send(job('of alice')).expect(201);
  await bob.post('/job').send(job('of bob')).expect(201);
  clock.advance(HOUR);
  await aWhile();
  await alice.post('/sign-in-again').send({ user: 'alice' }).expect(201);
  expect(told).toEqual([]);
  await service.end(events.find(({ user }) => user === 'bob')?.session as string);
  expect(told).toEqual([['of bob', 'revoked']]);
});

describe('the request of a WebSocket handshake, which has no response', () => {
  const SECRET = 'test';

  async function handshakes(given: AppOptions = {}) {
    const store = new MemoryStore();
    const options = { secret: SECRET, resave: false, saveUninitialized: false, store };
    const started = await start({ ...given, session: options });
    const ours = started.app.get(SessionTimeoutMiddleware).use;
    const signIn = async () => sessionCookie(await started.request.post('/login').send({ user: 'alice' }).expect(201));
    const handshake = async (cookie?: string, ...more: Parameters<typeof throughMiddleware>[1][]) => {
      const req = handshakeRequest(cookie);
      await throughMiddleware(req, session(options), ...more);
      return req;
    };
    return { ...started, ours, signIn, handshake };
  }

  test('has a status', async () => {
    const { service, signIn, handshake, clock } = await handshakes();
    const cookie = await signIn();
    clock.advance(5 * MINUTE);
    const req = await handshake(cookie);
    expect(await service.status(req)).toMatchObject({ state: 'active', expiresIn: 10 * MINUTE });
    expect(await service.status(await handshake())).toEqual({ state: 'anonymous' });
  });

  test('is judged by the middleware', async () => {
    const { ours, signIn, handshake, clock, events } = await handshakes();
    const cookie = await signIn();
    const alive = await handshake(cookie, ours);
    expect(alive.session.user).toBe('alice');
    clock.advance(HOUR);
    const late = await handshake(cookie, ours);
    expect(late.session.user).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'expired', reason: 'idle', user: 'alice' });
  });

  test('45 minutes after the end is nobody’s', async () => {
    const { service, signIn, handshake, clock } = await handshakes();
    const cookie = await signIn();
    clock.advance(HOUR);
    const req = await handshake(cookie);
    expect(await service.status(req)).toMatchObject({ state: 'expired', reason: 'idle' });
    expect(req.session.user).toBeUndefined();
  });

  test('is judged as of now, even if nobody has asked for an hour', async () => {
    const { service, signIn, handshake, clock } = await handshakes();
    const [asked, used] = [await handshake(await signIn()), await handshake(await signIn())];
    clock.advance(HOUR);
    expect(await service.status(asked)).toMatchObject({ state: 'expired', reason: 'idle' });
    expect(asked.session.user).toBeUndefined();
    await service.touch(used).catch(() => undefined);
    expect(await service.status(used)).toMatchObject({ state: 'expired', reason: 'idle' });
  });

  test('is no activity, and touch() makes it one', async () => {
    const { service, signIn, handshake, request, clock } = await handshakes();
    const cookie = await signIn();
    clock.advance(10 * MINUTE);
    const req = await handshake(cookie);
    expect(await service.status(req)).toMatchObject({ idleFor: 10 * MINUTE });
    await service.touch(req);
    clock.advance(14 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
  });

  test('has the status of now, whatever happened since', async () => {
    const { service, signIn, handshake, request, clock } = await handshakes();
    const cookie = await signIn();
    const req = await handshake(cookie);
    await service.status(req);
    clock.advance(10 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(200);
    clock.advance(10 * MINUTE);
    expect(await service.status(req)).toMatchObject({ state: 'active', idleFor: 10 * MINUTE });
    await request.post('/logout').set('cookie', cookie).expect(201);
    expect(await service.status(req)).toMatchObject({ state: 'expired', reason: 'signed-out' });
    await service.touch(req);
    expect(await service.status(req)).toMatchObject({ state: 'expired', reason: 'signed-out' });
  });

  test('keeps its session under a new id, if its end is waited for', async () => {
    const { service, signIn, handshake, request, clock } = await handshakes();
    const req = await handshake(await signIn());
    const reasons: Reason[] = [];
    await service.status(req);
    service.onEnd(req, (reason) => reasons.push(reason));
    const renewed = await request
      .post('/renew')
      .set('cookie', req.headers.cookie as string)
      .expect(201);
    expect(await service.status(req)).toMatchObject({ state: 'active' });
    clock.advance(10 * MINUTE);
    await service.touch(req);
    clock.advance(10 * MINUTE);
    await request.get('/me').set('cookie', sessionCookie(renewed)).expect(200, { user: 'alice' });
    expect(await service.end(req)).toBe(true);
    expect(reasons).toEqual(['signed-out']);
    await request.get('/me').set('cookie', sessionCookie(renewed)).expect(401);
  });

  test('is as fresh as its session is now, and not fresh after the end', async () => {
    const { service, signIn, handshake, request, clock } = await handshakes();
    const req = await handshake(await signIn());
    service.onEnd(req, () => undefined);
    await service.status(req);
    clock.advance(10 * MINUTE);
    expect(await service.isFresh(req, '5m')).toBe(false);
    const renewed = await request
      .post('/renew')
      .set('cookie', req.headers.cookie as string)
      .expect(201);
    expect(await service.isFresh(req, '5m')).toBe(true);
    expect(await service.status(req)).toMatchObject({ authAge: 0 });
    await request.post('/logout').set('cookie', sessionCookie(renewed)).expect(201);
    expect(await service.isFresh(req, '5m')).toBe(false);
  });

  test('is as fresh as the data of its session says now, although it has the data of before', async () => {
    const { service, signIn, handshake, request, clock } = await handshakes({
      options: {
        authenticatedAt: ({ provedAt }) => (provedAt === undefined ? undefined : new Date(provedAt as number)),
      },
    });
    const prove = async (cookie: string) => {
      const proof = { provedAt: clock.now() };
      return sessionCookie(await request.post('/renew').set('cookie', cookie).send(proof).expect(201));
    };
    const cookie = await prove(await signIn());
    const req = await handshake(cookie);
    service.onEnd(req, () => undefined);
    expect(await service.isFresh(req, '5m')).toBe(true);
    clock.advance(10 * MINUTE);
    expect(await service.isFresh(req, '5m')).toBe(false);
    await prove(cookie);
    expect(await service.isFresh(req, '5m')).toBe(true);
    expect(await service.status(req)).toMatchObject({ authAge: 0 });
    clock.advance(5 * MINUTE);
    expect(await service.isFresh(req, '5m')).toBe(false);
  });

  test('is judged before its end is waited for', async () => {
    const { service, signIn, handshake, events } = await handshakes();
    const [req, stopped] = [await handshake(await signIn()), await handshake(await signIn())];
    const reasons: Reason[] = [];
    service.onEnd(req, (reason) => reasons.push(reason));
    service.onEnd(stopped, () => reasons.push('lost'))();
    await service.status(req);
    for (const { session } of events) await service.end(session as string);
    expect(reasons).toEqual(['revoked']);
  });

  test('whose listener fails while the ledger is away goes on, and so does the process', async () => {
    const lines: string[] = [];
    const ledger = new RiggedLedger();
    const { service, signIn, handshake } = await handshakes({ options: { ledger }, logger: collector(lines) });
    const req = await handshake(await signIn());
    ledger.read = () => {
      throw new Error('away');
    };
    service.onEnd(req, (reason) => {
      throw new Error(`ended as ${reason}`);
    });
    await passed(20);
    expect(lines.join('\n')).toContain('A listener of onEnd() failed');
  });

  test('can end its session', async () => {
    const { service, signIn, handshake, request, store } = await handshakes();
    const cookie = await signIn();
    const req = await handshake(cookie);
    expect(await service.end(req)).toBe(true);
    expect(await service.end(req)).toBe(false);
    expect(store.sessions).toEqual({});
    await request
      .get('/me')
      .set('cookie', cookie)
      .expect(401, /signed-out/);
  });

  test('cannot be renewed, and the error says why', async () => {
    const { service, signIn, handshake } = await handshakes();
    const req = await handshake(await signIn());
    await expect(service.renew(req)).rejects.toThrow('renew(req) needs a response that carries the new cookie');
  });

  test('is explained to nobody with `debug`', async () => {
    const { service, signIn, handshake } = await handshakes({ options: { debug: true } });
    expect(await service.status(await handshake(await signIn()))).toMatchObject({ state: 'active' });
  });

  test('gets 503 while the ledger is away, and does not count as activity then', async () => {
    const clock = new ManualClock();
    const ledger = new RiggedLedger({ clock });
    const { ours, signIn, handshake, request } = await handshakes({ clock, options: { ledger } });
    const cookie = await signIn();
    clock.advance(10 * MINUTE);
    const { read } = ledger;
    ledger.read = () => {
      throw new Error('away');
    };
    await expect(handshake(cookie, ours)).rejects.toMatchObject({ status: 503 });
    ledger.read = read;
    clock.advance(5 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(401, /idle/);
  });
});
