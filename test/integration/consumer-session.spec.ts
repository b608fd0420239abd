import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { Response } from 'express';
import session, { MemoryStore } from 'express-session';
import supertest from 'supertest';
import { type SessionEvent, SessionTimeoutModule, SessionTimeoutService } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { byUser, MINUTE, PagesController } from '../support/app.js';
import { clearsCookie, sessionCookie, setCookies } from '../support/cookies.js';
import { AuthGuard, HOST_REFUSAL } from './support/guards.js';
import { timing } from '../support/timing.js';

let app: NestExpressApplication | undefined;
afterEach(() => app?.close());

type Rows = MemoryStore & { sessions: Record<string, string> };

interface Given {
  guard?: Type<unknown>;
  filter?: Type<unknown>;
  prefix?: string;
  store?: Rows;
  /** Whether alice has signed in. */
  isVisited?: boolean;
}

/** An application that mounts express-session in a module of its own, where Nest's consumer takes it. */
async function start({ guard, filter, prefix, store = new MemoryStore() as Rows, isVisited = true }: Given = {}) {
  const clock = new ManualClock();

  @Module({
    imports: [SessionTimeoutModule.forRoot({ clock, identify: byUser, redirectTo: '/public' })],
    controllers: [PagesController],
    providers: [
      ...(guard ? [{ provide: APP_GUARD, useClass: guard }] : []),
      ...(filter ? [{ provide: APP_FILTER, useClass: filter }] : []),
    ],
  })
  class AppModule implements NestModule {
    configure(consumer: MiddlewareConsumer) {
      consumer.apply(session({ secret: 'test', resave: false, saveUninitialized: false, store })).forRoutes('{*splat}');
    }
  }

  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = moduleRef.createNestApplication<NestExpressApplication>({ logger: false });
  if (prefix) app.setGlobalPrefix(prefix);
  await app.init();
  const events: SessionEvent[] = [];
  app.get(SessionTimeoutService).events$.subscribe((event) => events.push(event));
  const base = prefix ? `/${prefix}` : '';
  const alice = supertest.agent(app.getHttpServer());
  const login = guard || !isVisited ? undefined : await alice.post(`${base}/login`).send({ user: 'alice' }).expect(201);
  return { clock, store, events, alice, login, request: supertest(app.getHttpServer()) };
}

test('a sign-in begins the timeline before its answer is sent', async () => {
  const { login, alice, events } = await start();
  expect(login?.headers['server-timing']).toEqual(timing('active', 900_000));
  expect(setCookies(login as never)).toHaveLength(1);
  await alice.get('/me').expect(200, { user: 'alice' });
  expect(events.map(({ type }) => type)).toEqual(['started']);
});

test('an ended session is refused', async () => {
  const { alice, clock, store, events } = await start();
  clock.advance(14 * MINUTE);
  await alice.get('/me').expect(200);
  clock.advance(15 * MINUTE);
  const answer = await alice.get('/me').expect(401);
  expect(answer.body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'idle', loginUrl: '/public?reason=idle' });
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'www-authenticate': 'Session error="expired", reason="idle"',
    'server-timing': timing('expired-idle', 0),
  });
  expect(clearsCookie(answer)).toBe(true);
  expect(setCookies(answer)).toHaveLength(1);
  expect(store.sessions).toEqual({});
  expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
});

test('passive routes, reports and public pages work as usual', async () => {
  const { alice, clock } = await start();
  clock.advance(10 * MINUTE);
  await alice.get('/feed').expect(200, { user: 'alice' });
  expect((await alice.get('/session/ping')).body).toMatchObject({ state: 'active', idleFor: 600 });
  const { body } = await alice.get('/session/ping?idleFor=60').set('X-Session-Client', '1');
  expect(body).toMatchObject({ state: 'active', idleFor: 60, idleLeft: 840 });
  clock.advance(14 * MINUTE);
  const page = await alice.get('/public').expect(200);
  expect(page.body).toMatchObject({ user: null, status: { state: 'expired', reason: 'idle' } });
  expect(clearsCookie(page)).toBe(true);
});

test('a user can sign in again after an expiry', async () => {
  const { alice, clock, store, events } = await start();
  clock.advance(15 * MINUTE);
  const login = await alice.post('/login').send({ user: 'bob' }).expect(201);
  expect(setCookies(login)).toEqual([expect.stringContaining('connect.sid=s%3A')]);
  expect(login.headers['server-timing']).toEqual(timing('active', 900_000));
  await alice.get('/me').expect(200, { user: 'bob' });
  expect(Object.keys(store.sessions)).toHaveLength(1);
  expect(events.map(({ type, user }) => `${type} ${user}`)).toEqual(['started alice', 'expired alice', 'started bob']);
});

