import { Controller, Post, Session } from '@nestjs/common';
import express, { type Request, type RequestHandler } from 'express';
import session, { MemoryStore, type SessionData, type SessionOptions } from 'express-session';
import type supertest from 'supertest';
import { AllowExpired } from '../../../src/index.js';
import { type AppOptions, PagesController, startApp, stopApps, type TestApp } from '../../support/app.js';
import { sessionCookie, setCookies } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { collector } from '../../support/logs.js';
import { saved } from '../../support/session-calls.js';
import { sent } from '../../support/sent.js';

afterEach(stopApps);

/** A store that calls back from `set` late. The row is there before. */
class LateStore extends MemoryStore {
  gate: Gate | undefined;

  override set(sessionId: string, session: SessionData, callback?: (error?: unknown) => void): void {
    const { gate } = this;
    super.set(sessionId, session, () => {
      if (gate) void gate.pass().then(() => callback?.());
      else callback?.();
    });
  }
}

@Controller()
class KeptSessionController {
  @Post('kept')
  @AllowExpired()
  async kept(@Session() session: Request['session']) {
    session.user = 'alice';
    const first = saved(session);
    session['roles'] = ['reader'];
    await Promise.all([first, saved(session)]);
    return {};
  }
}

describe('while somebody signs in under an id that others know', () => {
  test('a handler that saves the session it kept does not show it to them', async () => {
    const store = new LateStore();
    const { request } = await startApp({ controllers: [PagesController, KeptSessionController], session: { store } });
    const planted = sessionCookie(await request.post('/note').send({ note: 'planted' }).expect(201));
    store.gate = new Gate();
    const signingIn = sent(request.post('/kept').set('cookie', planted));
    await store.gate.hasArrived();
    const asked = sent(request.get('/me').set('cookie', planted));
    // Either it is answered, or it has been taken for the victim's and waits for its marker to be written.
    await Promise.race([asked, store.gate.hasArrived(3)]);
    store.gate.open();
    const { body } = await asked;
    await signingIn;
    expect(body.user).not.toBe('alice');
  });
});

describe('a session cookie of another name than cookieName says', () => {
  test('is protected all the same', async () => {
    const { request, logs } = await withLogs({ session: { name: 'app.sid' }, options: { cookieName: 'other.sid' } });
    const cookieOf = (answer: supertest.Response) => String(setCookies(answer)[0]).split(';', 1)[0] as string;
    const planted = cookieOf(await request.post('/note').send({ note: 'planted' }).expect(201));
    const own = cookieOf(await request.post('/kept').set('cookie', planted).expect(201));
    expect(own).toMatch(/^app\.sid=/);
    expect(own).not.toBe(planted);
    const { body } = await request.get('/me').set('cookie', planted).expect(401);
    expect(body).toMatchObject({ reason: 'replaced' });
    await request.get('/me').set('cookie', own).expect(200, { user: 'alice' });
    expect(logs.join()).toContain('session fixation');
  });
});

async function withLogs(given: AppOptions) {
  const logs: string[] = [];
  const app = await startApp({
    controllers: [PagesController, KeptSessionController],
    logger: collector(logs),
    ...given,
  });
  return { ...app, logs };
}

