import { HOUR, MINUTE, PagesController, SECOND, startApp, stopApps } from '../../support/app.js';

afterEach(stopApps);

const expiredBody = (reason: string, detail: string) => ({
  type: `urn:nestjs-session-timeout:session-expired:${reason}`,
  title: 'Session expired',
  status: 401,
  detail,
  code: 'SESSION_EXPIRED',
  reason,
});
const inactive = expiredBody('idle', 'You were signed out because you were inactive.');
const tooLong = expiredBody('absolute', 'You were signed out because your session reached its maximum length.');

describe('the idle limit', () => {
  test('ends a session at the limit, not before', async () => {
    const { signedIn, clock } = await startApp();
    const browser = await signedIn();
    clock.advance(15 * MINUTE - 1);
    await browser.get('/me').expect(200, { user: 'alice' });
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401, inactive);
  });

  test('starts again with each request, without end if there is no absolute limit', async () => {
    const { signedIn, clock } = await startApp({ options: { absoluteTimeout: false } });
    const browser = await signedIn();
    for (let i = 0; i < 100; i += 1) {
      clock.advance(14 * MINUTE);
      await browser.get('/me').expect(200);
    }
  });

  test('refuses an ended session once; the next request is anonymous', async () => {
    const { signedIn, clock } = await startApp();
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401);
    await browser.get('/me').expect(200, { user: null });
  });

  test('is off with idleTimeout: false; then only the absolute limit ends a session', async () => {
    const { signedIn, clock } = await startApp({ options: { idleTimeout: false, absoluteTimeout: '1h' } });
    const browser = await signedIn();
    clock.advance(HOUR - 1);
    await browser.get('/me').expect(200);
    clock.advance(1);
    await browser.get('/me').expect(401, tooLong);
  });
});

describe('the absolute limit', () => {
  test('ends a session in spite of activity', async () => {
    const { signedIn, clock } = await startApp({ options: { absoluteTimeout: '1h' } });
    const browser = await signedIn();
    for (let i = 0; i < 5; i += 1) {
      clock.advance(10 * MINUTE);
      await browser.get('/me').expect(200);
    }
    clock.advance(10 * MINUTE);
    await browser.get('/me').expect(401, tooLong);
  });

  test('starts again with a new sign-in', async () => {
    const { signedIn, clock } = await startApp({ options: { absoluteTimeout: '1h', idleTimeout: '50m' } });
    const browser = await signedIn();
    clock.advance(40 * MINUTE);
    await browser.post('/login').send({ user: 'alice' }).expect(201);
    clock.advance(40 * MINUTE);
    await browser.get('/me').expect(200);
  });
});

describe('limitsFor', () => {
  test('is called on each request, so that a changed policy takes effect at once', async () => {
    const asked: unknown[] = [];
    let idleTimeout: string | undefined = '1h';
    const { signedIn, clock } = await startApp({
      options: {
        limitsFor: (_req, user) => {
          asked.push(user);
          return idleTimeout === undefined ? undefined : { idleTimeout };
        },
      },
    });
    const browser = await signedIn('bob');
    expect(asked).toEqual(['bob']);
    clock.advance(50 * MINUTE);
    await browser.get('/me').expect(200);
    expect(asked).toEqual(['bob', 'bob']);

    idleTimeout = undefined;
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401, inactive);
  });

  test('sets the limits that the browser gets, and the warning takes at most half of a session', async () => {
    const { signedIn } = await startApp({ options: { limitsFor: async () => ({ idleTimeout: '1m' }) } });
    const browser = await signedIn();
    const { body } = await browser.get('/session/ping').expect(200);
    expect(body).toMatchObject({ idleTimeout: 60, absoluteTimeout: 43_200, warnBefore: 30, expiresIn: 60 });
  });

  test('that returns nonsense makes the request fail, so that nobody is without limits', async () => {
    const { signedIn, app } = await startApp({
      options: {
        limitsFor: (_req, user) => (user === 'mallory' ? { idleTimeout: false, absoluteTimeout: false } : undefined),
      },
    });
    expect(app).toBeDefined();
    await expect(signedIn('mallory')).rejects.toThrow(/500/);
    await signedIn('alice');
  });
});

describe('the clock', () => {
  test('set back by an hour lengthens no session', async () => {
    const { signedIn, clock } = await startApp();
    const browser = await signedIn();
    clock.advance(10 * MINUTE);
    await browser.get('/feed').expect(200);
    clock.advance(-HOUR);
    await browser.get('/feed').expect(200);
    clock.advance(5 * MINUTE);
    await browser.get('/feed').expect(401, inactive);
  });

  test("in express-session's cookie does not matter: a changed maxAge in the store changes no verdict", async () => {
    const { signedIn, clock, store } = await startApp({ session: { cookie: { maxAge: 10 * HOUR } } });
    const browser = await signedIn();
    for (const id of Object.keys(store.sessions)) {
      const session = JSON.parse(store.sessions[id] as string);
      session.cookie.originalMaxAge = 1000 * HOUR;
      store.sessions[id] = JSON.stringify(session);
    }
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401, inactive);
  });
});

describe('sessions that are not tracked', () => {
  test('are those without a user if identify is given, however old', async () => {
    const { browser, clock, events } = await startApp();
    const visitor = browser();
    await visitor.post('/note').send({ note: 'hello' }).expect(201);
    clock.advance(24 * HOUR);
    await visitor.get('/me').expect(200, { user: null });
    expect(events).toEqual([]);
  });

  test('are only those without data if identify is not given', async () => {
    const { browser, clock, events } = await startApp({ options: { identify: undefined } });
    const visitor = browser();
    await visitor.get('/me').expect(200);
    expect(events).toEqual([]);
    await visitor.post('/note').send({ note: 'hello' }).expect(201);
    expect(events).toMatchObject([{ type: 'started' }]);
    clock.advance(15 * MINUTE);
    await visitor.get('/me').expect(401, inactive);
  });
});

describe('forRoot() with no options at all', () => {
  test('limits sessions to 15 minutes without activity and 12 hours in all', async () => {
    const { SessionTimeoutModule } = await import('../../../src/index.js');
    const { browser } = await startApp({ module: [SessionTimeoutModule.forRoot()], controllers: [PagesController] });
    const visitor = browser();
    await visitor.post('/login').send({ user: 'alice' }).expect(201);
    const { body } = await visitor.get('/session/ping').expect(200);
    expect(body).toMatchObject({ state: 'active', idleTimeout: 900, absoluteTimeout: 43_200, warnBefore: 120 });
    expect(body.expiresIn).toBeGreaterThan(890);
    expect(15 * SECOND).toBeLessThan(body.expiresIn * SECOND);
  });
});
