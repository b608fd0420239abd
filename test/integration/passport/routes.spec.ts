import { Controller, Module, type NestModule, type MiddlewareConsumer, Post, Req } from '@nestjs/common';
import express, { type Request, type Response, Router } from 'express';
import { SessionTimeoutMiddleware } from '../../../src/index.js';
import { MINUTE, stopApps } from '../../support/app.js';
import { clearsCookie, hasRow, sessionCookie, setCookies } from '../../support/cookies.js';
import { NOBODY, PASSWORD, seen, startPassportApp, passportUser } from '../support/passport.js';
import { timing } from '../../support/timing.js';

afterEach(stopApps);

const identify = passportUser;
const alice = { user: 'alice', stored: 'alice', note: null, authenticated: true };

/** Writes down what it sees of each request. */
function witness(log: unknown[]) {
  return (req: Request, _res: Response, next: () => void) => {
    log.push(seen(req));
    next();
  };
}

describe('what runs after our middleware', () => {
  test('middleware of a Nest consumer does not see the user of an ended session', async () => {
    const log: unknown[] = [];
    @Module({})
    class AuditModule implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        consumer.apply(witness(log)).forRoutes('{*splat}');
      }
    }
    const { browser: newBrowser, clock } = await startPassportApp({ imports: [AuditModule], options: { identify } });
    const browser = newBrowser();
    await browser.post('/login').send({ username: 'alice', password: PASSWORD }).expect(200);
    await browser.get('/me').expect(200, alice);
    clock.advance(15 * MINUTE);
    await browser.get('/public').expect(200, NOBODY);
    expect(log).toEqual([NOBODY, alice, NOBODY]);
  });

  test('middleware that main.ts mounts later does not see the user of an ended session', async () => {
    const log: unknown[] = [];
    const {
      browser: newBrowser,
      clock,
      events,
      store,
    } = await startPassportApp({
      options: { identify },
      setup: (app) => {
        app.use(app.get(SessionTimeoutMiddleware).use);
        app.use(witness(log));
        app.use(
          '/queues',
          Router().get('/', (req, res) => res.status(req.isAuthenticated() ? 200 : 403).json(seen(req))),
        );
      },
    });
    const browser = newBrowser();
    const cookie = sessionCookie(
      await browser.post('/login').send({ username: 'alice', password: PASSWORD }).expect(200),
    );
    await browser.get('/queues').expect(200, alice);
    clock.advance(15 * MINUTE);

    const answer = await browser.get('/queues').expect(403, NOBODY);
    expect(answer.headers['server-timing']).toEqual(timing('expired-idle', 0));
    expect(setCookies(answer)).toEqual([]);
    expect(hasRow({ store }, cookie)).toBe(false);
    expect(log).toEqual([NOBODY, alice, NOBODY]);

    const refusal = await browser.get('/me').expect(401);
    expect(refusal.body).toMatchObject({ reason: 'idle' });
    expect(clearsCookie(refusal)).toBe(true);
    expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
  });
});

test('req.logout() signs out, although passport.session() is mounted after our middleware', async () => {
  const { browser: newBrowser, events } = await startPassportApp({
    options: { identify: undefined },
    beforePassport: (app) => app.use(app.get(SessionTimeoutMiddleware).use),
  });
  const browser = newBrowser();
  await browser.post('/login').send({ username: 'alice', password: PASSWORD }).expect(200);
  await browser.get('/me').expect(200, alice);
  await browser.post('/logout').expect(204);
  await browser.get('/me').expect(200, NOBODY);
  expect(events.filter(({ type }) => type === 'ended')).toMatchObject([{ reason: 'signed-out' }]);
});

test('the answer of a passport guard to a wrong password is not changed', async () => {
  const { browser: newBrowser, clock } = await startPassportApp({ options: { identify } });
  const browser = newBrowser();
  const wrong = { message: 'Forbidden resource', error: 'Forbidden', statusCode: 403 };
  await browser.post('/login').send({ username: 'alice', password: 'wrong' }).expect(403, wrong);
  await browser.post('/login').send({ username: 'alice', password: PASSWORD }).expect(200);
  clock.advance(15 * MINUTE);
  await browser.post('/login').send({ username: 'alice', password: 'wrong' }).expect(403, wrong);
  await browser.post('/login').send({ username: 'alice', password: PASSWORD }).expect(200);
  await browser.get('/me').expect(200, alice);
});

