import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import { SessionTimeoutService } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type AppOptions, PagesController, startApp, stopApps } from '../support/app.js';
import { cookieAfter, sessionCookie } from '../support/cookies.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';
import { SharedLedger } from '../support/shared-ledger.js';

afterEach(stopApps);

/** Where slow requests wait. */
let slowly: Gate;
beforeEach(() => (slowly = new Gate()));

@Controller()
class AccountController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('renew')
  async renew(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }

  @Post('password')
  async password(@Req() req: Request) {
    return { ended: await this.sessions.endAll(req, { except: req }) };
  }

  @Post('password-and-renew')
  async passwordAndRenew(@Req() req: Request) {
    const [ended] = await Promise.all([this.sessions.endAll(req, { except: req }), this.sessions.renew(req)]);
    return { ended };
  }

  @Post('renew-and-password')
  async renewAndPassword(@Req() req: Request) {
    const [, ended] = await Promise.all([this.sessions.renew(req), this.sessions.endAll(req, { except: req })]);
    return { ended };
  }

  @Post('password-by-user-and-renew')
  async passwordByUserAndRenew(@Req() req: Request) {
    const [ended] = await Promise.all([this.sessions.endAll('alice', { except: req }), this.sessions.renew(req)]);
    return { ended };
  }

  @Post('renew-and-password-by-user')
  async renewAndPasswordByUser(@Req() req: Request) {
    const [, ended] = await Promise.all([this.sessions.renew(req), this.sessions.endAll('alice', { except: req })]);
    return { ended };
  }

  @Post('odd-user')
  async oddUser(@Req() req: Request) {
    await new Promise((done) => req.session.regenerate(done));
    req.session.user = { id: 'alice' } as never;
    return { ended: await this.sessions.endAll(req, { except: req }) };
  }

  @Post('slowly/:what')
  async slowly(@Req() req: Request) {
    await this.sessions.list(req);
    await slowly.pass();
    const end = { everywhere: () => this.sessions.endAll(req), here: () => this.sessions.end(req) };
    return { ended: Number(await end[req.params['what'] as keyof typeof end]()) };
  }

  @Post('look-and-renew')
  async lookAndRenew(@Req() req: Request) {
    const { sessions } = this;
    const [isFresh, list] = await Promise.all([sessions.isFresh(req, '5m'), sessions.list(req), sessions.renew(req)]);
    return { isFresh, sessions: list.length };
  }
}

test('isFresh() and list() know the user, although the session gets a new id meanwhile', async () => {
  const { post } = await start();
  await post('/look-and-renew').expect(201, { isFresh: true, sessions: 2 });
});

/** A store that holds back what it writes. */
class SlowStore extends MemoryStore {
  gate: Gate | undefined;

  override set(...given: Parameters<MemoryStore['set']>) {
    void Promise.resolve(this.gate?.pass()).then(() => super.set(...given));
  }
}

/** A ledger whose lists of sessions are held back, after they were made. */
class SlowLists extends SharedLedger {
  gate: Gate | undefined;

  constructor(clock: ManualClock) {
    super({ clock });
    const { users } = this;
    const ofUser = users.ofUser.bind(users);
    users.ofUser = async (user) => {
      const found = await ofUser(user);
      await this.gate?.pass();
      return found;
    };
  }
}

async function start(options: AppOptions['options'] = {}) {
  const clock = new ManualClock();
  const store = new SlowStore();
  const ledger = new SlowLists(clock);
  const app = await startApp({
    clock,
    controllers: [PagesController, AccountController],
    session: { store },
    options: { ledger, ...options },
  });
  const signIn = async () => sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
  const [mine, others] = [await signIn(), await signIn()];
  const post = (path: string) => app.request.post(path).set('cookie', mine);
  const me = (cookie: string | undefined) => app.request.get('/me').set('cookie', cookie ?? '');
  return { ...app, store, ledger, mine, others, post, me };
}

test('endAll() also ends a session to which another instance gives a new id meanwhile', async () => {
  const { ledger, store, clock, service, mine, others, me } = await start();
  const elsewhere = await startApp({
    clock,
    controllers: [AccountController],
    session: { store },
    options: { ledger },
  });
  ledger.gate = new Gate();
  const ending = service.endAll('alice');
  await ledger.gate.hasArrived();
  const renewed = await elsewhere.request.post('/renew').set('cookie', mine).expect(201);
  ledger.gate.open();
  expect(await ending).toBe(2);
  for (const cookie of [cookieAfter(renewed, mine), others]) await me(cookie).expect(401);
  expect(await service.list('alice')).toEqual([]);
});

test('a user whose id cannot be stored gets an error, and the process goes on', async () => {
  const { request, mine } = await start();
  const { status } = await request.post('/odd-user').set('cookie', mine);
  expect(status).toBe(500);
});

