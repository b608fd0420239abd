import { Controller, Get, Post, Req, Sse } from '@nestjs/common';
import { jest } from '@jest/globals';
import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import { NEVER } from 'rxjs';
import { type ActivityLedger, MemoryLedger, SessionTimeoutService } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { decodePingReply } from '../../src/wire/ping-reply.js';
import { type AppOptions, MINUTE, HOUR, PagesController, startApp, stopApps } from '../support/app.js';
import { sessionCookie, setCookies } from '../support/cookies.js';
import { openStream } from '../support/event-stream.js';
import { Gate } from '../support/gate.js';
import { SharedLedger } from '../support/shared-ledger.js';

afterEach(stopApps);

/** Where the export waits. */
let gate = new Gate();
beforeEach(() => (gate = new Gate()));

@Controller()
class OtherController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('visit')
  visit(@Req() req: Request) {
    req.session['basket'] = 1;
    return {};
  }

  @Post('careless-login')
  login(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }

  @Post('renewing')
  async renewing(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }

  @Get('export')
  async export() {
    await gate.pass();
    return {};
  }

  @Sse('live')
  live() {
    return NEVER;
  }
}

/** Starts an application in report mode. */
async function start(given: AppOptions = {}) {
  const lines: string[] = [];
  const log = (line: unknown) => void lines.push(String(line));
  const app = await startApp({
    controllers: [PagesController, OtherController],
    logger: { log, warn: log, error: log },
    ...given,
    options: { mode: 'report', ...given.options },
  });
  const told = () => app.events.filter(({ type }) => type === 'would-have-expired');
  return { ...app, told, lines: (part: string) => lines.filter((line) => line.includes(part)) };
}

