import { Controller, Get, type MiddlewareConsumer, Module, Post, Req } from '@nestjs/common';
import type { Request, RequestHandler } from 'express';
import { MemoryStore, type SessionData } from 'express-session';
import { AllowExpired } from '../../../src/index.js';
import { HOUR, MINUTE, PagesController, startApp, stopApps, type AppOptions, type TestApp } from '../../support/app.js';
import { clearsCookie, sessionCookie, sessionIdOf, setCookies } from '../../support/cookies.js';
import { collector } from '../../support/logs.js';
import { MARKER } from '../../../src/express-session/marker.js';

afterEach(stopApps);

async function start(given: AppOptions = {}) {
  const logs: string[] = [];
  const app = await startApp({ logger: collector(logs), ...given });
  const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
  return { ...app, logs, cookie, id: sessionIdOf(cookie) };
}

/** Somebody else writes the row of a session: past the store, as another application does. */
function rewrite({ store }: TestApp, id: string, change: (row: Record<string, unknown>) => Record<string, unknown>) {
  store.sessions[id] = JSON.stringify(change(JSON.parse(store.sessions[id] as string)));
}

const told = ({ events }: TestApp) => events.map(({ type, user, reason }) => [type, user, reason]);

describe('a row that somebody else has changed to name another user', () => {
  test('is handed to nobody: the session is revoked, for whoever comes next and after', async () => {
    const app = await start();
    rewrite(app, app.id, (row) => ({ ...row, user: 'bob' }));
    for (let n = 0; n < 2; n += 1) {
      const answer = await app.request.get('/me').set('cookie', app.cookie).expect(401);
      expect(answer.body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'revoked' });
      expect(setCookies(answer).filter((cookie) => cookie.startsWith('connect.sid=s'))).toEqual([]);
    }
    expect(told(app)).toEqual([
      ['started', 'alice', undefined],
      ['ended', 'alice', 'revoked'],
    ]);
    expect(app.logs.filter((line) => line.includes('another user than its timeline'))).toHaveLength(1);
    expect(app.logs.join()).not.toContain(app.id);
    expect(app.store.sessions).not.toHaveProperty(app.id);
  });

  test('is handed to nobody by requests at the same time, which all get the same answer', async () => {
    const app = await start();
    rewrite(app, app.id, (row) => ({ ...row, user: 'bob' }));
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => app.request.get('/me').set('cookie', app.cookie)),
    );
    for (const { status, body } of answers)
      expect({ status, reason: body.reason }).toEqual({ status: 401, reason: 'revoked' });
    expect(told(app)).toHaveLength(2);
  });

  test('is nobody’s on a public page', async () => {
    const app = await start();
    rewrite(app, app.id, (row) => ({ ...row, user: 'bob' }));
    const { body } = await app.request.get('/public').set('cookie', app.cookie).expect(200);
    expect(body).toMatchObject({ user: null, status: { state: 'expired', reason: 'revoked' } });
  });

  test('is revoked as well if its marker is gone', async () => {
    const app = await start();
    rewrite(app, app.id, ({ [MARKER]: _marker, ...row }) => ({ ...row, user: 'bob' }));
    const { body } = await app.request.get('/me').set('cookie', app.cookie).expect(401);
    expect(body).toMatchObject({ reason: 'revoked' });
  });

  test('is revoked if it was written through the store, as a copy of the session', async () => {
    const app = await start();
    const row = JSON.parse(app.store.sessions[app.id] as string) as SessionData;
    await new Promise((resolve) => app.store.set(app.id, { ...row, user: 'bob' }, resolve));
    await app.request.get('/me').set('cookie', app.cookie).expect(401);
  });

  test('has ended by its limits if those came first', async () => {
    const app = await start();
    rewrite(app, app.id, (row) => ({ ...row, user: 'bob' }));
    app.clock.advance(15 * MINUTE);
    const { body } = await app.request.get('/me').set('cookie', app.cookie).expect(401);
    expect(body).toMatchObject({ reason: 'idle' });
  });

  test('does not keep its user from signing in again', async () => {
    const app = await start();
    rewrite(app, app.id, (row) => ({ ...row, user: 'bob' }));
    await app.request.get('/me').set('cookie', app.cookie).expect(401);
    const own = sessionCookie(await app.request.post('/login').set('cookie', app.cookie).send({ user: 'alice' }));
    await app.request.get('/me').set('cookie', own).expect(200, { user: 'alice' });
  });
});