describe('other ways to sign in with passport', () => {
  test('passport.authenticate() as middleware of a Nest consumer', async () => {
    const { browser, clock, events } = await startWithLoginBefore();
    const answer = await browser.post('/sign-in').send({ username: 'alice', password: PASSWORD }).expect(201, alice);
    expect(answer.headers['server-timing']).toEqual(timing('active', 900_000));
    clock.advance(15 * MINUTE);
    const again = await browser.post('/sign-in').send({ username: 'alice', password: PASSWORD }).expect(201, alice);
    expect(again.headers['server-timing']).toEqual(timing('active', 900_000));
    await browser.get('/me').expect(200, alice);
    expect(events.map(({ type }) => type)).toEqual(['started', 'expired', 'started']);
  });

  test('a wrong password there gets the answer of passport, and the next page tells the reason', async () => {
    const { browser, clock } = await startWithLoginBefore();
    await browser.post('/sign-in').send({ username: 'alice', password: PASSWORD }).expect(201);
    clock.advance(15 * MINUTE);
    const failed = await browser.post('/sign-in').send({ username: 'alice', password: 'wrong' }).expect(401);
    expect(failed.text).toBe('Unauthorized');
    expect(setCookies(failed)).toEqual([]);
    expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
  });

  test.each([false, true])(
    'an Express route in main.ts, with the middleware mounted by hand before it: %p',
    async (mounted) => {
      const {
        browser: newBrowser,
        clock,
        request,
      } = await startPassportApp({
        keepSessionInfo: true,
        options: { identify },
        setup: (app, passport) => {
          if (mounted) app.use(app.get(SessionTimeoutMiddleware).use);
          app.use(
            '/express-login',
            express.urlencoded({ extended: false }),
            passport.authenticate('local', { keepSessionInfo: true }),
            (req: Request, res: Response) => res.json(seen(req)),
          );
        },
      });
      const browser = newBrowser();
      const first = await browser.post('/express-login').type('form').send({ username: 'alice', password: PASSWORD });
      expect(first.body).toEqual(alice);
      clock.advance(MINUTE);
      await browser.get('/me').expect(200, alice);
      clock.advance(10 * MINUTE);
      await browser.post('/express-login').type('form').send({ username: 'bob', password: PASSWORD }).expect(200);
      clock.advance(10 * MINUTE);
      const { body } = await browser.get('/session/ping').expect(200);
      expect(body).toMatchObject({ state: 'active', idleLeft: 300, absoluteLeft: 42_600 });
      await browser.get('/me').expect(200, { ...alice, user: 'bob', stored: 'bob' });
      const old = await request.get('/me').set('Cookie', sessionCookie(first));
      expect(old.body).toMatchObject({ status: 401, reason: 'replaced' });
      clock.advance(16 * MINUTE);
      await browser
        .post('/express-login')
        .type('form')
        .send({ username: 'alice', password: PASSWORD })
        .expect(200, alice);
      await browser.get('/me').expect(200, alice);
    },
  );
});

/** An application whose sign-in is middleware before its handler. */
async function startWithLoginBefore() {
  const holder: { authenticate?: express.RequestHandler } = {};
  @Controller()
  class SignInController {
    @Post('sign-in')
    signIn(@Req() req: Request) {
      return seen(req);
    }
  }
  @Module({ controllers: [SignInController] })
  class SignInModule implements NestModule {
    configure(consumer: MiddlewareConsumer) {
      consumer
        .apply((req: Request, res: Response, next: () => void) => holder.authenticate?.(req, res, next))
        .forRoutes('sign-in');
    }
  }
  const started = await startPassportApp({ imports: [SignInModule], options: { identify } });
  holder.authenticate = started.passport.authenticate('local') as express.RequestHandler;
  return { ...started, browser: started.browser() };
}
