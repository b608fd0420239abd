import { Body, Controller, Get, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryLedger, SessionTimeoutService } from '../../src/index.js';
import { type AppOptions, HOUR, MINUTE, PagesController, SECOND, startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

@Controller()
class PeopleController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('sessions')
  sessions_(@Req() req: Request, @Query('user') user?: string) {
    return this.sessions.list(user ?? req);
  }

  @Get('hash')
  hash(@Req() req: Request) {
    return { hash: this.sessions.hashOf(req) ?? null };
  }

  @Post('renew')
  async renew(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }

  @Post('password')
  async password(@Req() req: Request) {
    return { ended: await this.sessions.endAll(req.session.user as string, { except: req }) };
  }

  @Post('end-all')
  async endAll(@Req() req: Request, @Body() { user, except }: { user?: string; except?: string }) {
    return { ended: await this.sessions.endAll(user ?? req, { except }) };
  }

  @Post('become')
  become(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }
}

const start = ({ options, ...rest }: AppOptions = {}) =>
  startApp({
    controllers: [PagesController, PeopleController],
    options: { idleTimeout: '15m', absoluteTimeout: '12h', ...options },
    ...rest,
  });

/** What a page of this site sends. */
const own = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' };

type Browser = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['signedIn']>>;
const listOf = async (browser: Browser) => (await browser.get('/session/list').set(own).expect(200)).body;
const idsOf = async (browser: Browser): Promise<string[]> =>
  (await listOf(browser)).sessions.map(({ id }: { id: string }) => id);

