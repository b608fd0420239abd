import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type NextFunction, type Request, type Response, Router, static as serveStatic } from 'express';
import session from 'express-session';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SessionTimeoutMiddleware } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type AppOptions, byUser, MINUTE, startApp, stopApps } from '../support/app.js';
import { CountingLedger } from '../support/counting-ledger.js';
import { clearsCookie, setCookies } from '../support/cookies.js';
import { timing } from '../support/timing.js';

afterEach(stopApps);

const queues = () =>
  Router()
    .get('/', (req, res) => res.json({ user: req.session?.user ?? null }))
    .post('/note', (req, res) => {
      req.session['note'] = 'kept';
      res.json({ user: req.session?.user ?? null });
    });

async function start(given: AppOptions = {}, mount = mountByHand) {
  const clock = new ManualClock();
  const ledger = new CountingLedger(clock, given.options?.ledgerTimeout ? async (answer) => answer : undefined);
  const asked: unknown[] = [];
  const started = await startApp({
    ...given,
    clock,
    options: {
      ledger,
      limitsFor: (_req, user) => {
        asked.push(user);
        return undefined;
      },
      ...given.options,
    },
    setup: (app) => {
      mount(app);
      app.use('/admin/queues', queues());
      app.use('/files', serveStatic(dirname(fileURLToPath(import.meta.url))));
    },
  });
  const alice = await started.signedIn();
  ledger.reset();
  asked.length = 0;
  return { ...started, ledger, asked, alice };
}

function mountByHand(app: NestExpressApplication): void {
  app.use(app.get(SessionTimeoutMiddleware).use);
}

describe.each([
  ['in memory', undefined],
  ['that is asynchronous', '1s'],
])('routers after the middleware, with a ledger %s', (_what, ledgerTimeout) => {
  const given: AppOptions = { options: { ledgerTimeout } };

  test('see the user; the session is judged once, and the request does not count as activity', async () => {
    const { alice, ledger, asked } = await start(given);
    const { headers } = await alice.get('/admin/queues').expect(200, { user: 'alice' });
    expect(headers['server-timing']).toEqual(timing('active', 900_000));
    expect(asked).toEqual(['alice']);
    expect(ledger.calls).toEqual({ open: 0, read: 1, advance: 0, end: 0 });
  });

  test('let a request go on to a handler, which is judged once and counts as activity once', async () => {
    const { alice, ledger, asked } = await start(given);
    await alice.get('/me').expect(200, { user: 'alice' });
    expect(asked).toEqual(['alice']);
    expect(ledger.calls).toEqual({ open: 0, read: 1, advance: 1, end: 0 });
  });

  test('never see an ended session, and do not clear its cookie', async () => {
    const { alice, clock, store, events } = await start(given);
    clock.advance(15 * MINUTE);
    for (const [path, status, told] of [
      ['/admin/queues', 200, timing('expired-idle', 0)],
      // A shared cache may keep static files.
      ['/files/routers.spec.ts', 200, undefined],
      ['/nowhere', 404, timing('expired-idle', 0)],
    ] as const) {
      const answer = await alice.get(path).expect(status);
      expect(answer.headers['server-timing']).toEqual(told);
      expect(setCookies(answer)).toEqual([]);
    }
    await alice.get('/admin/queues').expect(200, { user: null });
    expect(store.sessions).toEqual({});
    expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
    const refusal = await alice.get('/me').expect(401);
    expect(refusal.body).toMatchObject({ reason: 'idle' });
    expect(clearsCookie(refusal)).toBe(true);
  });

  test('store their data in a fresh session once the old one has ended', async () => {
    const { alice, clock, store } = await start(given);
    clock.advance(15 * MINUTE);
    const answer = await alice.post('/admin/queues/note').expect(200, { user: null });
    expect(setCookies(answer)).toHaveLength(1);
    expect(clearsCookie(answer)).toBe(false);
    expect(Object.values(store.sessions)).toEqual([expect.not.stringContaining('alice')]);
  });
});

test('the middleware, mounted several times, judges a request once', async () => {
  const { alice, asked, ledger } = await start({}, (app) => {
    mountByHand(app);
    mountByHand(app);
  });
  await alice.get('/me').expect(200, { user: 'alice' });
  expect(asked).toEqual(['alice']);
  expect(ledger.calls).toEqual({ open: 0, read: 1, advance: 1, end: 0 });
});

test('the middleware, mounted before express-session, judges the request later', async () => {
  const started = await startApp({ beforeSession: mountByHand, options: { identify: byUser } });
  const alice = await started.signedIn();
  await alice.get('/me').expect(200, { user: 'alice' });
  started.clock.advance(15 * MINUTE);
  expect((await alice.get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
});

test('an error of a router is not changed', async () => {
  const { alice } = await start({}, (app) => {
    mountByHand(app);
    app.use('/broken', (_req: Request, _res: Response, next: NextFunction) =>
      next(Object.assign(new Error('teapot'), { status: 418, statusCode: 418, expose: true })),
    );
  });
  const { headers } = await alice.get('/broken').expect(418);
  expect(headers['server-timing']).toEqual(timing('active', 900_000));
  await alice.get('/me').expect(200);
});

test('the middleware, named by its class in a consumer, takes an ended session off before the next middleware', async () => {
  @Module({})
  class QueuesModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      const mounted = session({ secret: 'inner', name: 'inner', resave: false, saveUninitialized: false });
      const queues = (req: Request, res: Response, next: NextFunction) => {
        if (!req.originalUrl.startsWith('/queues')) return next();
        if (req.method === 'POST') req.session.user = 'alice';
        res.json({ user: req.session.user ?? null });
      };
      consumer.apply(mounted, SessionTimeoutMiddleware, queues).forRoutes('{*path}');
    }
  }
  // express-session outside of the consumer is for another path here.
  const { browser, clock } = await startApp({
    imports: [QueuesModule],
    session: { cookie: { path: '/nowhere' } },
  });
  const alice = browser();
  await alice.post('/queues').expect(200);
  await alice.get('/queues').expect(200, { user: 'alice' });
  clock.advance(15 * MINUTE);
  await alice.get('/queues').expect(200, { user: null });
});
