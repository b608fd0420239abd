import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type supertest from 'supertest';
import {
  type ActivityLedger,
  AllowExpired,
  type ExpiredEvent,
  MemoryLedger,
  PassiveRoute,
  SessionStatus,
  SessionTimeoutService,
} from '../src/index.js';
import { HOUR, MINUTE, PagesController, startApp as start, stopApps, type AppOptions } from './support/app.js';
import { clearsCookie, sessionCookie } from './support/cookies.js';
import { Gate } from './support/gate.js';
import { regenerated } from './support/session-calls.js';

afterEach(stopApps);

/** Where a ledger waits until a session has ended. */
const answers = new Gate();

/** What renewals came to after the answer. */
const late: unknown[] = [];

@Controller()
class ServiceController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('status')
  status(@Req() req: Request) {
    return this.sessions.status(req);
  }

  @Get('parameter')
  @AllowExpired()
  parameter(@SessionStatus() status: SessionStatus, @Res({ passthrough: true }) res: Response) {
    return { parameter: status, locals: res.locals['sessionStatus'] ?? null };
  }

  @Post('touch')
  @PassiveRoute()
  async touch(@Req() req: Request) {
    await this.sessions.touch(req);
    return this.sessions.status(req);
  }

  @Post('touch-and-end')
  @PassiveRoute()
  async touchAndEnd(@Req() req: Request, @Res({ passthrough: true }) res: Response) {
    const touched = this.sessions.touch(req);
    await this.sessions.end(req);
    answers.open();
    await touched;
    return res.locals['sessionStatus'];
  }

  @Post('renew')
  async renew(@Req() req: Request) {
    req.session['note'] = 'kept';
    await this.sessions.renew(req);
    return { note: req.session['note'], status: await this.sessions.status(req) };
  }

  @Post('renew-late')
  async renewLate(@Req() req: Request, @Res() res: Response) {
    res.write('begun');
    const error: unknown = await this.sessions.renew(req).catch((failure: unknown) => failure);
    res.end(String(error));
  }

  @Post('renew-twice')
  async renewTwice(@Req() req: Request) {
    await Promise.all([this.sessions.renew(req), this.sessions.renew(req)]);
    return {};
  }

  @Post('renew-and-end')
  async renewAndEnd(@Req() req: Request) {
    const [, ended] = await Promise.all([this.sessions.renew(req), this.sessions.end(req)]);
    return { ended };
  }

  @Post('end-and-renew')
  async endAndRenew(@Req() req: Request) {
    const [ended] = await Promise.all([this.sessions.end(req), this.sessions.renew(req)]);
    return { ended };
  }

  @Post('renew-without-waiting')
  renewWithoutWaiting(@Req() req: Request, @Res() res: Response) {
    void this.sessions.renew(req);
    res.end();
  }

  @Post('renew-and-regenerate')
  async renewAndRegenerate(@Req() req: Request) {
    const renewed = this.sessions.renew(req);
    await regenerated(req.session);
    req.session.user = 'bob';
    await renewed;
    return {};
  }

  @Post('renew-and-destroy')
  async renewAndDestroy(@Req() req: Request, @Res({ passthrough: true }) res: Response) {
    const renewed = this.sessions.renew(req).catch((error: unknown) => String(error));
    await new Promise((resolve) => req.session.destroy(resolve));
    res.once('finish', () => renewed.then((error) => late.push(error)));
    return {};
  }

  @Post('sign-in-again')
  @AllowExpired()
  async signInAgain(@Req() req: Request) {
    await regenerated(req.session);
    req.session.user = req.body.user;
    if (req.body.renews) await this.sessions.renew(req);
    const [status, isFresh] = [await this.sessions.status(req), await this.sessions.isFresh(req, '1m')];
    return { status, isFresh, list: await this.sessions.list(req) };
  }

  @Post('end-without-waiting')
  endWithoutWaiting(@Req() req: Request, @Res() res: Response) {
    void this.sessions.end(req);
    res.end();
  }

  @Post('sign-in')
  @AllowExpired()
  async signIn(@Req() req: Request) {
    req.session.user = req.body.user;
    await this.sessions.renew(req);
    return this.sessions.status(req);
  }

  @Post('end')
  async end(@Req() req: Request) {
    const ended = await this.sessions.end(req);
    return { ended, again: await this.sessions.end(req), status: await this.sessions.status(req) };
  }
}

const startApp = (given: AppOptions = {}) => start({ controllers: [PagesController, ServiceController], ...given });
const active = {
  state: 'active',
  idleFor: 0,
  expiresIn: 15 * MINUTE,
  idleTimeout: 15 * MINUTE,
  warnBefore: 2 * MINUTE,
};

