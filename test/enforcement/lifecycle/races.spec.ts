import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { MemoryLedger, PassiveRoute, SessionTimeoutService } from '../../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps, type AppOptions } from '../../support/app.js';
import { laterLedger } from '../../support/later-ledger.js';
import { sessionCookie } from '../../support/cookies.js';
import { MARKER } from '../../../src/express-session/marker.js';
import { Gate } from '../../support/gate.js';
import { sent } from '../../support/sent.js';

afterEach(stopApps);

let gate: Gate;

@Controller()
class SlowController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('slow')
  async slow(@Req() req: Request) {
    await gate.pass();
    req.session['note'] = 'written late';
    return {};
  }

  @Post('slow-save')
  @PassiveRoute()
  async slowSave(@Req() req: Request) {
    await gate.pass();
    req.session['note'] = 'written late';
    await new Promise<void>((resolve, reject) => req.session.save((error) => (error ? reject(error) : resolve())));
    return {};
  }

  @Post('plain-login')
  plainLogin(@Req() req: Request) {
    req.session.user = 'alice';
    return {};
  }

  @Post('slow-login')
  async slowLogin(@Req() req: Request) {
    await gate.pass();
    req.session.user = 'bob';
    return {};
  }

  @Post('logout-with-flash')
  async logoutWithFlash(@Req() req: Request) {
    const { sessionStore } = req;
    await new Promise<void>((resolve, reject) => req.session.destroy((error) => (error ? reject(error) : resolve())));
    sessionStore.generate(req);
    req.session['flash'] = 'Goodbye';
    return {};
  }

  @Post('slow-renew')
  async slowRenew(@Req() req: Request) {
    await gate.pass();
    await this.sessions.renew(req);
    return {};
  }

  @Get('slow-by-itself')
  async slowByItself(@Res() res: Response) {
    await gate.pass();
    res.send('done');
  }

  @Get('slow-failure')
  async slowFailure() {
    await gate.pass();
    throw new Error('too late');
  }

  @Get('slow')
  async slowRead() {
    await gate.pass();
    return {};
  }
}

function start(given: AppOptions = {}) {
  gate = new Gate();
  return startApp({ controllers: [PagesController, SlowController], ...given });
}

describe.each([{ resave: false }, { resave: true }])('an ended session with %j', (session) => {
  test.each(['/slow', '/slow-save'])(
    'is not brought back by a slow POST %s that saves after the sign-out',
    async (path) => {
      const { request, store } = await start({ session });
      const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
      const slow = sent(request.post(path).set('cookie', cookie));
      await gate.hasArrived();
      await request.post('/logout').set('cookie', cookie).expect(201);
      gate.open();
      await slow;

      expect(Object.keys(store.sessions)).toEqual([]);
      const { body } = await request.get('/me').set('cookie', cookie).expect(401);
      expect(body).toMatchObject({ reason: 'signed-out' });
    },
  );

  test('is not brought back by a request that began before the limit; that request may finish', async () => {
    const { request, store, clock, events } = await start({ session });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.post('/slow').set('cookie', cookie));
    await gate.hasArrived();
    clock.advance(15 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(401);
    gate.open();
    expect((await slow).status).toBe(201);

    expect(Object.keys(store.sessions)).toEqual([]);
    await request.get('/me').set('cookie', cookie).expect(401);
    expect(events.map(({ type }) => type)).toEqual(['started', 'expired']);
  });

  test('is not brought back by a slow request that saves after a new sign-in', async () => {
    const { request, store } = await start({ session });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.post('/slow').set('cookie', cookie));
    await gate.hasArrived();
    const next = sessionCookie(await request.post('/login').set('cookie', cookie).send({ user: 'alice' }));
    gate.open();
    await slow;

    expect(Object.keys(store.sessions)).toHaveLength(1);
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'replaced' });
    await request.get('/me').set('cookie', next).expect(200, { user: 'alice' });
  });
});

describe('a slow request whose session ended while it ran', () => {
  const session = { rolling: true, cookie: { maxAge: 60 * MINUTE } };

  test.each([
    ['/login', '/slow', 200],
    ['/logout', '/slow', 200],
    ['/login', '/slow-by-itself', 200],
    ['/login', '/slow-failure', 500],
  ])('sends no cookie that would replace the one of %s: %s', async (path, slowPath, status) => {
    const { request, store } = await start({ session });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.get(slowPath).set('cookie', cookie));
    await gate.hasArrived();
    await request.post(path).set('cookie', cookie).send({ user: 'alice' }).expect(201);
    gate.open();
    const late = await slow;
    expect(late.status).toBe(status);
    expect(late.headers).not.toHaveProperty('set-cookie');
    expect(Object.keys(store.sessions)).toHaveLength(path === '/login' ? 1 : 0);
  });

  test('is refused by renew() and sends no cookie if another request has renewed the session', async () => {
    const { request } = await start({ session });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const both = [1, 2].map(() => sent(request.post('/slow-renew').set('cookie', cookie)));
    await gate.hasArrived(2);
    gate.open();
    const answers = (await Promise.all(both)).toSorted((a, b) => a.status - b.status);
    expect(answers.map(({ status }) => status)).toEqual([201, 401]);
    await request
      .get('/me')
      .set('cookie', sessionCookie(answers[0] as never))
      .expect(200, { user: 'alice' });
    expect(answers[1]?.body).toMatchObject({ reason: 'replaced' });
    expect(answers[1]?.headers).not.toHaveProperty('set-cookie');
  });
});