describe('a row that somebody else has changed to name nobody', () => {
  const withoutUser = ({ user: _user, ...row }: Record<string, unknown>) => ({ ...row, note: 'left over' });

  test('ends its timeline as signed out', async () => {
    const app = await start();
    rewrite(app, app.id, withoutUser);
    const answer = await app.request.get('/me').set('cookie', app.cookie).expect(401);
    expect(answer.body).toMatchObject({ reason: 'signed-out' });
    expect(clearsCookie(answer)).toBe(true);
    expect(told(app)).toEqual([
      ['started', 'alice', undefined],
      ['ended', 'alice', 'signed-out'],
    ]);
  });
});

describe('a row that somebody else changes while a handler works, which then loads the session again', () => {
  @Controller()
  class ReloadController {
    @Get('reload')
    @AllowExpired()
    async reload(@Req() req: Request) {
      change();
      await new Promise<void>((resolve) => req.session.reload(() => resolve()));
      return { user: req.session.user ?? null };
    }

    @Get('made')
    made(@Req() req: Request) {
      change();
      return new Promise((resolve) => {
        req.sessionStore.get(req.sessionID, (_error, row) => resolve({ user: make(req, row!).user ?? null }));
      });
    }

    @Post('impersonate')
    async impersonate(@Req() req: Request) {
      req.session.user = 'bob';
      const saving = new Promise<void>((resolve) => req.session.save(() => resolve()));
      await new Promise<void>((resolve) => void setTimeout(() => req.session.reload(() => resolve()), 20));
      await saving;
      return { user: req.session.user };
    }
  }
  let change = () => {};
  let make = (_req: Request, _row: SessionData): Partial<SessionData> => ({});

  /** @param user the user whom the row names then */
  const startWith = async (user?: string, options: AppOptions['options'] = {}) => {
    const app = await start({ options, controllers: [PagesController, ReloadController] });
    change = () => rewrite(app, app.id, ({ user: _user, ...row }) => ({ ...row, user, note: 'new' }));
    return app;
  };

  test.each([
    ['another user', 'bob', 'revoked'],
    ['nobody', undefined, 'signed-out'],
  ])('to %s gives the handler nobody, and ends the session', async (_whom, user, reason) => {
    const app = await startWith(user);
    const answer = await app.request.get('/reload').set('cookie', app.cookie).expect(200, { user: null });
    expect(setCookies(answer).filter((cookie) => cookie.startsWith('connect.sid=s'))).toEqual([]);
    const next = await app.request.get('/me').set('cookie', app.cookie).expect(401);
    expect(next.body).toMatchObject({ reason });
    expect(told(app)).toEqual([
      ['started', 'alice', undefined],
      ['ended', 'alice', reason],
    ]);
    expect(app.logs.filter((line) => line.includes('another user than its timeline'))).toHaveLength(1);
  });

  test('to the same user changes nothing but the data', async () => {
    const app = await startWith('alice');
    await app.request.get('/reload').set('cookie', app.cookie).expect(200, { user: 'alice' });
    await app.request.get('/me').set('cookie', app.cookie).expect(200, { user: 'alice' });
    expect(app.store.sessions[app.id]).toContain('"note":"new"');
  });

  test('to a user, although it was nobody’s, is judged by the next request', async () => {
    const app = await startWith();
    const cookie = sessionCookie(await app.request.post('/note').send({ note: 'hello' }));
    change = () => rewrite(app, sessionIdOf(cookie), (row) => ({ ...row, user: 'carol' }));
    const answer = await app.request.get('/reload').set('cookie', cookie).expect(200, { user: 'carol' });
    expect(setCookies(answer)).toEqual([]);
    await app.request.get('/me').set('cookie', cookie).expect(200, { user: 'carol' });
  });

  test('is nobody’s for the code that makes a session object of the row itself', async () => {
    const app = await startWith('bob');
    make = (req, row) => req.sessionStore.createSession(req, row);
    await app.request.get('/made').set('cookie', app.cookie).expect(200, { user: null });
  });

  test('is refused if a middleware loads it again, and the answer stores nothing and sends no cookie', async () => {
    @Module({})
    class LoadingModule {
      configure(consumer: MiddlewareConsumer) {
        const load: RequestHandler = (req, _res, next) => {
          if (!req.session.user) return next();
          change();
          req.session.reload(() => next());
        };
        consumer.apply(load).forRoutes('me');
      }
    }
    const app = await start({ imports: [LoadingModule] });
    change = () => rewrite(app, app.id, (row) => ({ ...row, user: 'bob' }));
    const answer = await app.request.get('/me').set('cookie', app.cookie).expect(401);
    expect(answer.body).toMatchObject({ reason: 'revoked' });
    expect(setCookies(answer).filter((cookie) => cookie.startsWith('connect.sid=s'))).toEqual([]);
    expect(app.store.sessions).toEqual({});
  });

  test('is no foreign data if the request itself is changing its user', async () => {
    class LateStore extends MemoryStore {
      declare readonly sessions: Record<string, string>;
      isLate = false;
      override set(...[id, session, done]: Parameters<MemoryStore['set']>) {
        super.set(id, session, () => void setTimeout(() => done?.(), this.isLate ? 100 : 0));
      }
    }
    const store = new LateStore();
    const app = await start({ controllers: [PagesController, ReloadController], session: { store } });
    store.isLate = true;
    const answer = await app.request.post('/impersonate').set('cookie', app.cookie).expect(201, { user: 'bob' });
    await app.request.get('/me').set('cookie', sessionCookie(answer)).expect(200, { user: 'bob' });
    expect(told(app)).toEqual([
      ['started', 'alice', undefined],
      ['ended', 'alice', 'replaced'],
      ['started', 'bob', undefined],
    ]);
  });

  test('without identify is judged by the next request', async () => {
    const app = await startWith(undefined, { identify: undefined });
    change = () => rewrite(app, app.id, ({ cookie, [MARKER]: marker }) => ({ cookie, [MARKER]: marker }));
    await app.request.get('/reload').set('cookie', app.cookie).expect(200, { user: null });
    await app.request.get('/me').set('cookie', app.cookie).expect(200, { user: null });
    expect(told(app).filter(([type]) => type === 'ended')).toEqual([]);
  });

  test('is left alone in report mode', async () => {
    const app = await startWith('bob', { mode: 'report' });
    await app.request.get('/reload').set('cookie', app.cookie).expect(200, { user: 'bob' });
    expect(told(app).filter(([type]) => type === 'ended')).toEqual([]);
  });
});