describe('the status', () => {
  test('is the same from the service, as a parameter and for templates', async () => {
    const { signedIn, request } = await startApp();
    const browser = await signedIn();
    expect((await browser.get('/status')).body).toMatchObject(active);
    const { body } = await browser.get('/parameter');
    expect(body.parameter).toMatchObject(active);
    expect(body.locals).toEqual(body.parameter);
    const anonymous = { state: 'anonymous' };
    expect((await request.get('/parameter')).body).toEqual({ parameter: anonymous, locals: anonymous });
    expect((await request.get('/status')).body).toEqual({ state: 'anonymous' });
  });

  test('tells the reason of an expired session', async () => {
    const { signedIn, clock } = await startApp();
    const browser = await signedIn();
    clock.advance(HOUR);
    expect((await browser.get('/parameter')).body.parameter).toMatchObject({ state: 'expired', reason: 'idle' });
  });
});

describe('touch()', () => {
  test('does not bring back a session that ended before the ledger answered', async () => {
    const ledger: ActivityLedger = new MemoryLedger();
    const { signedIn } = await startApp({ options: { ledger } });
    const browser = await signedIn();
    ledger.advance = () => answers.pass();
    const { body } = await browser.post('/touch-and-end').expect(201);
    expect(body).toMatchObject({ state: 'expired', reason: 'signed-out' });
  });

  test('counts as activity, even from a passive route', async () => {
    const { signedIn, clock } = await startApp();
    const browser = await signedIn();
    clock.advance(10 * MINUTE);
    expect((await browser.post('/touch')).body).toMatchObject(active);
    clock.advance(10 * MINUTE);
    await browser.get('/me').expect(200);
  });

  test('does nothing for an anonymous request', async () => {
    const { request, store } = await startApp();
    await request.post('/touch').expect(201, { state: 'anonymous' });
    expect(store.sessions).toEqual({});
  });
});

describe('renew()', () => {
  test('gives the session a new id, keeps its data and restarts both limits; the old id ends as replaced', async () => {
    const { request, clock, events, store } = await startApp({ options: { absoluteTimeout: '20m' } });
    const old = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    clock.advance(10 * MINUTE);
    const renewed = await request.post('/renew').set('cookie', old).expect(201);
    expect(renewed.body).toMatchObject({ note: 'kept', status: { ...active, absoluteLeft: 20 * MINUTE } });
    expect(renewed.headers['set-cookie']).toHaveLength(1);
    expect(Object.keys(store.sessions)).toHaveLength(1);

    clock.advance(14 * MINUTE);
    await request.get('/me').set('cookie', sessionCookie(renewed)).expect(200, { user: 'alice' });
    const { body } = await request.get('/me').set('cookie', old).expect(401);
    expect(body).toMatchObject({ reason: 'replaced' });
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ['started', undefined],
      ['ended', 'replaced'],
      ['started', undefined],
    ]);
  });

  test('is an error once the headers are out, and the session goes on: the browser would never get the new id', async () => {
    const { signedIn } = await startApp();
    const browser = await signedIn();
    const { text } = await browser.post('/renew-late').expect(201);
    expect(text).toContain('renew(req) needs a response that carries the new cookie');
    await browser.get('/me').expect(200, { user: 'alice' });
  });

  test('twice at once gives one session after the other, and each starts and ends once', async () => {
    const { signedIn, events, store } = await startApp();
    const browser = await signedIn();
    await browser.post('/renew-twice').expect(201);
    await browser.get('/me').expect(200, { user: 'alice' });
    expect(Object.keys(store.sessions)).toHaveLength(1);
    const ofType = (type: string) => events.filter((event) => event.type === type).map(({ session }) => session);
    expect(new Set(ofType('started')).size).toBe(3);
    expect(ofType('started')).toHaveLength(3);
    expect(ofType('ended')).toEqual(ofType('started').slice(0, 2));
  });

  test.each(['/renew-and-end', '/end-and-renew'])('beside a sign-out leaves nobody signed in: %s', async (path) => {
    const { request, store } = await startApp();
    const old = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const answer = await request.post(path).set('cookie', old).expect(201, { ended: true });
    await request.get('/me').set('cookie', old).expect(401);
    for (const cookie of answer.get('set-cookie') ?? []) {
      const { body } = await request.get('/public').set('cookie', cookie);
      expect(body).toMatchObject({ user: null });
    }
    expect(Object.values(store.sessions).filter((row) => row.includes('alice'))).toEqual([]);
  });

  test('beside regenerate() gives one session after the other, and each starts and ends once', async () => {
    const { signedIn, events, store } = await startApp();
    const browser = await signedIn();
    await browser.post('/renew-and-regenerate').expect(201);
    await browser.get('/me').expect(200, { user: 'bob' });
    expect(Object.keys(store.sessions)).toHaveLength(1);
    expect(events.map(({ type, user }) => [type, user])).toEqual([
      ['started', 'alice'],
      ['ended', 'alice'],
      ['started', 'alice'],
      ['ended', 'alice'],
      ['started', 'bob'],
    ]);
  });

  test('beside destroy() signs out: nothing begins', async () => {
    const { request, events, store, service } = await startApp();
    const old = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const answer = await request.post('/renew-and-destroy').set('cookie', old).expect(201);
    expect(clearsCookie(answer)).toBe(true);
    expect((await request.get('/me').set('cookie', old).expect(401)).body).toMatchObject({ reason: 'signed-out' });
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ['started', undefined],
      ['ended', 'signed-out'],
    ]);
    expect(store.sessions).toEqual({});
    expect(await service.list('alice')).toEqual([]);
    expect(late.splice(0)).toEqual(['SessionExpiredException: You have signed out.']);
  });

  test('gives the browser the new id, even if the handler does not wait for it', async () => {
    const { request } = await startApp();
    const old = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const answer = await request.post('/renew-without-waiting').set('cookie', old).expect(201);
    await request.get('/me').set('cookie', sessionCookie(answer)).expect(200, { user: 'alice' });
    await request.get('/me').set('cookie', old).expect(401);
  });

  test('is all that a sign-in needs', async () => {
    const { browser, clock, events } = await startApp();
    const visitor = browser();
    await visitor.post('/note').send({ note: 'before' }).expect(201);
    expect((await visitor.post('/sign-in').send({ user: 'alice' }).expect(201)).body).toMatchObject(active);
    await visitor.get('/me').expect(200, { user: 'alice' });
    clock.advance(15 * MINUTE);
    expect((await visitor.post('/sign-in').send({ user: 'alice' }).expect(201)).body).toMatchObject(active);
    await visitor.get('/me').expect(200, { user: 'alice' });
    expect(events.map(({ type }) => type)).toEqual(['started', 'expired', 'started']);
  });
});

