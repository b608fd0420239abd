import { Controller, Get, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired, type SessionEvent, SessionTimeoutService } from '../../../src/index.js';
import { type AppOptions, HOUR, MINUTE, PagesController, SECOND, startApp, stopApps } from '../../support/app.js';
import { sessionCookie, sessionIdOf, setCookies } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { sent } from '../../support/sent.js';
import { ManualClock } from '../../../src/testing/index.js';
import { saved } from '../../support/session-calls.js';
import { WatchedLedger } from './support/watched.js';

afterEach(stopApps);

let gate: Gate;

/** Every way in which a session changes its user without regenerate(). */
@Controller()
class ChangesController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('become')
  @AllowExpired()
  become(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }

  @Post('become-saving-twice')
  async becomeSavingTwice(@Req() req: Request) {
    req.session.user = req.body.user;
    req.session.save();
    req.session['more'] = 1;
    await saved(req.session);
    return {};
  }

  @Post('become-without-waiting')
  becomeWithoutWaiting(@Req() req: Request) {
    req.session.user = req.body.user;
    req.session.save();
    return {};
  }

  @Post('become-slowly')
  @AllowExpired()
  async becomeSlowly(@Req() req: Request) {
    await gate.pass();
    req.session.user = req.body.user;
    await saved(req.session);
    return {};
  }

  @Post('leave')
  leave(@Req() req: Request) {
    delete (req.session as Partial<Request['session']>).user;
    return {};
  }

  @Post('leave-empty')
  leaveEmpty(@Req() req: Request) {
    for (const name of Object.keys(req.session)) if (name !== 'cookie') delete req.session[name];
    return {};
  }

  @Post('leave-slowly')
  async leaveSlowly(@Req() req: Request) {
    await gate.pass();
    delete (req.session as Partial<Request['session']>).user;
    await saved(req.session);
    return {};
  }

  @Post('destroy-slowly')
  async destroySlowly(@Req() req: Request) {
    await gate.pass();
    await new Promise<void>((resolve) => req.session.destroy(() => resolve()));
    return {};
  }

  @Post('renew')
  async renew(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }

  @Get('status')
  @AllowExpired()
  status(@Req() req: Request) {
    return this.sessions.status(req);
  }

  @Get('shown')
  shown(@Req() req: Request) {
    return { user: req.session.user ?? null, note: req.session['note'] ?? null };
  }
}

function start(given: AppOptions = {}) {
  gate = new Gate();
  return startApp({ controllers: [PagesController, ChangesController], ...given });
}

const ended = (events: readonly SessionEvent[]) =>
  events.filter(({ type }) => type !== 'started').map(({ type, user, reason }) => [type, user, reason]);