describe.each([
  ['', {}],
  [' (with maxSessions)', { maxSessions: 5 }],
])('endAll() with "except"%s', (_with, options) => {
  test.each([
    '/password-and-renew',
    '/renew-and-password',
    '/password-by-user-and-renew',
    '/renew-and-password-by-user',
  ])('spares the session of the request, although it gets a new id meanwhile (%s)', async (path) => {
    const { post, me, mine, others, service } = await start(options);
    const answer = await post(path).expect(201);
    expect(answer.body).toEqual({ ended: 1 });
    await me(cookieAfter(answer, mine)).expect(200, { user: 'alice' });
    await me(others).expect(401);
    expect(await service.list('alice')).toHaveLength(1);
  });

  test.each([
    ['the request', (app: Awaited<ReturnType<typeof start>>) => app.post('/password').expect(201, { ended: 1 })],
    [
      'a hash',
      async (app: Awaited<ReturnType<typeof start>>, hash: string) =>
        expect(await app.service.endAll('alice', { except: hash })).toBe(1),
    ],
  ])('spares the session, given by %s, to which another request gives a new id', async (_given, endOthers) => {
    const app = await start(options);
    const { post, me, mine, others, store, service, events } = app;
    const hash = (events[0] as { session: string }).session;
    const gate = (store.gate = new Gate());
    const renewing = sent(post('/renew'));
    await gate.hasArrived();
    store.gate = undefined;
    await endOthers(app, hash);
    gate.open();
    const answer = await renewing;
    expect(answer.status).toBe(201);
    await me(cookieAfter(answer, mine)).expect(200, { user: 'alice' });
    await me(others).expect(401);
    expect(await service.list('alice')).toHaveLength(1);
  });
});

describe('two requests that give a session a new id at once', () => {
  /** Ends sessions while both requests wait for the store, and returns the cookies that they leave. */
  async function renewTwice(end: (app: Awaited<ReturnType<typeof start>>, hash: string) => Promise<unknown>) {
    const app = await start();
    const { post, mine, store, events } = app;
    const gate = (store.gate = new Gate());
    const renewing = [sent(post('/renew'))];
    await gate.hasArrived();
    const second = (store.gate = new Gate());
    renewing.push(sent(post('/renew')));
    await second.hasArrived();
    store.gate = undefined;
    const ended = await end(app, (events[0] as { session: string }).session);
    gate.open();
    const first = await renewing[0]!;
    second.open();
    const answers = [first, await renewing[1]!];
    return { ...app, ended, answers, cookies: answers.map((answer) => cookieAfter(answer, mine)) };
  }

  test('leave the session that endAll() spares', async () => {
    const { ended, answers, cookies, me, service } = await renewTwice((app, except) =>
      app.service.endAll('alice', { except }),
    );
    expect(ended).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 401]);
    await me(cookies[0]).expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
  });

  test('do not save it from endAll()', async () => {
    const { answers, service } = await renewTwice((app) => app.service.endAll('alice'));
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(await service.list('alice')).toEqual([]);
  });
});

describe('a session to which another request has given a new id meanwhile', () => {
  test.each([
    ['endAll()', '/slowly/everywhere', 2],
    ['end()', '/slowly/here', 1],
  ])('is signed out by %s', async (_how, path, ended) => {
    const { post, me, mine, others, service } = await start();
    const ending = sent(post(path));
    await slowly.hasArrived();
    const cookie = cookieAfter(await post('/renew').expect(201), mine);
    slowly.open();
    const answer = await ending;
    expect([answer.status, answer.body]).toEqual([201, { ended }]);
    await me(cookie).expect(401);
    expect(await service.list('alice')).toHaveLength(2 - ended);
    await me(others).expect(ended === 2 ? 401 : 200);
  });

  test('is signed out if its user ends all sessions', async () => {
    const { request, post, me, mine, ledger, service } = await start();
    const gate = (ledger.gate = new Gate());
    const asked = request.delete('/session/list?current=true').set('cookie', mine);
    const ending = sent(asked.set({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }));
    await gate.hasArrived();
    const cookie = cookieAfter(await post('/renew').expect(201), mine);
    ledger.gate = undefined;
    gate.open();
    expect((await ending).body).toEqual({ ended: 2 });
    await me(cookie).expect(401);
    expect(await service.list('alice')).toEqual([]);
  });
});

test('endAll() ends a session that has got a new id since its list was made', async () => {
  const { post, me, mine, ledger, service } = await start();
  const gate = (ledger.gate = new Gate());
  const ending = service.endAll('alice');
  await gate.hasArrived();
  const answer = await post('/renew').expect(201);
  ledger.gate = undefined;
  gate.open();
  expect(await ending).toBe(2);
  expect((await me(cookieAfter(answer, mine)).expect(401)).body).toMatchObject({ reason: 'revoked' });
  expect(await service.list('alice')).toEqual([]);
});

test('endAll() spares a sign-in since its list was made', async () => {
  const { request, me, ledger, service } = await start();
  const gate = (ledger.gate = new Gate());
  const ending = service.endAll('alice');
  await gate.hasArrived();
  const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
  ledger.gate = undefined;
  gate.open();
  expect(await ending).toBe(2);
  await me(cookie).expect(200, { user: 'alice' });
});
