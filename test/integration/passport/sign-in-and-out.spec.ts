import type { SessionTimeoutOptions } from '../../../src/index.js';
import { HOUR, MINUTE, stopApps } from '../../support/app.js';
import { clearsCookie, hasRow, sessionCookie, setCookies } from '../../support/cookies.js';
import { NOBODY, PASSWORD, passportUser, startPassportApp } from '../support/passport.js';
import { sent } from '../../support/sent.js';
import { timing } from '../../support/timing.js';

afterEach(stopApps);

type Identify = NonNullable<SessionTimeoutOptions['identify']>;

const identifyings: [string, Identify | undefined][] = [
  ['by what passport stores', passportUser],
  ['not at all', undefined],
];

const refused = (reason: string) => ({ status: 401, code: 'SESSION_EXPIRED', reason });
const aliceIsSeen = (note: string | null = null) => ({ user: 'alice', stored: 'alice', note, authenticated: true });

describe.each([{ keepSessionInfo: false }, { keepSessionInfo: true }])('passport with %o', ({ keepSessionInfo }) => {
  describe.each(identifyings)('and users identified %s', (_how, identify) => {
    const known = (user: string) => (identify ? { user } : {});

    async function start(given: Parameters<typeof startPassportApp>[0] = {}) {
      const started = await startPassportApp({ keepSessionInfo, ...given, options: { identify, ...given.options } });
      const signIn = async (user: string, browser = started.browser()) => {
        const answer = await browser.post('/login').send({ username: user, password: PASSWORD }).expect(200, { user });
        return { browser, cookie: sessionCookie(answer), answer };
      };
      const me = (cookie: string) => started.request.get('/me').set('Cookie', cookie);
      return { ...started, signIn, me };
    }

    test('a sign-in begins the timeline before its answer is sent', async () => {
      const { signIn, events, browser: anybody } = await start();
      await anybody().get('/me').expect(200, NOBODY);
      const { browser, answer } = await signIn('alice');
      expect(answer.headers['server-timing']).toEqual(timing('active', 900_000));
      expect(events).toEqual([expect.objectContaining({ type: 'started', ...known('alice') })]);
      await browser.get('/me').expect(200, aliceIsSeen());
      const { body } = await browser.get('/session/ping').expect(200);
      expect(body).toMatchObject({ state: 'active', idleLeft: 900, absoluteLeft: 43_200 });
    });

    test('signing in again restarts both limits, and ends the old id', async () => {
      const { signIn, me, clock, events, store } = await start();
      const first = await signIn('alice');
      await first.browser.post('/note').send({ note: 'kept' }).expect(201);
      clock.advance(10 * MINUTE);
      const second = await signIn('alice', first.browser);
      expect(second.cookie).not.toBe(first.cookie);
      expect(second.answer.headers['server-timing']).toEqual(timing('active', 900_000));

      const { body } = await second.browser.get('/session/ping').expect(200);
      expect(body).toMatchObject({ state: 'active', idleFor: 0, idleLeft: 900, absoluteLeft: 43_200 });
      await second.browser.get('/me').expect(200, aliceIsSeen(keepSessionInfo ? 'kept' : null));

      expect((await me(first.cookie)).body).toMatchObject(refused('replaced'));
      expect(hasRow({ store }, first.cookie)).toBe(false);
      expect(events.map(({ type, reason, user }) => ({ type, reason, user }))).toEqual([
        { type: 'started', user: identify && 'alice', reason: undefined },
        { type: 'ended', reason: 'replaced', user: identify && 'alice' },
        { type: 'started', user: identify && 'alice', reason: undefined },
      ]);
    });

    test('the absolute limit counts from the last sign-in', async () => {
      const { signIn, me, clock } = await start({ options: { idleTimeout: false, absoluteTimeout: '1h' } });
      const { browser } = await signIn('alice');
      clock.advance(59 * MINUTE);
      const { cookie } = await signIn('alice', browser);
      clock.advance(59 * MINUTE);
      await me(cookie).expect(200, aliceIsSeen());
      clock.advance(MINUTE);
      expect((await me(cookie).expect(401)).body).toMatchObject(refused('absolute'));
    });

    test('another user who signs in over the session gets limits of their own', async () => {
      const { signIn, me, clock, events } = await start();
      const alice = await signIn('alice');
      clock.advance(10 * MINUTE);
      const bob = await signIn('bob', alice.browser);
      await bob.browser.get('/me').expect(200, { user: 'bob', stored: 'bob', note: null, authenticated: true });
      const { body } = await bob.browser.get('/session/ping').expect(200);
      expect(body).toMatchObject({ state: 'active', idleLeft: 900, absoluteLeft: 43_200 });
      expect((await me(alice.cookie)).body).toMatchObject(refused('replaced'));
      if (identify) {
        expect(events.map(({ type, user }) => `${type} ${user}`)).toEqual([
          'started alice',
          'ended alice',
          'started bob',
        ]);
      }
    });

    test('nobody sees the user of an ended session', async () => {
      const { signIn, me, clock, events, store, request } = await start({
        options: { redirectTo: '/public' },
      });
      const { cookie } = await signIn('alice');
      clock.advance(15 * MINUTE);
      expect((await request.get('/public').set('Cookie', cookie).expect(200)).body).toEqual(NOBODY);
      expect((await me(cookie)).body).toMatchObject({ ...refused('idle'), loginUrl: '/public?reason=idle' });
      expect(hasRow({ store }, cookie)).toBe(false);
      expect(events.filter(({ type }) => type === 'expired')).toEqual([
        expect.objectContaining({ reason: 'idle', ...known('alice') }),
      ]);
    });

    test('a user can sign in again after an expiry', async () => {
      const { signIn, clock, store } = await start();
      const old = await signIn('alice');
      await old.browser.post('/note').send({ note: 'old' }).expect(201);
      clock.advance(15 * MINUTE);
      const bob = await signIn('bob', old.browser);
      expect(setCookies(bob.answer)).toHaveLength(1);
      await bob.browser.get('/me').expect(200, { user: 'bob', stored: 'bob', note: null, authenticated: true });
      expect(Object.keys(store.sessions)).toHaveLength(1);
    });

    test('req.logout() signs out once and for good', async () => {
      const { signIn, me, events, store, request } = await start();
      const { browser, cookie } = await signIn('alice');
      await browser.post('/logout').expect(204);
      expect(hasRow({ store }, cookie)).toBe(false);

      const refusal = await me(cookie).expect(401);
      expect(refusal.body).toEqual({
        type: 'urn:nestjs-session-timeout:session-expired:signed-out',
        title: 'Session expired',
        status: 401,
        detail: 'You have signed out.',
        code: 'SESSION_EXPIRED',
        reason: 'signed-out',
      });
      expect(refusal.headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'www-authenticate': 'Session error="expired", reason="signed-out"',
        'cache-control': 'private, no-cache',
        'server-timing': timing('expired-signed-out', 0),
      });
      // Without identify, what is kept of the session is a session that is alive. The browser has just got its cookie.
      expect(clearsCookie(refusal)).toBe(!keepSessionInfo || identify !== undefined);
      const { body } = await request.get('/session/ping').set('Cookie', cookie).expect(200);
      expect(body).toMatchObject({ state: 'expired', reason: 'signed-out' });
      expect(events.filter(({ type }) => type === 'ended' || type === 'expired')).toEqual([
        expect.objectContaining({ type: 'ended', reason: 'signed-out', ...known('alice') }),
      ]);
      await browser.get('/me').expect(200, NOBODY);
    });

    test('two sign-outs at the same time count as one', async () => {
      const { signIn, request, events } = await start();
      const { cookie } = await signIn('alice');
      await Promise.all([1, 2, 3].map(() => request.post('/logout').set('Cookie', cookie)));
      expect(events.filter(({ type }) => type === 'ended')).toEqual([
        expect.objectContaining({ reason: 'signed-out', ...known('alice') }),
      ]);
    });

    test('a user can sign in again after signing out', async () => {
      const { signIn } = await start();
      const { browser } = await signIn('alice');
      await browser.post('/logout').expect(204);
      await signIn('bob', browser);
      await browser.get('/me').expect(200, { user: 'bob', stored: 'bob', note: null, authenticated: true });
    });

    describe.each([{ resave: false }, { resave: true }])('and session(%o)', ({ resave }) => {
      test.each(['/slow', '/slow-read'])('a late answer of %s brings nothing back after sign-out', async (path) => {
        const { signIn, me, gate, request, store } = await start({ session: { resave } });
        const { browser, cookie } = await signIn('alice');
        const slow = sent(request.get(path).set('Cookie', cookie));
        await gate.hasArrived();
        await browser.post('/logout').expect(204);
        gate.open();
        const late = await slow;
        expect(late.status).toBe(200);
        expect(setCookies(late)).toEqual([]);
        expect(hasRow({ store }, cookie)).toBe(false);
        expect((await me(cookie).expect(401)).body).toMatchObject(refused('signed-out'));
        await browser.get('/me').expect(200, NOBODY);
      });

      test('a late answer of /slow brings nothing back after a new sign-in', async () => {
        const { signIn, me, gate, request, store } = await start({ session: { resave } });
        const { browser, cookie } = await signIn('alice');
        const slow = sent(request.get('/slow').set('Cookie', cookie));
        await gate.hasArrived();
        await signIn('bob', browser);
        gate.open();
        expect(setCookies(await slow)).toEqual([]);
        expect(hasRow({ store }, cookie)).toBe(false);
        expect((await me(cookie).expect(401)).body).toMatchObject(refused('replaced'));
        await browser.get('/me').expect(200, { user: 'bob', stored: 'bob', note: null, authenticated: true });
      });

      test.each(['/slow', '/slow-read'])('a late answer of %s brings nothing back after an expiry', async (path) => {
        const { signIn, me, gate, request, store, clock, events } = await start({ session: { resave } });
        const { cookie } = await signIn('alice');
        const slow = sent(request.get(path).set('Cookie', cookie));
        await gate.hasArrived();
        clock.advance(HOUR);
        expect((await me(cookie).expect(401)).body).toMatchObject(refused('idle'));
        gate.open();
        expect(setCookies(await slow)).toEqual([]);
        expect(hasRow({ store }, cookie)).toBe(false);
        expect((await me(cookie).expect(401)).body).toMatchObject(refused('idle'));
        expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
      });
    });
  });
});
