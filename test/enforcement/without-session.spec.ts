import { Controller, Get, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import session, { MemoryStore } from 'express-session';
import { createHmac } from 'node:crypto';
import supertest from 'supertest';
import { AllowExpired, RequireFreshAuth, SessionTimeoutModule } from '../../src/index.js';
import { collector } from '../support/logs.js';

const COOKIE = 'theme=dark; connect.sid=s%3Asome-id.some-signature';
/** The same with a correct signature, so that express-session looks for the session. */
const SIGNED = `connect.sid=${encodeURIComponent(`s:some-id.${createHmac('sha256', 'test').update('some-id').digest('base64').replace(/=+$/, '')}`)}`;

@Controller()
class PagesController {
  @Get(['health', 'app/page'])
  page() {
    return {};
  }

  @Get('transfer')
  @AllowExpired()
  @RequireFreshAuth('5m')
  transfer() {
    return {};
  }
}

@Module({ imports: [SessionTimeoutModule.forRoot({ identify: ({ user }) => user })], controllers: [PagesController] })
class AppModule {}

const logged: string[] = [];
let app: NestExpressApplication;

afterEach(async () => {
  await app.close();
  logged.length = 0;
});

async function start(setup: (app: NestExpressApplication) => void) {
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = moduleRef.createNestApplication<NestExpressApplication>({ logger: collector(logged) });
  setup(app);
  await app.init();
  return supertest(app.getHttpServer());
}

const errors = () => logged.filter((line) => line.includes('There is no session on the request'));

/** express-session, connected to `store`. */
const withStore = (store: MemoryStore, cookie = {}) =>
  session({ secret: 'test', resave: false, saveUninitialized: false, store, cookie });

test('an application without express-session works, and an error in the log says once what to add', async () => {
  const request = await start(() => {});
  await request.get('/health').expect(200, {});
  const ping = await request.get('/session/ping').set('Cookie', COOKIE).expect(200);
  expect(ping.body).toMatchObject({ state: 'anonymous' });
  await request.get('/health').expect(200, {});
  expect(errors()).toHaveLength(1);
  expect(errors()[0]).toContain('app.use(session({');
});

test('so it is if the application mounts express-session too late, behind its routes', async () => {
  const request = await start(() => {});
  app.use(withStore(new MemoryStore()));
  await request.get('/health').set('Cookie', COOKIE).expect(200, {});
  expect(errors()).toHaveLength(1);
});

describe('a path without a session is anonymous, from the first request on, if express-session', () => {
  const skipping = (handler: RequestHandler) => (req: Request, res: Response, next: NextFunction) =>
    req.path === '/health' ? next() : void handler(req, res, next);

  test.each<[string, (app: NestExpressApplication) => void]>([
    ['is skipped by the application', (app) => app.use(skipping(withStore(new MemoryStore())))],
    ['is mounted for another part of the site', (app) => app.use('/app', withStore(new MemoryStore()))],
  ])('%s', async (_how, setup) => {
    const request = await start(setup);
    await request.get('/health').expect(200, {});
    await request.get('/health').set('Cookie', COOKIE).expect(200, {});
    await request.get('/app/page').set('Cookie', COOKIE).expect(200, {});
    await request.get('/health').set('Cookie', COOKIE).expect(200, {});
  });

  test('has a cookie for another part of the site', async () => {
    const request = await start((app) => app.use(withStore(new MemoryStore(), { path: '/app' })));
    await request.get('/health').expect(200, {});
    await request.get('/app/page').expect(200, {});
    await request.get('/health').set('Cookie', COOKIE).expect(200, {});
    expect(errors()).toEqual([]);
  });
});

test.each([
  ['from the start', false],
  ['after a while', true],
])('a request with a session cookie gets 503 if the store is disconnected %s', async (_when, wasConnected) => {
  const store = new MemoryStore();
  const request = await start((app) => app.use(withStore(store)));
  if (wasConnected) await request.get('/health').expect(200);
  store.emit('disconnect');
  const { headers } = await request.get('/health').set('Cookie', COOKIE).expect(503);
  expect(headers['retry-after']).toBe('2');
  await request.get('/health').set('Cookie', COOKIE.replace('connect.sid', 'other.name')).expect(503);
  await request.get('/health').set('Cookie', 'theme=dark').expect(200);
  store.emit('connect');
  await request.get('/health').set('Cookie', COOKIE).expect(200);
});

test.each([
  ['get', '/session/ping'],
  ['get', '/session/list'],
  ['delete', '/session/list'],
  ['delete', '/session/list/some-hash'],
] as const)('%s %s answers 503, and not as to a visitor, while the store is disconnected', async (method, path) => {
  const store = new MemoryStore();
  const request = await start((app) => app.use(withStore(store)));
  store.emit('disconnect');
  const ask = (cookie: string) => request[method](path).set({ cookie, 'sec-fetch-site': 'same-origin' });
  const { headers } = await ask(COOKIE).expect(503);
  expect(headers['retry-after']).toBe('2');
  const { status } = await ask('theme=dark');
  expect(status).toBe(path.endsWith('hash') ? 404 : 200);
});

test('a route that needs a fresh authentication does not ask for it while the store is disconnected', async () => {
  const store = new MemoryStore();
  const request = await start((app) => app.use(withStore(store)));
  store.emit('disconnect');
  await request.get('/transfer').set('Cookie', COOKIE).expect(503);
  store.emit('connect');
  await request.get('/transfer').set('Cookie', COOKIE).expect(403);
});

test.each([
  ['is disconnected', (store: MemoryStore) => store.emit('disconnect')],
  ['fails', (store: MemoryStore) => (store.get = (_id, callback) => callback(new Error('down')))],
])('a store that %s is logged once in ten seconds, not with each request', async (what, break_) => {
  const store = new MemoryStore();
  const request = await start((app) => app.use(withStore(store)));
  break_(store);
  for (let asked = 0; asked < 3; asked += 1) await request.get('/health').set('Cookie', SIGNED).expect(503);
  expect(logged.filter((line) => line.includes(`The session store ${what}`))).toHaveLength(1);
});