test('signing out is final', async () => {
  const { alice, login, request, store, events } = await start();
  const cookie = sessionCookie(login as never);
  await alice.post('/logout').expect(201);
  expect(store.sessions).toEqual({});
  const { body } = await request.get('/me').set('Cookie', cookie).expect(401);
  expect(body).toMatchObject({ reason: 'signed-out' });
  expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1);
});

test('an APP_GUARD refuses anonymous requests, and the ping still answers them', async () => {
  const { request } = await start({ guard: AuthGuard });
  await request.get('/me').expect(401, HOST_REFUSAL);
  const answer = await request.get('/session/ping').expect(200);
  expect(answer.body).toEqual({ state: 'anonymous', loginUrl: '/public', at: expect.any(Number) });
  expect(setCookies(answer)).toEqual([]);
});

test('sessions end below a global prefix, too', async () => {
  const { alice, clock } = await start({ prefix: 'api' });
  await alice.get('/api/me').expect(200, { user: 'alice' });
  clock.advance(15 * MINUTE);
  expect((await alice.get('/api/session/ping').expect(200)).body).toMatchObject({ state: 'expired', reason: 'idle' });
  expect((await alice.get('/api/me').expect(401)).body).toMatchObject({ reason: 'idle' });
});

describe('a stored session that cannot be read', () => {
  const rewrite = (store: Rows, change: (row: Record<string, unknown>) => string) => {
    const [id] = Object.keys(store.sessions) as [string];
    store.sessions[id] = change(JSON.parse(store.sessions[id] as string));
  };

  test.each<[string, (row: Record<string, unknown>) => string]>([
    ['is broken', () => '{'],
    ['has a lifetime that is no number', (row) => JSON.stringify({ ...row, cookie: { originalMaxAge: 'abc' } })],
  ])('because it %s is ended as lost, and no request hangs', async (_how, change) => {
    const { alice, store, events } = await start();
    rewrite(store, change);
    await alice.get('/nowhere').expect(404);
    expect((await alice.get('/me').expect(401)).body).toMatchObject({ reason: 'lost' });
    await alice.get('/me').expect(200, { user: null });
    expect(events.filter(({ type }) => type === 'expired')).toMatchObject([{ reason: 'lost' }]);
  });

  test('by the first request of a process is ended as lost, too', async () => {
    const { login, store } = await start();
    rewrite(store, () => '{');
    await app?.close();
    const { request } = await start({ store, isVisited: false });
    const cookie = sessionCookie(login as never);
    expect((await request.get('/me').set('Cookie', cookie).expect(401)).body).toMatchObject({ reason: 'lost' });
  });
});

describe('while the store is down,', () => {
  class FragileStore extends MemoryStore {
    isDown = false;
    readonly failure = new Error('connection refused');
    override get(...given: Parameters<MemoryStore['get']>) {
      if (this.isDown) given[1](this.failure);
      else super.get(...given);
    }
  }

  const startFragile = async (given: Given = {}) => {
    const store = new FragileStore();
    return { ...(await start({ ...given, store: store as unknown as Rows })), fragile: store };
  };

  test('answers are 503 with Retry-After, and the session is kept', async () => {
    const { alice, fragile } = await startFragile();
    fragile.isDown = true;
    for (const path of ['/me', '/public', '/session/ping', '/nowhere']) {
      const { headers, body } = await alice.get(path).expect(503);
      expect(headers).toMatchObject({ 'retry-after': '2' });
      expect(JSON.stringify(body)).not.toContain('refused');
    }
    fragile.isDown = false;
    await alice.get('/me').expect(200, { user: 'alice' });
  });

  test('filters of the application are asked about that 503', async () => {
    @Catch()
    class Everything implements ExceptionFilter {
      catch(error: unknown, host: ArgumentsHost) {
        const status = error instanceof HttpException ? error.getStatus() : 500;
        host.switchToHttp().getResponse<Response>().status(status).json({ host: status });
      }
    }
    const { alice, fragile } = await startFragile({ filter: Everything });
    fragile.isDown = true;
    const { headers } = await alice.get('/me').expect(503, { host: 503 });
    expect(headers).toMatchObject({ 'retry-after': '2' });
  });

  test('the application gets the error of the store for its own questions', async () => {
    const { login, fragile } = await startFragile();
    const [, id = ''] = /s%3A([^.]+)/.exec(sessionCookie(login as never)) ?? [];
    fragile.isDown = true;
    const answers: unknown[] = [];
    await new Promise<void>((resolve) => fragile.get(id, (error: unknown) => resolve(void answers.push(error))));
    await new Promise<void>((resolve) => fragile.load(id, (error: unknown) => resolve(void answers.push(error))));
    expect(answers).toEqual([fragile.failure, fragile.failure]);
    expect(answers[0]).toBe(fragile.failure);
  });
});