describe.each<[string, (browser: ReturnType<typeof supertest.agent>) => Promise<unknown>]>([
  ['a new browser', async () => undefined],
  ['the browser of a visitor', (browser) => browser.post('/note').send({ note: 'before' }).expect(201)],
  ['the browser of another user', (browser) => browser.post('/login').send({ user: 'alice' }).expect(201)],
])('a sign-in with regenerate() in %s', (_whose, come) => {
  test.each([false, true])('is known to the service at once; renew() comes before: %p', async (renews) => {
    const started = await startApp();
    const browser = started.browser();
    await come(browser);
    started.events.length = 0;
    const { body } = await browser.post('/sign-in-again').send({ user: 'bob', renews }).expect(201);
    expect(body).toMatchObject({ status: active, isFresh: true, list: [{ current: true }] });
    await browser.get('/me').expect(200, { user: 'bob' });
    expect(started.events.filter(({ user }) => user === 'bob').map(({ type }) => type)).toEqual(['started']);
  });
});

describe('end()', () => {
  test('with a request signs its user out, once', async () => {
    const { signedIn, store, events } = await startApp();
    const browser = await signedIn();
    const response = await browser.post('/end').expect(201);
    expect(response.body).toMatchObject({
      ended: true,
      again: false,
      status: { state: 'expired', reason: 'signed-out' },
    });
    expect(response.headers['set-cookie']).toEqual([expect.stringMatching(/^connect\.sid=;/)]);
    expect(store.sessions).toEqual({});
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'signed-out', user: 'alice' });
  });

  test('clears the cookie, even if the handler does not wait for it', async () => {
    const { request } = await startApp();
    const old = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    expect(clearsCookie(await request.post('/end-without-waiting').set('cookie', old).expect(201))).toBe(true);
    await request.get('/me').set('cookie', old).expect(401);
  });

  test('with a hash from an event revokes that session, and its next request is refused', async () => {
    const { signedIn, service, events } = await startApp();
    const browser = await signedIn();
    const { session } = events[0] as { session: string };
    await expect(service.end(session)).resolves.toBe(true);
    await expect(service.end(session)).resolves.toBe(false);
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'revoked', session, user: 'alice' });
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject({ reason: 'revoked' });
  });

  test('refuses an unknown reason', async () => {
    const { service } = await startApp();
    await expect(service.end('hash', 'boredom' as never)).rejects.toThrow(
      'end() takes one of the reasons idle, absolute,',
    );
  });

  test('accepts another reason', async () => {
    const { signedIn, service, events } = await startApp();
    await signedIn();
    await service.end((events[0] as { session: string }).session, 'absolute');
    expect(events.at(-1)).toMatchObject({ type: 'expired', reason: 'absolute' });
  });
});

describe('events', () => {
  test('contain the hash of the session id, the user and the time, but not the id', async () => {
    const { signedIn, store, events, clock } = await startApp();
    await signedIn();
    const [id] = Object.keys(store.sessions) as [string];
    expect(events).toEqual([
      { type: 'started', session: expect.stringMatching(/^[\w-]{43}$/), user: 'alice', at: clock.now() },
    ]);
    expect(JSON.stringify(events)).not.toContain(id);
  });

  test('call onExpired once, and an error that it throws changes no answer', async () => {
    const told: ExpiredEvent[] = [];
    const { signedIn, clock } = await startApp({
      options: {
        onExpired: (event) => {
          told.push(event);
          throw new Error('no mail server');
        },
      },
    });
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    await Promise.all([browser.get('/me').expect(401), browser.get('/me').expect(401)]);
    expect(told).toEqual([
      { type: 'expired', reason: 'idle', user: 'alice', session: expect.any(String), at: clock.now() },
    ]);
  });

  test('call onExpired, which may be asynchronous and reject', async () => {
    const { signedIn, clock } = await startApp({
      options: { onExpired: async () => Promise.reject(new Error('later')) },
    });
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401);
  });
});