describe('a session that becomes another user’s', () => {
  const options = { idleTimeout: '30m', absoluteTimeout: '1h' } as const;

  test('ends at the absolute limit of the first sign-in, however often it changes hands', async () => {
    const { signedIn, clock } = await start({ options });
    const browser = await signedIn('admin');
    for (let n = 0; n < 11; n += 1) {
      clock.advance(5 * MINUTE);
      await browser
        .post('/become')
        .send({ user: n % 2 ? 'admin' : 'customer' })
        .expect(201);
      await browser.get('/me').expect(200, { user: n % 2 ? 'admin' : 'customer' });
    }
    clock.advance(5 * MINUTE);
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject({ reason: 'absolute' });
  });

  describe.each([
    ['a ledger that answers at once', undefined],
    ['a ledger that takes its time', () => new Promise<void>((resolve) => setImmediate(resolve))],
  ])('with %s', (_name, meanwhile) => {
    async function become(path: string) {
      const clock = new ManualClock();
      const ledger = new WatchedLedger(clock);
      ledger.meanwhile = meanwhile;
      const world = await start({ clock, options: { ...options, ledger } });
      const browser = await world.signedIn('admin');
      clock.advance(29 * MINUTE);
      await browser.post(path).send({ user: 'customer' }).expect(201);
      return { ...world, browser };
    }

    const keepsItsStart = async (path: string) => {
      const { browser, clock } = await become(path);
      await browser.get('/me').expect(200, { user: 'customer' });
      clock.advance(29 * MINUTE);
      await browser.get('/me').expect(200, { user: 'customer' });
      clock.advance(2 * MINUTE);
      const { body } = await browser.get('/me').expect(401);
      expect(body).toMatchObject({ reason: 'absolute' });
    };

    test('keeps its start if the handler saves twice', () => keepsItsStart('/become-saving-twice'));

    test('keeps its start if the handler saves and does not wait', () => keepsItsStart('/become-without-waiting'));

    test.each(['/become-saving-twice', '/become-without-waiting'])(
      'ends and starts once after POST %s',
      async (path) => {
        const { events } = await become(path);
        expect(events.map(({ type, user }) => [type, user])).toEqual([
          ['started', 'admin'],
          ['ended', 'admin'],
          ['started', 'customer'],
        ]);
      },
    );
  });

  test('keeps its start if two requests change it at once; the slower one is refused', async () => {
    const { request, clock, events } = await start({ options });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'admin' }));
    clock.advance(20 * MINUTE);
    const both = ['bob', 'carol'].map((user) =>
      sent(request.post('/become-slowly').set('cookie', cookie).send({ user })),
    );
    await gate.hasArrived(2);
    gate.open();
    const answers = await Promise.all(both);
    const cookies = answers.flatMap((answer) => setCookies(answer).filter((text) => text.startsWith('connect.sid=s')));
    expect(cookies).toHaveLength(1);
    const own = String(cookies[0]).split(';', 1)[0] as string;
    const { body } = await request.get('/me').set('cookie', own).expect(200);
    expect(['bob', 'carol']).toContain(body.user);
    expect(ended(events)).toEqual([['ended', 'admin', 'replaced']]);

    clock.advance(25 * MINUTE);
    await request.get('/me').set('cookie', own).expect(200);
    clock.advance(15 * MINUTE);
    await request.get('/me').set('cookie', own).expect(401);
  });

  test('has a new start after renew()', async () => {
    const { signedIn, clock } = await start({ options });
    const browser = await signedIn('admin');
    clock.advance(25 * MINUTE);
    await browser.post('/become').send({ user: 'customer' }).expect(201);
    await browser.post('/renew').expect(201);
    clock.advance(25 * MINUTE);
    await browser.get('/me').expect(200, { user: 'customer' });
    clock.advance(25 * MINUTE);
    await browser.get('/me').expect(200, { user: 'customer' });
  });

  test('becomes the same user’s again without a change', async () => {
    const { request } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const answer = await request.post('/become').set('cookie', cookie).send({ user: 'alice' }).expect(201);
    expect(setCookies(answer)).toEqual([]);
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
  });
});

describe.each(['/leave', '/leave-empty'])('a user who leaves the session by POST %s', (path) => {
  test('is signed out: the old id ends, and nobody is served under it', async () => {
    const { request, events, store } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    await request.post('/note').set('cookie', cookie).send({ note: 'kept' }).expect(201);
    await request.post(path).set('cookie', cookie).expect(201);
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'signed-out' });
    expect(ended(events)).toEqual([['ended', 'alice', 'signed-out']]);
    expect(store.sessions).not.toHaveProperty(sessionIdOf(cookie));
  });

  test('goes on as a visitor, who has no limits', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    await browser.post('/note').send({ note: 'kept' }).expect(201);
    await browser.post(path).expect(201);
    await browser.get('/shown').expect(200, { user: null, note: path === '/leave' ? 'kept' : null });
    await browser.get('/status').expect(200, { state: 'anonymous' });
    clock.advance(13 * HOUR);
    await browser.get('/shown').expect(200, { user: null, note: path === '/leave' ? 'kept' : null });
  });

  test('signs in again with limits that begin then', async () => {
    const { signedIn, clock, events } = await start({ options: { absoluteTimeout: '1h', idleTimeout: '40m' } });
    const browser = await signedIn();
    clock.advance(35 * MINUTE);
    await browser.post(path).expect(201);
    clock.advance(10 * MINUTE);
    await browser.post('/become').send({ user: 'alice' }).expect(201);
    clock.advance(35 * MINUTE);
    const { body } = await browser.get('/status').expect(200);
    expect(body).toMatchObject({ state: 'active', limit: 'absolute' });
    await browser.get('/me').expect(200, { user: 'alice' });
    clock.advance(25 * MINUTE);
    const { body: over } = await browser.get('/me').expect(401);
    expect(over).toMatchObject({ reason: 'absolute' });
    expect(events.map(({ type }) => type)).toEqual(['started', 'ended', 'started', 'expired']);
  });
});

describe('two sign-ins at once', () => {
  test('in one visitor’s session become two sessions', async () => {
    const { request, events } = await start();
    const planted = sessionCookie(await request.post('/note').send({ note: 'hello' }));
    const both = ['alice', 'bob'].map((user) =>
      sent(request.post('/become-slowly').set('cookie', planted).send({ user })),
    );
    await gate.hasArrived(2);
    gate.open();
    const [alice, bob] = (await Promise.all(both)).map(sessionCookie) as [string, string];
    expect(new Set([alice, bob, planted]).size).toBe(3);
    await request.get('/me').set('cookie', alice).expect(200, { user: 'alice' });
    await request.get('/me').set('cookie', bob).expect(200, { user: 'bob' });
    await request.get('/me').set('cookie', planted).expect(401);
    expect(events.map(({ type, user }) => [type, user]).toSorted()).toEqual([
      ['started', 'alice'],
      ['started', 'bob'],
    ]);
  });
});

