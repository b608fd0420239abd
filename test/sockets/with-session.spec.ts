import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import type { Request } from 'express';
import session, { MemoryStore } from 'express-session';
import type { AddressInfo } from 'node:net';
import { setTimeout as passed } from 'node:timers/promises';
import type { SessionTimeoutOptions } from '../../src/index.js';
import { withSession } from '../../src/sockets/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { Controller, Post, Req } from '@nestjs/common';
import { jest } from '@jest/globals';
import { SessionTimeoutService } from '../../src/index.js';
import { HOUR, MINUTE, PagesController, startApp, stopApps, type TestApp } from '../support/app.js';
import { eventually } from '../instances/support/binaries.js';
import { sessionCookie, sessionIdOf } from '../support/cookies.js';
import { RiggedLedger } from '../support/rigged-ledger.js';
import { SharedLedger } from '../support/shared-ledger.js';
import { type Client, type Connect, connectIo, connectWs, type IoClient, leaveAll } from './support/clients.js';
import { ChatGateway, LiveGateway } from './support/gateways.js';

afterEach(async () => {
  leaveAll();
  await stopApps();
});

/** Short, as timers run in real time while the clock stands still. */
const IDLE = 80;
const SHORT: SessionTimeoutOptions = { idleTimeout: IDLE, warnBefore: 20, sweepInterval: false };
const aWhile = () => passed(3 * IDLE);
/** How often sockets of tests look for ends elsewhere. */
const CHECK = 30;

@Controller()
class RenewController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('renew')
  renew(@Req() req: Request) {
    return this.sessions.renew(req);
  }
}

const adapters = [
  ['ws', WsAdapter, connectWs],
  ['socket.io, by WebSocket', IoAdapter, connectIo(['websocket'])],
  ['socket.io, by polling', IoAdapter, connectIo(['polling'])],
] as const;