describe('the first request after a restart', () => {
  const router = () => {
    const routes = express.Router();
    routes.post('/early', (req, res) => {
      req.session.user = 'alice';
      res.json({});
    });
    return routes;
  };

  test('signs in nobody else, though a router before our middleware answers it', async () => {
    const store = new MemoryStore();
    const before = await startApp({ session: { store } });
    const planted = sessionCookie(await before.request.post('/note').send({ note: 'planted' }).expect(201));
    await stopApps();

    const { request } = await startApp({ session: { store }, setup: (app) => app.use(router()) });
    await request.post('/early').set('cookie', planted).expect(200);
    const { body } = await request.get('/me').set('cookie', planted);
    expect(body.user).not.toBe('alice');
  });

  test('signs in nobody else, though a middleware before ours signs in', async () => {
    const store = new MemoryStore();
    const before = await startApp({ session: { store } });
    const planted = sessionCookie(await before.request.post('/note').send({ note: 'planted' }).expect(201));
    await stopApps();

    const remember: RequestHandler = (req, _res, next) => {
      if (req.headers['x-remembered']) req.session.user = 'alice';
      next();
    };
    const { request } = await startApp({ session: { store }, setup: (app) => app.use(remember) });
    await request.get('/me').set({ cookie: planted, 'x-remembered': '1' }).expect(200, { user: 'alice' });
    const { body } = await request.get('/me').set('cookie', planted);
    expect(body.user).not.toBe('alice');
  });

  test('signs in nobody else if it is a page', async () => {
    const store = new MemoryStore();
    const before = await startApp({ session: { store } });
    const planted = sessionCookie(await before.request.post('/note').send({ note: 'planted' }).expect(201));
    await stopApps();

    const { request } = await startApp({
      session: { store },
      controllers: [PagesController, KeptSessionController],
    });
    const own = sessionCookie(await request.post('/kept').set('cookie', planted).expect(201));
    await request.get('/me').set('cookie', planted).expect(401);
    await request.get('/me').set('cookie', own).expect(200, { user: 'alice' });
  });
});

describe('a second express-session', () => {
  const middleware = (options: Partial<SessionOptions>) =>
    session({ secret: 'test', resave: false, saveUninitialized: false, ...options });
  const cookieNamed = (answer: supertest.Response, name: string) =>
    setCookies(answer)
      .find((cookie) => cookie.startsWith(`${name}=s`))
      ?.split(';', 1)[0];

  async function attack({ request }: TestApp, name: string, [fill, signIn, who]: readonly [string, string, string]) {
    const planted = cookieNamed(await request.post(fill).send({ note: 'planted' }), name) as string;
    const own = cookieNamed(await request.post(signIn).set('cookie', planted), name) ?? planted;
    const attacker = await request.get(who).set('cookie', planted);
    const victim = await request.get(who).set('cookie', own);
    return { attacker: attacker.body.user ?? null, victim: victim.body.user };
  }

  const calling =
    (sessions: RequestHandler, routes: RequestHandler): RequestHandler =>
    (req, res, next) =>
      void sessions(req, res, (error?: unknown) => (error ? next(error) : routes(req, res, next)));

  const admin = () => {
    const routes = express.Router();
    routes.post('/note', (req, res) => {
      req.session['note'] = 'planted';
      res.json({});
    });
    routes.post('/sign-in', (req, res) => {
      req.session.user = 'alice';
      res.json({});
    });
    routes.get('/me', (req, res) => void res.json({ user: req.session.user ?? null }));
    return routes;
  };

  const adminSession = () => middleware({ name: 'admin.sid', store: new MemoryStore() });

  test.each<[string, () => RequestHandler]>([
    ['on a path whose routes our middleware never sees', () => express.Router().use(adminSession(), admin())],
    ['in an Express application of its own', () => express().use(adminSession(), admin())],
    ['that other middleware calls', () => calling(adminSession(), admin())],
  ])('%s signs in nobody else', async (_where, mounted) => {
    const app = await startApp({ beforeSession: (nest) => nest.use('/admin', mounted()) });
    await app.request.get('/me').expect(200);
    const seen = await attack(app, 'admin.sid', ['/admin/note', '/admin/sign-in', '/admin/me']);
    expect(seen).toEqual({ attacker: null, victim: 'alice' });
  });

  test('on requests that had another session before signs in nobody else', async () => {
    const setAside: RequestHandler = (req, _res, next) => {
      Reflect.deleteProperty(req, 'session');
      next();
    };
    const app = await startApp({
      controllers: [PagesController, KeptSessionController],
      beforeSession: (nest) => nest.use(middleware({ name: 'first.sid', store: new MemoryStore() }), setAside),
    });
    await app.request.get('/me').expect(200);
    const seen = await attack(app, 'connect.sid', ['/note', '/kept', '/me']);
    expect(seen).toEqual({ attacker: null, victim: 'alice' });
  });
});