describe('a row without a timeline that names a user', () => {
  test('gets a timeline: another application may have signed them in', async () => {
    const app = await start();
    const cookie = sessionCookie(await app.request.post('/note').send({ note: 'hello' }));
    rewrite(app, sessionIdOf(cookie), (row) => ({ ...row, user: 'carol' }));
    await app.request.get('/me').set('cookie', cookie).expect(200, { user: 'carol' });
    expect(told(app)).toContainEqual(['started', 'carol', undefined]);
    app.clock.advance(HOUR);
    const { body } = await app.request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'idle' });
  });

  test.each(['a\0b', '\ud800', 'x'.repeat(257), 'a\u2028b'])(
    'is lost if no ledger can store the id of that user, with a marker or without: %j',
    async (user) => {
      for (const way of ['with', 'without']) {
        const before = await start();
        rewrite(before, before.id, (row) => ({ ...row, user, ...(way === 'with' ? {} : { [MARKER]: undefined }) }));
        const { request } = await startApp({ session: { store: before.store } });
        const { body } = await request.get('/me').set('cookie', before.cookie).expect(401);
        expect(body).toMatchObject({ reason: 'lost' });
        await request.post('/login').set('cookie', before.cookie).send({ user: 'alice' }).expect(201);
      }
    },
  );
});