describe.each(adapters)('sockets of %s', (_name, Adapter, connect: Connect) => {
  async function start(
    options: SessionTimeoutOptions = {},
    {
      store = new MemoryStore(),
      clock = new ManualClock(),
      origins = undefined as string[] | undefined,
      cookie = {},
    } = {},
  ) {
    const setup = { secret: 'test', resave: false, saveUninitialized: false, store, cookie };
    const started = await startApp({
      clock,
      options,
      controllers: [PagesController, RenewController],
      providers: [LiveGateway, ChatGateway],
      session: setup,
      setup: (app) =>
        app.useWebSocketAdapter(
          new (withSession(Adapter))(app, { session: session(setup), checkInterval: CHECK, origins }),
        ),
    });
    await started.app.listen(0);
    const { port } = started.app.getHttpServer().address() as AddressInfo;
    const signIn = async (user = 'alice') =>
      sessionCookie(await started.request.post('/login').send({ user }).expect(201));
    const knock = (cookie?: string, more: { path?: string; origin?: string } = {}) =>
      connect({ port, cookie, ...more });
    const open = async (cookie?: string, path?: string): Promise<Client> => {
      const client = await knock(cookie, path === undefined ? {} : { path });
      if (typeof client === 'number') throw new Error(`The handshake was refused with ${client}`);
      return client;
    };
    const hash = (user = 'alice') => started.events.findLast((event) => event.user === user)?.session as string;
    return { ...started, port, store, signIn, knock, open, hash };
  }

  test('open with a session, and without one', async () => {
    const { open, signIn } = await start();
    expect(await (await open(await signIn())).ask('say', 'hello')).toBe('hello');
    expect(await (await open()).ask('say', 'anybody')).toBe('anybody');
  });

  test('are refused with 401 if the session has ended', async () => {
    const { knock, signIn, clock, request } = await start();
    const [late, out] = [await signIn(), await signIn('bob')];
    await request.post('/logout').set('cookie', out).expect(201);
    clock.advance(HOUR);
    expect(await knock(late)).toBe(401);
    // The row is gone, and the cookie names a session that has ended.
    expect(await knock(out)).toBe(401);
  });

  test('are refused with 403 if a page of another origin opens them', async () => {
    const { knock, signIn, port } = await start({}, { origins: ['https://app.example.com', 'capacitor://localhost'] });
    const cookie = await signIn();
    for (const origin of [
      'https://evil.example',
      'null',
      `http://localhost:${port + 1}`,
      'https://app.example.com.evil.example',
    ]) {
      expect(await knock(cookie, { origin })).toBe(403);
    }
    for (const origin of [`http://localhost:${port}`, 'https://app.example.com', 'capacitor://localhost']) {
      expect(typeof (await knock(cookie, { origin }))).not.toBe('number');
    }
  });

  test('are refused with 503 while the ledger does not answer', async () => {
    const clock = new ManualClock();
    const ledger = new RiggedLedger({ clock });
    const { knock, signIn } = await start({ ledger }, { clock });
    const cookie = await signIn();
    ledger.read = () => {
      throw new Error('away');
    };
    expect(await knock(cookie)).toBe(503);
  });

  test('are refused with 503 while the session store does not answer', async () => {
    const store = new MemoryStore();
    const { knock, signIn } = await start({}, { store });
    const cookie = await signIn();
    store.get = (_id, callback) => callback(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    expect(await knock(cookie)).toBe(503);
  });

  test('are refused with 401 if the row of their session cannot be read', async () => {
    const store = new MemoryStore() as MemoryStore & { sessions: Record<string, string> };
    const { knock, signIn } = await start({}, { store });
    const cookie = await signIn();
    for (const id of Object.keys(store.sessions)) store.sessions[id] = '{';
    expect(await knock(cookie)).toBe(401);
  });

  test('are closed at the deadline if nobody does anything', async () => {
    const { open, signIn, clock, events } = await start(SHORT);
    const client = await open(await signIn());
    await aWhile();
    expect(client.isOpen()).toBe(true);
    clock.advance(IDLE);
    expect(await client.closed).toEqual({ code: 1008, reason: 'idle' });
    expect(events.at(-1)).toMatchObject({ type: 'expired', reason: 'idle', user: 'alice' });
  });

  test('are not kept by heartbeats', async () => {
    const { open, signIn, clock } = await start(SHORT);
    const client = await open(await signIn());
    for (let round = 0; round < 4; round += 1) {
      clock.advance(IDLE / 4 - 1);
      await client.ask('beat');
    }
    clock.advance(4);
    expect(await client.closed).toMatchObject({ reason: 'idle' });
  });

  test('are kept by messages that a person sends, and so is the session', async () => {
    const { open, signIn, clock, request } = await start();
    const cookie = await signIn();
    const client = await open(cookie);
    for (let round = 0; round < 3; round += 1) {
      clock.advance(10 * MINUTE);
      await client.ask('say', 'still here');
    }
    clock.advance(10 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
    expect(client.isOpen()).toBe(true);
  });

  test('count all messages of a gateway with @PassiveRoute(false), but those of passive handlers', async () => {
    const { open, signIn, clock, request } = await start();
    const cookie = await signIn();
    const client = await open(cookie, '/chat');
    clock.advance(10 * MINUTE);
    await client.ask('say', 'hello');
    clock.advance(10 * MINUTE);
    await client.ask('typing');
    clock.advance(5 * MINUTE);
    expect((await request.get('/me').set('cookie', cookie).expect(401)).body).toMatchObject({ reason: 'idle' });
  });

  test('cannot bring a session back that is over', async () => {
    const { open, signIn, clock, app } = await start();
    const client = await open(await signIn());
    clock.advance(15 * MINUTE);
    client.send('say', 'too late');
    expect(await client.closed).toMatchObject({ reason: 'idle' });
    expect(app.get(LiveGateway).heard).toEqual([]);
  });

  test.each([
    ['say', false],
    ['touch', false],
    ['say', true],
    ['touch', true],
  ])('keep the row of the session in the store alive by "%s" (with a new id: %p)', async (message, isRenewed) => {
    // The row lives for less than the idle limit, so it is always touched.
    const { open, signIn, request, store } = await start({}, { cookie: { maxAge: 10 * MINUTE } });
    let cookie = await signIn();
    const client = await open(cookie);
    if (isRenewed) cookie = sessionCookie(await request.post('/renew').set('cookie', cookie).expect(201));
    const { sessions } = store as TestApp['store'];
    const id = sessionIdOf(cookie);
    const row = () => JSON.parse(sessions[id] as string) as { cookie: { expires: string } };
    const old = row();
    old.cookie.expires = new Date(Date.now() + MINUTE).toISOString();
    sessions[id] = JSON.stringify(old);
    await client.ask(message, 'still here');
    expect(Date.parse(row().cookie.expires) - Date.now()).toBeGreaterThan(5 * MINUTE);
  });

  test('touch the row of a session with a new id as seldom as that of any other', async () => {
    const store = new MemoryStore();
    const touch = jest.spyOn(store, 'touch');
    const { open, signIn, request } = await start({}, { store });
    const cookie = await signIn();
    const client = await open(cookie);
    await request.post('/renew').set('cookie', cookie).expect(201);
    await client.ask('say', 'hello');
    touch.mockClear();
    for (let round = 0; round < 5; round += 1) await client.ask('say', 'still here');
    expect(touch).not.toHaveBeenCalled();
  });

  test('sign a session with a new id out as a request would', async () => {
    const { open, signIn, request, store } = await start();
    const cookie = await signIn();
    const client = await open(cookie);
    await request.post('/renew').set('cookie', cookie).expect(201);
    client.send('sign out');
    expect(await client.closed).toMatchObject({ reason: 'signed-out' });
    await eventually(() => expect((store as TestApp['store']).sessions).toEqual({}));
  });

  test('are closed at once when the user signs out, and those of others are not', async () => {
    const { open, signIn, request } = await start();
    const cookie = await signIn();
    const [one, two, other] = [await open(cookie), await open(cookie), await open(await signIn('bob'))];
    await request.post('/logout').set('cookie', cookie).expect(201);
    for (const client of [one, two]) expect(await client.closed).toEqual({ code: 1008, reason: 'signed-out' });
    await aWhile();
    expect(other.isOpen()).toBe(true);
  });

  test('are closed within the check interval when the session is ended by another instance', async () => {
    const clock = new ManualClock();
    const [ledger, store] = [new SharedLedger({ clock }), new MemoryStore()];
    const here = await start({ ledger }, { clock, store });
    const elsewhere = await start({ ledger }, { clock, store });
    const cookie = await here.signIn();
    const client = await here.open(cookie);
    await elsewhere.request.get('/me').set('cookie', cookie).expect(200);
    await elsewhere.service.end(here.hash());
    expect(await client.closed).toEqual({ code: 1008, reason: 'revoked' });
  });

  test('ask once for all of one user', async () => {
    const { open, signIn, app } = await start();
    const cookie = await signIn();
    for (let i = 0; i < 10; i += 1) await open(cookie);
    const { ledger } = (app.get(SessionTimeoutService) as unknown as { settings: { ledger: SharedLedger } }).settings;
    await passed(2 * CHECK);
    let reads = 0;
    const { read } = ledger;
    ledger.read = (key) => {
      reads += 1;
      return Reflect.apply(read, ledger, [key]);
    };
    const at = performance.now();
    await passed(10 * CHECK);
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThanOrEqual((performance.now() - at) / CHECK + 1);
  });

  test('follow the session to a new id', async () => {
    const { open, signIn, request } = await start();
    const client = await open(await signIn());
    const renewed = async (cookie: string) =>
      sessionCookie(await request.post('/renew').set('cookie', cookie).expect(201));
    const cookie = await signIn('bob');
    const followed = await open(cookie);
    const second = await renewed(cookie);
    await aWhile();
    expect([client.isOpen(), followed.isOpen()]).toEqual([true, true]);
    expect(await followed.ask('status')).toMatchObject({ state: 'active' });
    await request.post('/logout').set('cookie', second).expect(201);
    expect(await followed.closed).toMatchObject({ reason: 'signed-out' });
    expect(client.isOpen()).toBe(true);
  });

  test('take messages and know their session after a job that waited for its end is done', async () => {
    const { open, signIn, request, clock } = await start();
    const cookie = await signIn();
    const client = await open(cookie);
    await client.ask('job', true);
    expect(await client.ask('say', 'hello')).toBe('hello');
    await request.post('/renew').set('cookie', cookie).expect(201);
    clock.advance(MINUTE);
    expect(await client.ask('say', 'still here')).toBe('still here');
    expect(await client.ask('status')).toMatchObject({ state: 'active', idleFor: 0 });
  });

  test('can begin a job after their session has got a new id', async () => {
    const { open, signIn, request, app } = await start();
    const cookie = await signIn();
    const client = await open(cookie);
    const second = sessionCookie(await request.post('/renew').set('cookie', cookie).expect(201));
    await client.ask('job', false);
    await aWhile();
    const { endedJobs } = app.get(LiveGateway);
    expect(endedJobs).toEqual([]);
    await request.post('/logout').set('cookie', second).expect(201);
    await client.closed;
    expect(endedJobs).toEqual(['signed-out']);
  });

  test('know the status of their session', async () => {
    const { open, signIn, clock } = await start();
    const client = await open(await signIn());
    clock.advance(5 * MINUTE);
    expect(await client.ask('status')).toMatchObject({ state: 'active', expiresIn: 10 * MINUTE });
    await client.ask('say', 'hello');
    expect(await client.ask('status')).toMatchObject({ state: 'active', expiresIn: 15 * MINUTE });
    expect(await (await open()).ask('status')).toEqual({ state: 'anonymous' });
  });

  test('are kept for a minute while the ledger does not answer, and then closed as lost', async () => {
    const clock = new ManualClock();
    const ledger = new RiggedLedger({ clock });
    const { open, signIn } = await start({ ledger, idleTimeout: '1h' }, { clock });
    const client = await open(await signIn());
    await client.ask('status');
    let asked = 0;
    ledger.read = () => {
      asked += 1;
      throw new Error('away');
    };
    await eventually(() => expect(asked).toBeGreaterThan(1));
    clock.advance(MINUTE - 1);
    asked = 0;
    await eventually(() => expect(asked).toBeGreaterThan(1));
    expect(client.isOpen()).toBe(true);
    clock.advance(1);
    expect(await client.closed).toEqual({ code: 1008, reason: 'lost' });
  });

  test('are closed as lost if limitsFor does not answer for a minute', async () => {
    let limitsFor: NonNullable<SessionTimeoutOptions['limitsFor']> = () => undefined;
    const { open, signIn, clock } = await start({ idleTimeout: '1h', limitsFor: (...given) => limitsFor(...given) });
    const client = await open(await signIn());
    await client.ask('status');
    let asked = 0;
    limitsFor = () => {
      asked += 1;
      return new Promise(() => {});
    };
    await eventually(() => expect(asked).toBe(1));
    await passed(1000 + 4 * CHECK);
    clock.advance(MINUTE - 1);
    await passed(1000 + 4 * CHECK);
    expect(client.isOpen()).toBe(true);
    clock.advance(1);
    expect(await client.closed).toEqual({ code: 1008, reason: 'lost' });
  });

  test('survive an answer of limitsFor that comes late', async () => {
    let answer = (_limits: undefined) => {};
    let limitsFor: NonNullable<SessionTimeoutOptions['limitsFor']> = () => undefined;
    const { open, signIn, clock, request } = await start({ limitsFor: (...given) => limitsFor(...given) });
    const cookie = await signIn();
    const client = await open(cookie);
    limitsFor = () => new Promise((resolve) => (answer = resolve));
    await passed(1000 + 4 * CHECK);
    limitsFor = () => undefined;
    answer(undefined);
    await request.get('/me').set('cookie', cookie).expect(200);
    clock.advance(2 * MINUTE);
    await passed(4 * CHECK);
    expect(client.isOpen()).toBe(true);
  });

  test('survive a short outage of the ledger', async () => {
    const clock = new ManualClock();
    const ledger = new RiggedLedger({ clock });
    const { open, signIn } = await start({ ledger }, { clock });
    const client = await open(await signIn());
    const { read } = ledger;
    ledger.read = () => {
      throw new Error('away');
    };
    await passed(4 * CHECK);
    ledger.read = read;
    clock.advance(10 * MINUTE);
    await passed(4 * CHECK);
    expect(client.isOpen()).toBe(true);
  });

  test('in report mode are neither refused nor closed', async () => {
    let limitsFor: NonNullable<SessionTimeoutOptions['limitsFor']> = () => undefined;
    const options = { ...SHORT, mode: 'report', limitsFor: (...given) => limitsFor(...given) } as SessionTimeoutOptions;
    const { open, knock, signIn, clock } = await start(options);
    const cookie = await signIn();
    const client = await open(cookie);
    limitsFor = () => {
      throw new Error('away');
    };
    await aWhile();
    clock.advance(HOUR);
    await aWhile();
    expect(client.isOpen()).toBe(true);
    expect(typeof (await knock(cookie, { origin: 'https://evil.example' }))).not.toBe('number');
  });

  test('of two applications in one process do not mix', async () => {
    const [one, other] = [await start(), await start()];
    const [here, there] = [await one.open(await one.signIn()), await other.open(await other.signIn())];
    await one.service.end(one.hash());
    expect(await here.closed).toMatchObject({ reason: 'revoked' });
    other.clock.advance(10 * MINUTE);
    expect(await there.ask('say', 'hello')).toBe('hello');
    expect(await there.ask('status')).toMatchObject({ idleFor: 0 });
    await one.app.close();
    expect(await there.ask('say', 'hello')).toBe('hello');
  });
});

/** An application with socket.io, on which alice has signed in. */
async function startIo() {
  const setup = { secret: 'test', resave: false, saveUninitialized: false, store: new MemoryStore() };
  const started = await startApp({
    providers: [LiveGateway],
    session: setup,
    setup: (app) => app.useWebSocketAdapter(new (withSession(IoAdapter))(app, { session: session(setup) })),
  });
  await started.app.listen(0);
  const { port } = started.app.getHttpServer().address() as AddressInfo;
  const cookie = sessionCookie(await started.request.post('/login').send({ user: 'alice' }));
  return { ...started, port, cookie };
}

test('a client of socket.io does not connect again and again after the end', async () => {
  const { port, cookie, service, events } = await startIo();
  const client = (await connectIo(['websocket'])({ port, cookie })) as IoClient;
  await service.end(events[0]?.session as string);
  expect(await client.closed).toEqual({ code: 1008, reason: 'revoked' });
  await passed(200);
  expect(client.reconnects()).toBe(0);
});

test('a handshake of socket.io with an empty id is judged like any other', async () => {
  const { request, port, cookie } = await startIo();
  const foreign = { cookie, origin: 'https://evil.example' };
  const polled = await request.get('/live/?EIO=4&transport=polling&sid=').set(foreign);
  const upgraded = await connectWs({ port, path: '/live/?EIO=4&transport=websocket&sid=', ...foreign });
  expect([polled.status, upgraded]).toEqual([403, 403]);
});

test.each([
  [{}, 'the option "session" must be the middleware'],
  [{ session: () => {}, checkInterval: 0 }, 'the option "checkInterval" must be a duration above 0'],
  [{ session: () => {}, origins: ['app.example.com'] }, 'the option "origins" must contain origins like'],
  [{ session: () => {}, origins: ['https://app.example.com/'] }, 'the option "origins" must contain origins like'],
  [{ session: () => {}, origins: ['capacitor://localhost/'] }, 'the option "origins" must contain origins like'],
])('wrong options of an adapter are an error: %j', async (options, message) => {
  const { app } = await startApp();
  expect(() => new (withSession(WsAdapter))(app, options as never)).toThrow(message);
});