describe('GET /session/list', () => {
  test('lists the sessions of the user, the oldest first, and no cookie or id of them', async () => {
    const { signedIn, clock } = await start({ options: { maxSessions: 5 } });
    const first = await signedIn();
    clock.advance(MINUTE);
    const second = await signedIn();
    await signedIn('bob');
    clock.advance(10 * SECOND);
    await second.get('/me').expect(200);
    clock.advance(500);
    const { headers, body } = await second.get('/session/list').set(own).expect(200);
    expect(body).toEqual({
      max: 5,
      sessions: [
        { id: expect.any(String), current: false, age: 70.5, idleFor: 70.5, authAge: 70.5, expiresIn: 829.5 },
        { id: expect.any(String), current: true, age: 10.5, idleFor: 0.5, authAge: 10.5, expiresIn: 899.5 },
      ],
    });
    expect(headers['cache-control']).toBe('no-store');
    const { body: own1 } = await first.get('/hash').expect(200);
    const { body: own2 } = await second.get('/hash').expect(200);
    expect(body.sessions.map(({ id }: { id: string }) => id)).toEqual([own1.hash, own2.hash]);
  });

  test('is no activity', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    clock.advance(14 * MINUTE);
    await browser.get('/session/list').set(own).expect(200);
    clock.advance(MINUTE);
    await browser.get('/me').expect(401);
  });

  test('leaves out sessions whose time is over, although nobody has asked for them', async () => {
    const { signedIn, clock } = await start();
    await signedIn();
    clock.advance(14 * MINUTE);
    const browser = await signedIn();
    clock.advance(MINUTE);
    expect((await listOf(browser)).sessions).toHaveLength(1);
  });

  test('shows one entry after renew(), and none after a sign-out', async () => {
    const { signedIn } = await start();
    const first = await signedIn();
    const second = await signedIn();
    await second.post('/renew').expect(201);
    expect((await listOf(first)).sessions).toHaveLength(2);
    await second.post('/logout').expect(201);
    expect((await listOf(first)).sessions).toHaveLength(1);
  });

  test('moves the entry if the session becomes that of somebody else', async () => {
    const { signedIn } = await start();
    const alice = await signedIn('alice');
    const browser = await signedIn('alice');
    await browser.post('/become').send({ user: 'bob' }).expect(201);
    expect((await listOf(alice)).sessions).toHaveLength(1);
    expect((await listOf(browser)).sessions).toMatchObject([{ current: true }]);
  });

  test('is empty for visitors, and makes no session for them', async () => {
    const { browser, store } = await start({ session: { saveUninitialized: true } });
    const { body, headers } = await browser().get('/session/list').set(own).expect(200);
    expect(body).toEqual({ max: null, sessions: [] });
    expect(headers['set-cookie']).toBeUndefined();
    expect(store.sessions).toEqual({});
  });

  test.each([{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'none' }, {}])(
    'refuses those who are no page of this site: %p',
    async (headers) => {
      const { signedIn } = await start();
      const browser = await signedIn();
      const { body } = await browser.get('/session/list').set(headers).expect(403);
      expect(body.sessions).toBeUndefined();
      await browser.delete('/session/list?current=true').set(headers).expect(403);
      await browser.get('/me').expect(200, { user: 'alice' });
    },
  );

  test.each([
    ['is long', 'x'.repeat(8000), 'x'.repeat(100)],
    ['is HTML', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('bounds what an application stores of a device, as of an agent that %s', async (_what, agent, shown) => {
    const { browser } = await start({ options: { describeDevice: (req) => ({ browser: req.get('user-agent') }) } });
    const user = browser();
    await user.post('/login').set('User-Agent', agent).send({}).expect(201);
    const { body, headers } = await user.get('/session/list').set(own).expect(200);
    expect(body.sessions).toMatchObject([{ device: { browser: shown } }]);
    expect(headers['content-type']).toMatch('application/json');
  });

  test('shows no control characters, half characters, or characters that turn the text around', async () => {
    const device = { browser: 'Fire\u0000fox\n\u001b[31m', system: '\u202eswodniW\ud83e', kind: 'fridge' as never };
    const { signedIn } = await start({ options: { describeDevice: () => device } });
    const { sessions } = await listOf(await signedIn());
    expect(sessions[0].device).toEqual({ browser: 'Firefox[31m', system: 'swodniW' });
  });

  test('says that it is not available without the option identify', async () => {
    const { signedIn } = await start({ options: { identify: undefined } });
    const browser = await signedIn();
    const { body } = await browser.get('/session/list').set(own).expect(404);
    expect(body.code).toBe('SESSION_LIST_UNAVAILABLE');
  });
});

describe('DELETE /session/list/:id', () => {
  test('ends another session of the user, once', async () => {
    const { signedIn, events } = await start();
    const phone = await signedIn();
    const laptop = await signedIn();
    const [id] = await idsOf(laptop);
    await laptop.delete(`/session/list/${id}`).set(own).expect(204, '');
    const { body } = await laptop.delete(`/session/list/${id}`).set(own).expect(404);
    expect(body).toEqual({
      title: 'Not Found',
      status: 404,
      detail: 'You have no session with this id.',
      code: 'SESSION_NOT_FOUND',
    });
    const refused = await phone.get('/me').expect(401);
    expect(refused.body.reason).toBe('revoked');
    await laptop.get('/me').expect(200);
    expect(events.filter(({ type }) => type === 'ended')).toMatchObject([
      { reason: 'revoked', user: 'alice', session: id },
    ]);
  });

  test('gives the same answer for the session of somebody else as for none, and the session lives', async () => {
    const { signedIn } = await start();
    const bob = await signedIn('bob');
    const alice = await signedIn('alice');
    const [id] = await idsOf(bob);
    const theirs = await alice.delete(`/session/list/${id}`).set(own).expect(404);
    const none = await alice.delete('/session/list/unknown').set(own).expect(404);
    expect(theirs.body).toEqual(none.body);
    await bob.get('/me').expect(200);
  });

  test('finds no session that is past a limit, and the session ends as such', async () => {
    const { signedIn, clock, events } = await start({ options: { sweepInterval: false } });
    await signedIn();
    const id = events[0]?.type === 'started' ? events[0].session : '';
    clock.advance(HOUR);
    await (await signedIn()).delete(`/session/list/${id}`).set(own).expect(404);
    expect(events.at(-1)).toMatchObject({ type: 'expired', reason: 'idle', session: id });
  });

  test('signs out if it is the session of the request', async () => {
    const { signedIn, store, events } = await start();
    const browser = await signedIn();
    const [id] = await idsOf(browser);
    const { headers } = await browser.delete(`/session/list/${id}`).set(own).expect(204);
    expect(String(headers['set-cookie'])).toMatch(/^connect\.sid=;/);
    expect(store.sessions).toEqual({});
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'signed-out' });
    await browser.get('/me').expect(200, { user: null });
  });

  test.each(['%00', '%0a', 'x'.repeat(300), '..%2f..', '%F0%9F%A6%8A'])('finds no session named %p', async (id) => {
    const { signedIn } = await start();
    const browser = await signedIn();
    await browser.delete(`/session/list/${id}`).set(own).expect(404);
    await browser.get('/me').expect(200);
  });

  test('finds nothing for a visitor', async () => {
    const { browser, signedIn } = await start();
    const user = await signedIn();
    const [id] = await idsOf(user);
    await browser().delete(`/session/list/${id}`).set(own).expect(404);
    await user.get('/me').expect(200);
  });
});

