import { type MiddlewareConsumer, Module, type NestModule, Req, Controller, Post, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import session, { type SessionOptions } from 'express-session';
import supertest from 'supertest';
import { SessionTimeoutModule } from '../../src/index.js';
import { collector } from '../support/logs.js';

let app: NestExpressApplication | undefined;
afterEach(() => app?.close());

@Controller('app')
class AppController {
  @Post('login')
  login(@Req() req: Request) {
    req.session.user = 'alice';
    return {};
  }

  @Get('me')
  me(@Req() req: Request) {
    return { user: req.session.user };
  }
}

const isWarning = (part: string) => (line: string) => line.includes(part) && !line.startsWith('Mapped');

const expressSession = (options: Partial<SessionOptions> = {}) =>
  session({ secret: 'test', resave: false, saveUninitialized: false, ...options });

interface Given {
  /** Where a module mounts express-session. */
  routes?: string[];
  /** What main.ts mounts. */
  setUp?: (app: NestExpressApplication) => void;
  prefix?: string;
  path?: string;
}

/** An application in which alice has signed in. `warnings`: those about the ping. */
async function start({ routes = [], setUp, prefix, path = 'session' }: Given) {
  const logs: string[] = [];
  @Module({ imports: [SessionTimeoutModule.forRoot({ path })], controllers: [AppController] })
  class AppModule implements NestModule {
    configure(consumer: MiddlewareConsumer) {
      if (routes.length > 0) consumer.apply(expressSession()).forRoutes(...routes);
    }
  }
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = moduleRef.createNestApplication<NestExpressApplication>({ logger: collector(logs) });
  if (prefix) app.setGlobalPrefix(prefix);
  setUp?.(app);
  await app.init();
  const base = prefix ? `/${prefix}` : '';
  const alice = supertest.agent(app.getHttpServer());
  const { headers } = await alice.post(`${base}/app/login`).expect(201);
  const [cookie = ''] = String(headers['set-cookie']).split(';');
  await alice.get(`${base}/app/me`).expect(200, { user: 'alice' });
  const ping = (headers: Record<string, string> = {}) => alice.get(`${base}/${path}/ping`).set(headers).expect(200);
  return { ping, cookie, logs, warnings: () => logs.filter(isWarning(`/${path}/ping`)) };
}

describe('express-session that a module mounts for other paths than that of the ping', () => {
  test('is warned of when the first signed-in browser asks, and once', async () => {
    const { ping, warnings } = await start({ routes: ['app/{*rest}'] });
    expect(warnings()).toEqual([]);
    for (let i = 0; i < 3; i += 1) expect((await ping()).body).toMatchObject({ state: 'anonymous' });
    expect(warnings()).toEqual([
      expect.stringContaining('sent a session cookie to /session/ping, but express-session is not mounted'),
    ]);
    expect(warnings()[0]).toContain('forRoutes()');
  });

  test('is warned of below a global prefix', async () => {
    const { ping, warnings } = await start({ routes: ['app/{*rest}'], prefix: 'api' });
    await ping();
    expect(warnings()).toEqual([expect.stringContaining('/api/session/ping')]);
  });

  test('is not warned of if visitors ask, who bring no session', async () => {
    const { warnings } = await start({ routes: ['app/{*rest}'] });
    await supertest(app!.getHttpServer()).get('/session/ping').set('cookie', 'theme=dark').expect(200);
    expect(warnings()).toEqual([]);
  });

  test.each<[string, Given]>([
    ['of all paths', { routes: ['{*splat}'] }],
    ['that include it', { routes: ['app/{*rest}', 'session/ping'] }],
    ['that our own path is below', { routes: ['app/{*rest}'], path: 'app/session' }],
  ])('is not warned of for paths %s', async (_which, given) => {
    const { ping, warnings } = await start(given);
    expect((await ping()).body).toMatchObject({ state: 'active' });
    expect(warnings()).toEqual([]);
  });
});

test('a middleware of the application that leaves the ping out is warned of', async () => {
  const mounted = expressSession();
  const { ping, warnings } = await start({
    setUp: (nest) =>
      nest.use((req: Request, res: Response, next: NextFunction) =>
        req.path.startsWith('/session') ? next() : void mounted(req, res, next),
      ),
  });
  await ping();
  expect(warnings()).toHaveLength(1);
});

test('what the router shows at the start is not told again', async () => {
  const { ping, cookie, logs } = await start({ setUp: (nest) => nest.use('/app', expressSession()) });
  await ping({ cookie });
  expect(logs.filter(isWarning('/session/ping'))).toEqual([
    expect.stringContaining('express-session is mounted for a part of the site'),
  ]);
});

describe('a session cookie with a path', () => {
  const withPath = (path: string): Given => ({
    setUp: (nest) => nest.use(expressSession({ cookie: { path } })),
  });

  test.each([['/app'], ['/app/'], ['/a']])('that the ping is not below is warned of once: %s', async (path) => {
    const { ping, warnings } = await start(withPath(path));
    expect((await ping()).body).toMatchObject({ state: 'anonymous' });
    expect(warnings()).toEqual([expect.stringContaining(`is for the path "${path}"`)]);
  });

  test('with which only a part of a name begins is warned of, as browsers do not send it', async () => {
    const { warnings } = await start({ ...withPath('/a'), path: 'app-session' });
    expect(warnings()).toEqual([expect.stringContaining('is for the path "/a"')]);
  });

  test.each(['/', '/app', '/app/'])('that the ping is below is not warned of: %s', async (path) => {
    const { ping, warnings } = await start({ ...withPath(path), path: 'app/session' });
    await ping();
    expect(warnings()).toEqual([]);
  });
});