describe.each<[string, (clock: ManualClock) => ActivityLedger]>([
  ['in memory', (clock) => new MemoryLedger({ clock })],
  ['that instances share', (clock) => new SharedLedger({ clock })],
])('report mode, with a ledger %s,', (_kind, newLedger) => {
  const begin = (given: AppOptions = {}) => {
    const clock = new ManualClock();
    return start({ clock, ...given, options: { ledger: newLedger(clock), ...given.options } });
  };

  test('tells of a session that would have expired, and touches nothing of it', async () => {
    const { signedIn, clock, told, lines, events, store } = await begin({ options: { redirectTo: '/login' } });
    const browser = await signedIn();
    const rows = { ...store.sessions };
    const at = clock.now() + 15 * MINUTE;
    clock.advance(15 * MINUTE);
    const { headers } = await browser.get('/me').set('Sec-Fetch-Mode', 'navigate').expect(200, { user: 'alice' });
    const session = events[0]?.session;
    expect(told()).toEqual([{ type: 'would-have-expired', session, user: 'alice', reason: 'idle', at }]);
    expect(lines('expired')).toEqual([`Session ${session} would have expired (idle)`]);
    expect(events.map(({ type }) => type)).toEqual(['started', 'would-have-expired']);
    expect(headers).not.toHaveProperty('set-cookie');
    expect(headers).not.toHaveProperty('server-timing');
    expect(store.sessions).toEqual(rows);
    expect(JSON.stringify(rows)).not.toContain('nestjs');
  });

  test('tells of a session once, also if it becomes active and idle again, and however many requests come', async () => {
    const { signedIn, clock, told } = await begin();
    const browser = await signedIn();
    for (let time = 0; time < 60; time += 1) {
      clock.advance(15 * MINUTE);
      const answers = await Promise.all([browser.get('/feed'), browser.get('/me'), browser.get('/session/ping')]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    }
    expect(told()).toHaveLength(1);
  });

  test('tells of a session that would have expired during a long request, and does not end it', async () => {
    const onExpired = jest.fn<() => void>();
    const { signedIn, clock, told, events } = await begin({ options: { onExpired } });
    const browser = await signedIn();
    const answer = browser.get('/export').then((response) => response);
    await gate.hasArrived();
    clock.advance(16 * MINUTE);
    gate.open();
    expect((await answer).status).toBe(200);
    await browser.get('/me').expect(200, { user: 'alice' });
    expect(told()).toMatchObject([{ reason: 'idle' }]);
    expect(events.map(({ type }) => type)).toEqual(['started', 'would-have-expired']);
    expect(onExpired).not.toHaveBeenCalled();
  });

  test('goes on to record activity', async () => {
    const { signedIn, clock, told } = await begin();
    const browser = await signedIn();
    for (let time = 0; time < 71; time += 1) {
      clock.advance(10 * MINUTE);
      await browser.get('/me').expect(200);
    }
    expect(told()).toEqual([]);
    clock.advance(10 * MINUTE);
    await browser.get('/me').expect(200);
    expect(told()).toMatchObject([{ reason: 'absolute' }]);
  });

  test('counts from a sign-in under an id that was known before, which it leaves as it is and logs', async () => {
    const { browser, clock, told, lines, store } = await begin();
    const visitor = browser();
    await visitor.post('/visit').expect(201);
    const ids = Object.keys(store.sessions);
    const { headers } = await visitor.post('/careless-login').send({ user: 'alice' }).expect(201);
    expect(headers).not.toHaveProperty('set-cookie');
    expect(Object.keys(store.sessions)).toEqual(ids);
    expect(lines('session fixation')).toHaveLength(1);
    clock.advance(15 * MINUTE);
    await visitor.get('/me').expect(200, { user: 'alice' });
    expect(told()).toMatchObject([{ user: 'alice', reason: 'idle' }]);
  });

  test('lets a session pass from one user to another', async () => {
    const { browser, clock, told, events } = await begin();
    const shared = browser();
    await shared.post('/careless-login').send({ user: 'alice' }).expect(201);
    clock.advance(10 * MINUTE);
    await shared.post('/careless-login').send({ user: 'bob' }).expect(201);
    clock.advance(10 * MINUTE);
    await shared.get('/me').expect(200, { user: 'bob' });
    expect(told()).toEqual([]);
    expect(events.filter(({ type }) => type === 'ended')).toEqual([]);
  });

  test('records a sign-out of the application, and has no part in what becomes of the session then', async () => {
    const { signedIn, events, store } = await begin();
    const browser = await signedIn();
    const rows = { ...store.sessions };
    const { headers } = await browser.post('/logout').expect(201);
    expect(setCookies({ headers } as never)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'signed-out' });
    // A slow request writes the row back.
    Object.assign(store.sessions, rows);
    await browser.get('/me').expect(200, { user: 'alice' });
    expect(store.sessions).toEqual(rows);
  });

  test('renews and revokes sessions, as the application asks for it', async () => {
    const { signedIn, service, events, store } = await begin();
    const browser = await signedIn();
    const [id] = Object.keys(store.sessions);
    await browser.post('/renewing').expect(201);
    expect(Object.keys(store.sessions)).toEqual([expect.not.stringMatching(id as string)]);
    await browser.get('/me').expect(200, { user: 'alice' });
    const { session } = events.at(-1) as { session: string };
    await expect(service.end(session)).resolves.toBe(true);
    await browser.get('/me').expect(200, { user: null });
    expect(store.sessions).toEqual({});
  });

  test('answers a ping with a session that nothing ends', async () => {
    const { signedIn, clock } = await begin();
    const browser = await signedIn();
    for (const idleFor of [14.5 * MINUTE, 16 * MINUTE, 13 * HOUR]) {
      clock.advance(idleFor);
      const { body } = await browser.get('/session/ping').expect(200);
      expect(body).toMatchObject({ state: 'active', expiresIn: null, idleLeft: null, absoluteLeft: null });
      expect(body).toMatchObject({ idleTimeout: 900, absoluteTimeout: 43_200, session: expect.any(String) });
      expect(decodePingReply(body)).toBeDefined();
      await browser.get('/me').expect(200);
    }
  });
});