describe('a sign-in that begins before the session ends', () => {
  test.each([
    ['a sign-out by destroy()', '/logout'],
    ['a sign-out by delete', '/leave'],
  ])('and saves after %s signs in nobody under the old id', async (_name, path) => {
    const { request, events, store } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.post('/become-slowly').set('cookie', cookie).send({ user: 'bob' }));
    await gate.hasArrived();
    await request.post(path).set('cookie', cookie).expect(201);
    gate.open();
    const answer = await slow;
    expect(setCookies(answer).filter((text) => text.startsWith('connect.sid=s'))).toEqual([]);
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'signed-out' });
    expect(ended(events)).toEqual([['ended', 'alice', 'signed-out']]);
    expect(Object.values(store.sessions).filter((row) => row.includes('bob'))).toEqual([]);
  });

  test('and saves after the idle limit signs in nobody under the old id', async () => {
    const { request, clock, events, store } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.post('/become-slowly').set('cookie', cookie).send({ user: 'bob' }));
    await gate.hasArrived();
    clock.advance(15 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(401);
    gate.open();
    await slow;
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'idle' });
    expect(ended(events)).toEqual([['expired', 'alice', 'idle']]);
    expect(Object.values(store.sessions).filter((row) => row.includes('bob'))).toEqual([]);
  });

  test('and saves after the idle limit, which nobody has seen yet, signs in the new user', async () => {
    const { request, clock, events } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.post('/become-slowly').set('cookie', cookie).send({ user: 'bob' }));
    await gate.hasArrived();
    clock.advance(15 * MINUTE + SECOND);
    gate.open();
    const own = sessionCookie(await slow);
    await request.get('/me').set('cookie', own).expect(200, { user: 'bob' });
    await request.get('/me').set('cookie', cookie).expect(401);
    expect(ended(events)).toEqual([['ended', 'alice', 'replaced']]);
  });
});

describe('a sign-out that begins before a sign-in by another request', () => {
  async function leaveLate(path: string) {
    const { request, ...world } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.post(path).set('cookie', cookie));
    await gate.hasArrived();
    const own = sessionCookie(await request.post('/become').set('cookie', cookie).send({ user: 'bob' }).expect(201));
    gate.open();
    return { ...world, request, cookie, own, late: await slow };
  }

  test.each(['/leave-slowly', '/destroy-slowly'])('by POST %s does not end the new session', async (path) => {
    const { request, cookie, own, events } = await leaveLate(path);
    await request.get('/me').set('cookie', own).expect(200, { user: 'bob' });
    await request.get('/me').set('cookie', cookie).expect(401);
    expect(ended(events)).toEqual([['ended', 'alice', 'replaced']]);
  });

  test.each(['/leave-slowly', '/destroy-slowly'])('by POST %s does not clear its cookie', async (path) => {
    const { late } = await leaveLate(path);
    expect(setCookies(late)).toEqual([]);
  });
});

describe('renew() of a visitor’s session', () => {
  test('gives it a new id and no limits', async () => {
    const { request, clock, events } = await start();
    const before = sessionCookie(await request.post('/note').send({ note: 'hello' }));
    const cookie = sessionCookie(await request.post('/renew').set('cookie', before).expect(201));
    await request.get('/status').set('cookie', cookie).expect(200, { state: 'anonymous' });
    clock.advance(HOUR);
    await request.get('/shown').set('cookie', cookie).expect(200, { user: null, note: 'hello' });
    expect(events).toEqual([]);
  });
});

test('a visitor who came over plain http and signs in over https gets a cookie for https only', async () => {
  const { request } = await start({
    session: { cookie: { secure: 'auto' } },
    setup: (app) => app.set('trust proxy', true),
  });
  const overHttp = await request.post('/note').send({ note: 'before' }).expect(201);
  expect(setCookies(overHttp)[0]).not.toContain('Secure');
  const overHttps = await request
    .post('/become')
    .set({ cookie: sessionCookie(overHttp), 'X-Forwarded-Proto': 'https' })
    .send({ user: 'alice' })
    .expect(201);
  expect(setCookies(overHttps)).toEqual([expect.stringMatching(/^connect\.sid=s.*; Secure/)]);
});
