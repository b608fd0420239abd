import type { RequestHandler } from 'express';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SessionTimeoutMiddleware } from '../../src/index.js';
import { startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

/** Signs users in that another cookie names ("remember me"), before our middleware. */
const remember: RequestHandler = (req, _res, next) => {
  const user = req.headers['x-remembered'];
  if (user && !req.session.user) req.session.user = String(user);
  next();
};

const start = () =>
  startApp({
    options: { maxSessions: 1, whenFull: 'refuse' },
    setup: (app: NestExpressApplication) => app.use(remember),
  });

describe("a remembered user who has no place left, with 'refuse'", () => {
  const REMEMBERED = { 'x-remembered': 'alice' };

  test('gets 403 from routes that need a session, and no cookie', async () => {
    const { signedIn, request } = await start();
    await signedIn();
    const { body, headers } = await request.get('/me').set(REMEMBERED).expect(403);
    expect(body).toMatchObject({ code: 'TOO_MANY_SESSIONS', max: 1 });
    expect(headers['set-cookie']).toBeUndefined();
  });

  test('can use routes with @AllowExpired() like a visitor, and sign in as somebody else', async () => {
    const { signedIn, browser, service } = await start();
    const first = await signedIn();
    const second = browser();
    await second
      .get('/public')
      .set(REMEMBERED)
      .expect(200, { user: null, status: { state: 'anonymous' } });
    await second.post('/login').set(REMEMBERED).send({ user: 'alice' }).expect(403);
    await second.post('/login').set(REMEMBERED).send({ user: 'bob' }).expect(201);
    await second.get('/me').set(REMEMBERED).expect(200, { user: 'bob' });
    await first.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
  });

  test('gets an answer from the ping', async () => {
    const { signedIn, request } = await start();
    await signedIn();
    const { body } = await request.get('/session/ping').set(REMEMBERED).expect(200);
    expect(body).toMatchObject({ state: 'anonymous' });
  });

  test('is signed in as soon as a place is free', async () => {
    const { signedIn, browser } = await start();
    const first = await signedIn();
    const second = browser();
    await second.get('/me').set(REMEMBERED).expect(403);
    await first.post('/logout').expect(201);
    await second.get('/me').set(REMEMBERED).expect(200, { user: 'alice' });
    await second.get('/me').expect(200, { user: 'alice' });
  });

  test('is never seen by routers that the application mounts after our middleware', async () => {
    const seen: unknown[] = [];
    const { signedIn, request } = await startApp({
      options: { maxSessions: 1, whenFull: 'refuse' },
      setup: (app) => {
        app.use(remember);
        app.use(app.get(SessionTimeoutMiddleware).use);
        app.use('/router', ((req, res) => {
          seen.push(req.session.user);
          res.end();
        }) as RequestHandler);
      },
    });
    await signedIn();
    await request.get('/router').set(REMEMBERED).expect(200);
    expect(seen).toEqual([undefined]);
  });

  test('is not seen, either, if a middleware after ours gives them a session of their own', async () => {
    const regenerating: RequestHandler = (req, _res, next) => {
      const user = req.headers['x-remembered'];
      if (!user || req.session.user) return next();
      req.session.regenerate((error: unknown) => {
        req.session.user = String(user);
        next(error);
      });
    };
    const { signedIn, browser, service } = await startApp({
      options: { maxSessions: 1, whenFull: 'refuse' },
      setup: (app) => app.use(app.get(SessionTimeoutMiddleware).use, regenerating),
    });
    const first = await signedIn();
    for (const isVisitor of [false, true]) {
      const second = browser();
      if (isVisitor) await second.post('/note').send({ note: 'before' }).expect(201);
      await second
        .get('/public')
        .set(REMEMBERED)
        .expect(200, { user: null, status: { state: 'anonymous' } });
      await second.get('/me').set(REMEMBERED).expect(403);
    }
    await first.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
    await first.post('/logout').expect(201);
    await browser().get('/me').set(REMEMBERED).expect(200, { user: 'alice' });
  });
});