test('several instances that share a ledger tell of a session once', async () => {
  const clock = new ManualClock();
  const store = new MemoryStore();
  const given = { clock, options: { ledger: new SharedLedger({ clock }) }, session: { store } };
  const [one, two] = await Promise.all([start(given), start(given)]);
  const cookie = sessionCookie(await one.request.post('/login').send({ user: 'alice' }).expect(201));
  clock.advance(15 * MINUTE);
  const answers = await Promise.all(
    [one, two, one, two].map(({ request }) => request.get('/me').set('Cookie', cookie).expect(200, { user: 'alice' })),
  );
  expect(answers).toHaveLength(4);
  clock.advance(15 * MINUTE);
  for (const { request } of [two, one]) await request.get('/me').set('Cookie', cookie).expect(200);
  expect([...one.told(), ...two.told()]).toHaveLength(1);
});

test('a session whose record is lost is told of, and goes on with a new one', async () => {
  const clock = new ManualClock();
  const store = new MemoryStore();
  const session = { store };
  const enforcing = await start({ clock, session, options: { mode: 'enforce', ledger: new SharedLedger({ clock }) } });
  const cookie = sessionCookie(await enforcing.request.post('/login').send({ user: 'alice' }).expect(201));
  const {
    request,
    told,
    clock: time,
  } = await start({ clock, session, options: { ledger: new SharedLedger({ clock }) } });
  for (let minute = 0; minute < 3; minute += 1) {
    await request.get('/me').set('Cookie', cookie).expect(200, { user: 'alice' });
    time.advance(MINUTE);
  }
  expect(told()).toMatchObject([{ reason: 'lost', user: 'alice' }]);
});

test('a row that cannot be read stays where it is', async () => {
  const { signedIn, store, told } = await start();
  const browser = await signedIn();
  for (const id of Object.keys(store.sessions)) store.sessions[id] = '{"cookie":';
  const rows = { ...store.sessions };
  await browser.get('/me').expect(200, { user: null });
  expect(store.sessions).toEqual(rows);
  expect(told()).toMatchObject([{ reason: 'lost' }]);
});

test('while the ledger does not answer, requests go on', async () => {
  const ledger = new SharedLedger();
  const { signedIn, lines, store } = await start({ options: { ledger } });
  const browser = await signedIn();
  for (const method of ['read', 'open', 'advance', 'end'] as const) {
    ledger[method] = () => {
      throw new Error('out of order');
    };
  }
  await browser.get('/me').expect(200, { user: 'alice' });
  await browser.post('/login').send({ user: 'bob' }).expect(201);
  await browser.get('/me').expect(200, { user: 'bob' });
  const [id] = Object.keys(store.sessions);
  await browser.post('/renewing').expect(201);
  expect(Object.keys(store.sessions)).toEqual([expect.not.stringMatching(id as string)]);
  await browser.get('/me').expect(200, { user: 'bob' });
  await browser.post('/logout').expect(201);
  expect(lines('sessions are not judged until it answers')).toHaveLength(1);
});

test('an option that throws harms nobody, and is logged', async () => {
  const limitsFor = () => {
    throw new Error('a bug of the application');
  };
  const { signedIn, lines } = await start({ options: { limitsFor } });
  const browser = await signedIn();
  await browser.get('/me').expect(200, { user: 'alice' });
  expect(lines('A session could not be judged').length).toBeGreaterThan(0);
});

test('an event stream goes on when its session ends', async () => {
  const started = await start();
  await started.app.listen(0);
  const cookie = sessionCookie(await started.request.post('/login').send({ user: 'alice' }).expect(201));
  const stream = await openStream(started, '/live', cookie);
  await started.request.post('/logout').set('Cookie', cookie).expect(201);
  await started.request.get('/public').expect(200);
  expect(stream.isOver()).toBe(false);
  stream.leave();
});

test('a warning at startup says that nothing is enforced', async () => {
  const { lines, service } = await start();
  expect(lines('The option "mode" is "report"')).toHaveLength(1);
  expect(service.describePolicy().mode).toBe('report');
  const enforcing = await start({ options: { mode: 'enforce' } });
  expect(enforcing.lines('The option "mode"')).toEqual([]);
});