describe('DELETE /session/list', () => {
  test('ends all other sessions', async () => {
    const { signedIn } = await start();
    const others = [await signedIn(), await signedIn()];
    const browser = await signedIn();
    const bob = await signedIn('bob');
    await browser.delete('/session/list').set(own).expect(200, { ended: 2 });
    for (const other of others) expect((await other.get('/me').expect(401)).body.reason).toBe('revoked');
    for (const left of [browser, bob]) await left.get('/me').expect(200);
  });

  test('ends that of the request, too, if it is asked to', async () => {
    const { signedIn } = await start();
    const other = await signedIn();
    const browser = await signedIn();
    const { headers } = await browser.delete('/session/list?current=true').set(own).expect(200, { ended: 2 });
    expect(String(headers['set-cookie'])).toMatch(/^connect\.sid=;/);
    await other.get('/me').expect(401);
  });

  test.each(['simple', 'extended', false, () => ({})])(
    'ends that of the request, too, with the query parser %p of the application',
    async (parser) => {
      const { signedIn } = await start({ setup: (app) => app.set('query parser', parser) });
      const browser = await signedIn();
      await browser.delete('/session/list?current=true').set(own).expect(200, { ended: 1 });
      await browser.get('/me').expect(200, { user: null });
    },
  );

  test.each(['/session/list', '/session/list/x'])(
    'leaves the cookie of a session that has ended (%s)',
    async (path) => {
      const { signedIn, clock } = await start();
      const browser = await signedIn();
      clock.advance(15 * MINUTE);
      const { headers } = await browser.delete(path).set(own);
      expect(headers).not.toHaveProperty('set-cookie');
      expect((await browser.get('/me').expect(401)).body.reason).toBe('idle');
    },
  );

  test.each([{}, { limitsFor: () => ({}) }])(
    'lets sessions that are past a limit end as such, and does not count them (%p)',
    async (more) => {
      const { signedIn, clock, events, service } = await start({ options: { sweepInterval: false, ...more } });
      await signedIn();
      clock.advance(HOUR);
      const browser = await signedIn();
      await browser.delete('/session/list').set(own).expect(200, { ended: 0 });
      await signedIn('bob');
      clock.advance(HOUR);
      expect(await service.endAll('bob')).toBe(0);
      const ends = events.filter(({ type }) => type === 'expired' || type === 'ended');
      expect(ends).toMatchObject([
        { type: 'expired', reason: 'idle', user: 'alice' },
        { type: 'expired', reason: 'idle', user: 'bob' },
      ]);
    },
  );

  test('ends nothing for a visitor', async () => {
    const { browser, signedIn } = await start();
    const user = await signedIn();
    await browser().delete('/session/list?current=true').set(own).expect(200, { ended: 0 });
    await user.get('/me').expect(200);
  });
});

