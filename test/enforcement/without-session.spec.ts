import { Controller, Get, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import session, { MemoryStore } from 'express-session';
import supertest from 'supertest';
import { SessionTimeoutModule } from '../../src/index.js';
import { collector } from '../support/logs.js';

const COOKIE = 'theme=dark; connect.sid=s%3Asome-id.some-signature';

@Controller()
class PagesController {
  @Get(['health', 'app/page'])
  page() {
    return {};
  }
}

@Module({ imports: [SessionTimeoutModule.forRoot()], controllers: [PagesController] })
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