describe('a slow request of a visitor who signs in while it runs', () => {
  const session = { rolling: true, cookie: { maxAge: 60 * MINUTE } };

  test.each([
    ['GET', 200],
    ['POST', 201],
  ])('%s sends no cookie that would replace the one of the sign-in, and stores nothing', async (method, status) => {
    const { request, store } = await start({ session });
    const basket = sessionCookie(await request.post('/note').send({ note: 'tea' }));
    const slow = sent((method === 'GET' ? request.get('/slow') : request.post('/slow')).set('cookie', basket));
    await gate.hasArrived();
    const cookie = sessionCookie(await request.post('/plain-login').set('cookie', basket).expect(201));
    gate.open();
    const late = await slow;
    expect(late.status).toBe(status);
    expect(late.headers).not.toHaveProperty('set-cookie');
    expect(late.headers).not.toHaveProperty('server-timing');
    expect(Object.keys(store.sessions)).toHaveLength(1);
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
  });

  test('may sign in, too', async () => {
    const { request } = await start({ session });
    const basket = sessionCookie(await request.post('/note').send({ note: 'tea' }));
    const slow = sent(request.post('/slow-login').set('cookie', basket));
    await gate.hasArrived();
    await request.post('/plain-login').set('cookie', basket).expect(201);
    gate.open();
    const cookie = sessionCookie((await slow) as never);
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'bob' });
  });
});

test('a session that a handler makes after it has destroyed another one is stored', async () => {
  const { request, store } = await start();
  const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
  const answer = await request.post('/logout-with-flash').set('cookie', cookie).expect(201);
  expect(Object.values(store.sessions)).toEqual([expect.stringContaining('Goodbye')]);
  await request.get('/me').set('cookie', sessionCookie(answer)).expect(200, { user: null });
  const { body } = await request.get('/me').set('cookie', cookie).expect(401);
  expect(body).toMatchObject({ reason: 'signed-out' });
});

describe('parallel requests', () => {
  test('a slow request that ends after newer ones does not set the last activity back', async () => {
    const { request, clock } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.get('/slow').set('cookie', cookie));
    await gate.hasArrived();
    clock.advance(10 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(200);
    gate.open();
    await slow;
    clock.advance(10 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(200);
  });

  test('on an overdue session all get the same answer, and the session expires once', async () => {
    const { request, clock, events } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    clock.advance(15 * MINUTE);
    const parallel = await Promise.all(Array.from({ length: 20 }, () => request.get('/me').set('cookie', cookie)));
    const late = await request.get('/me').set('cookie', cookie);
    for (const { status, body } of [...parallel, late]) {
      expect({ status, reason: body.reason }).toEqual({ status: 401, reason: 'idle' });
    }
    expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
  });

  test('after a sign-in by a handler that answers by itself open one timeline', async () => {
    const { request, store, clock, events } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const [id] = Object.keys(store.sessions) as [string];
    const session = JSON.parse(store.sessions[id] as string);
    delete session[MARKER];
    store.sessions[id] = JSON.stringify(session);
    events.length = 0;

    clock.advance(MINUTE);
    const answers = await Promise.all(Array.from({ length: 10 }, () => request.get('/me').set('cookie', cookie)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(JSON.parse(store.sessions[id] as string)[MARKER]).toEqual(expect.any(String));
    expect(events).toEqual([]);
  });

  test('that are the first of a session begin it once, even if the ledger takes time', async () => {
    const { request, store, events } = await start({ options: { ledger: laterLedger(new MemoryLedger()) } });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const [id] = Object.keys(store.sessions) as [string];
    const { [MARKER]: _marker, ...row } = JSON.parse(store.sessions[id] as string);

    const other = await start({ options: { ledger: laterLedger(new MemoryLedger()) }, session: { store } });
    store.sessions[id] = JSON.stringify(row);
    await Promise.all(Array.from({ length: 5 }, () => other.request.get('/me').set('cookie', cookie).expect(200)));
    expect(events.map(({ type }) => type)).toEqual(['started']);
    expect(other.events.map(({ type }) => type)).toEqual(['started']);
  });

  test('without a row in the store are anonymous, and do not end the session', async () => {
    const { request, store, events } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const rows = { ...store.sessions };
    for (const id of Object.keys(rows)) delete store.sessions[id];
    await request.get('/me').set('cookie', cookie).expect(200, { user: null });
    Object.assign(store.sessions, rows);
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
    expect(events.map(({ type }) => type)).toEqual(['started']);
  });

  test('with a forged cookie are anonymous and change nothing', async () => {
    const { request, store, events } = await start();
    await request.post('/login').send({ user: 'alice' }).expect(201);
    const [id] = Object.keys(store.sessions);
    await request.get('/me').set('cookie', `connect.sid=s%3A${id}.forged`).expect(200, { user: null });
    await request
      .get('/me')
      .set('cookie', `connect.sid=s%3A${'x'.repeat(5000)}.forged`)
      .expect(200, { user: null });
    await request.get('/me').set('cookie', 'connect.sid=garbage').expect(200, { user: null });
    expect(Object.keys(store.sessions)).toEqual([id]);
    expect(events.map(({ type }) => type)).toEqual(['started']);
  });
});