describe('the service', () => {
  test('ends all others after a change of the password', async () => {
    const { signedIn } = await start();
    const other = await signedIn();
    const browser = await signedIn();
    await browser.post('/password').expect(201, { ended: 1 });
    expect((await other.get('/me').expect(401)).body.reason).toBe('revoked');
    await browser.get('/me').expect(200);
  });

  test('lists and ends the sessions of any user by id', async () => {
    const { signedIn, service } = await start();
    const alice = await signedIn('alice');
    const bob = await signedIn('bob');
    const { body } = await alice.get('/sessions?user=bob').expect(200);
    expect(body).toMatchObject([{ current: false, age: 0 }]);
    await alice.post('/end-all').send({ user: 'bob' }).expect(201, { ended: 1 });
    await bob.get('/me').expect(401);
    expect(await service.list('bob')).toEqual([]);
    expect(await service.endAll('bob')).toBe(0);
    await alice.get('/me').expect(200);
  });

  test('ends that of a request with the others, and the answer clears its cookie', async () => {
    const { signedIn } = await start();
    await signedIn();
    const browser = await signedIn();
    const { headers } = await browser.post('/end-all').send({}).expect(201, { ended: 2 });
    expect(String(headers['set-cookie'])).toMatch(/^connect\.sid=;/);
  });

  test('spares another session than that of the request', async () => {
    const { signedIn } = await start();
    const kept = await signedIn();
    const own = await signedIn();
    await signedIn();
    const { body } = await kept.get('/hash').expect(200);
    const { headers } = await own.post('/end-all').send({ except: body.hash }).expect(201, { ended: 2 });
    expect(String(headers['set-cookie'])).toMatch(/^connect\.sid=;/);
    await kept.get('/me').expect(200, { user: 'alice' });
  });

  test('spares a session by its hash', async () => {
    const { signedIn, service } = await start();
    const kept = await signedIn();
    await signedIn();
    const { body } = await kept.get('/hash').expect(200);
    expect(await service.endAll('alice', { except: body.hash, reason: 'signed-out' })).toBe(1);
    await kept.get('/me').expect(200);
  });

  test('knows no hash where no session is', async () => {
    const { service, browser } = await start();
    expect(service.hashOf({} as Request)).toBeUndefined();
    await browser().get('/sessions').expect(200, []);
  });

  test('refuses what is no reason', async () => {
    const { service } = await start();
    await expect(service.endAll('alice', { reason: 'bored' as never })).rejects.toThrow(
      'endAll() takes one of the reasons',
    );
  });

  test('says what it needs', async () => {
    const { service } = await start({ options: { identify: undefined } });
    await expect(service.list('alice')).rejects.toThrow('need the option identify');
    const ledger = new MemoryLedger();
    const plain = {
      shared: false,
      open: ledger.open.bind(ledger),
      read: ledger.read.bind(ledger),
      advance: ledger.advance.bind(ledger),
      end: ledger.end.bind(ledger),
    };
    const { service: other } = await start({ options: { ledger: plain } });
    await expect(other.endAll('alice')).rejects.toThrow('need a ledger that knows the sessions of a user');
  });

  test('lists and ends thousands of sessions of a user, and keeps the ledger free for others', async () => {
    const { ledger, underWay } = slowLedger();
    const limits = { idleTimeout: HOUR, absoluteTimeout: HOUR };
    for (let i = 0; i < 2500; i += 1) ledger.open(`session-${i}`, { user: 'robot', limits, keepFor: HOUR });
    const { service, events } = await start({ options: { ledger, limitsFor: () => ({}) } });
    expect(await service.list('robot')).toHaveLength(2500);
    expect(await service.endAll('robot')).toBe(2500);
    expect(await service.list('robot')).toEqual([]);
    expect(underWay.most).toBeLessThanOrEqual(20);
    expect(events.filter(({ type }) => type !== 'ended')).toEqual([]);
  });

  test('judges each session by its own limits where they differ', async () => {
    const limitsFor = (_req: Request, user?: string) => ({ idleTimeout: user === 'kiosk' ? '1m' : '1h' });
    const { signedIn, service, clock } = await start({ options: { limitsFor } });
    await signedIn('kiosk');
    await signedIn('alice');
    clock.advance(30 * MINUTE);
    expect(await service.list('kiosk')).toEqual([]);
    expect(await service.list('alice')).toMatchObject([{ expiresIn: HOUR / 2 }]);
  });
});

/** A ledger whose judgements and ends take a turn of the event loop, and which counts how many are under way. */
function slowLedger() {
  const ledger = new MemoryLedger();
  const underWay = { now: 0, most: 0 };
  const slow =
    <A extends unknown[], T>(work: (...given: A) => T) =>
    async (...given: A) => {
      underWay.now += 1;
      underWay.most = Math.max(underWay.most, underWay.now);
      await turn();
      underWay.now -= 1;
      return work(...given);
    };
  const { users } = ledger;
  const expire = { value: slow(users.expire.bind(users)) };
  Object.assign(ledger, { end: slow(ledger.end.bind(ledger)), users: Object.create(users, { expire }) });
  return { ledger, underWay };
}
