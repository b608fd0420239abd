import { ForbiddenException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import session from 'express-session';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sessionFileStore from 'session-file-store';
import type { ActivityLedger } from '../../src/index.js';
import { MINUTE, startApp, stopApps, type TestApp } from '../support/app.js';
import { MARKER } from '../../src/express-session/marker.js';
import { sessionCookie } from '../support/cookies.js';
import { collector } from '../support/logs.js';
import { RiggedLedger } from '../support/rigged-ledger.js';

afterEach(stopApps);

const lost = { code: 'SESSION_EXPIRED', reason: 'lost' };

/** Changes what the store holds of the only session. */
function rewrite({ store }: TestApp, change: (row: Record<string, unknown>) => unknown): void {
  const [id] = Object.keys(store.sessions) as [string];
  const changed = change(JSON.parse(store.sessions[id] as string));
  store.sessions[id] = typeof changed === 'string' ? changed : JSON.stringify(changed);
}

/** The same for the session that came last. */
function rewriteLast({ store }: TestApp, change: (row: Record<string, unknown>) => unknown): void {
  const id = Object.keys(store.sessions).at(-1) as string;
  store.sessions[id] = JSON.stringify(change(JSON.parse(store.sessions[id] as string)));
}

describe('a row that express-session cannot read', () => {
  test.each<[string, (row: Record<string, unknown>) => unknown]>([
    ['no cookie', ({ cookie: _cookie, ...row }) => row],
    ['a cookie that is null', (row) => ({ ...row, cookie: null })],
    ['a cookie that is text', (row) => ({ ...row, cookie: 'text' })],
    ['null in place of the session', () => 'null'],
    ['a list in place of the session', () => '[]'],
    ['text in place of the session', () => '"text"'],
    ['a number in place of the session', () => '5'],
    ['broken JSON', () => '{"cookie":'],
    [
      'an originalMaxAge that is text (the request would hang)',
      (row) => ({ ...row, cookie: { originalMaxAge: 'abc', path: '/' } }),
    ],
    ['an originalMaxAge that is an object', (row) => ({ ...row, cookie: { originalMaxAge: {}, path: '/' } })],
    ['a maxAge that is text', (row) => ({ ...row, cookie: { maxAge: 'abc', path: '/' } })],
    [
      'an expires that is no date (the session would never expire)',
      (row) => ({ ...row, cookie: { expires: 'garbage', originalMaxAge: 1000 } }),
    ],
  ])('with %s ends the session as lost, and the user can sign in again', async (_case, change) => {
    const app = await startApp();
    const browser = await app.signedIn();
    rewrite(app, change);
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject(lost);
    expect(app.store.sessions).toEqual({});
    await browser.get('/me').expect(200, { user: null });
    await browser.post('/login').send({ user: 'alice' }).expect(201);
    expect(app.events.filter(({ type }) => type === 'expired')).toMatchObject([{ reason: 'lost' }]);
  });

  test('in a file that its store deletes itself ends the session as lost', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sessions-'));
    const store = new (sessionFileStore(session))({ path, retries: 0, reapInterval: -1, logFn: () => undefined });
    const { signedIn, events } = await startApp({ session: { store } });
    const browser = await signedIn();
    for (const file of await readdir(path)) await writeFile(join(path, file), '{"cookie":');
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject(lost);
    await browser.get('/me').expect(200, { user: null });
    expect(events.filter(({ type }) => type === 'expired')).toMatchObject([{ reason: 'lost' }]);
    await rm(path, { recursive: true });
  });

  test('is not one whose cookie ends with the browser session', async () => {
    const app = await startApp({ session: { cookie: { maxAge: 60 * MINUTE } } });
    for (const originalMaxAge of [false, null]) {
      const browser = await app.signedIn();
      rewriteLast(app, (row) => ({ ...row, cookie: { originalMaxAge, expires: originalMaxAge, path: '/' } }));
      await browser.get('/me').expect(200, { user: 'alice' });
    }
  });

  test.each([{ sameSite: 'evil' }, { domain: 'a b;c' }, { domain: {} }])(
    'with the invalid cookie attributes %j does not make requests hang',
    async (attributes) => {
      const app = await startApp();
      const browser = await app.signedIn();
      rewrite(app, (row) => ({ ...row, cookie: { ...(row['cookie'] as object), ...attributes } }));
      await browser.post('/session/end').set('x-session-client', '1').expect(204);
      await browser.get('/me').expect(200, { user: null });
    },
  );

  test('under an unusually long id ends the session, too', async () => {
    const app = await startApp({ session: { genid: () => 'x'.repeat(300) } });
    const browser = await app.signedIn();
    rewrite(app, () => '{');
    await browser.get('/me').expect(401);
    await browser.get('/me').expect(200, { user: null });
  });

  test('makes a POST fail with 401, because its body has not been parsed', async () => {
    const app = await startApp({ options: { redirectTo: '/login' } });
    const browser = await app.signedIn();
    rewrite(app, () => '{');
    const { body, headers } = await browser.post('/login').send({ user: 'bob' }).expect(401);
    expect(body).toMatchObject({ ...lost, loginUrl: '/login?reason=lost' });
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^connect\.sid=;/)]);
    await browser.post('/login').send({ user: 'bob' }).expect(201);
  });

  test('is answered with the error of a function that fails', async () => {
    const options = {
      redirectTo: () => {
        throw new Error('no tenant');
      },
    };
    const app = await startApp({ options });
    const browser = await app.signedIn();
    rewrite(app, () => '{');
    await browser.get('/me').expect(500);
    await browser.get('/me').expect(200, { user: null });
  });

  test('is left alone if the application has answered meanwhile', async () => {
    const errors: unknown[] = [];
    const app = await startApp({
      setup: (nest) => {
        nest.use((_req: Request, res: Response, next: NextFunction) => {
          if (Object.keys(app.store.sessions).length > 0) setTimeout(() => res.status(503).end(), 20);
          next();
        });
      },
    });
    const browser = await app.signedIn();
    rewrite(app, () => '{');
    const destroy = app.store.destroy;
    app.store.destroy = (id, done) => void setTimeout(() => destroy.call(app.store, id, done), 60);
    const note = (error: unknown) => errors.push(error);
    process.on('unhandledRejection', note);
    await browser.get('/me').set('accept', 'text/html').set('sec-fetch-mode', 'navigate').expect(503);
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.off('unhandledRejection', note);
    expect(errors).toEqual([]);
  });

  test('does not appear in the log', async () => {
    const logs: string[] = [];
    const app = await startApp({ logger: collector(logs) });
    const browser = await app.signedIn();
    rewrite(app, () => 'secret-token\nERROR forged');
    await browser.get('/me').expect(401);
    expect(logs.join('\n')).toContain('cannot be read (SyntaxError)');
    expect(logs.join('\n')).not.toContain('secret-token');
  });

  test('is not assumed if the application itself throws a TypeError', async () => {
    const { signedIn } = await startApp({
      setup: (app) =>
        app.use('/broken', () => {
          throw new TypeError('a bug');
        }),
    });
    const browser = await signedIn();
    await browser.get('/broken').expect(500);
    await browser.get('/me').expect(200, { user: 'alice' });
  });

  test.each([
    new Error('connection refused'),
    new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }),
    Object.assign(new RangeError('pool is full'), { code: 'EPOOL' }),
  ])('is not assumed if the store fails with %s: the answer is 503, and the session stays', async (error) => {
    const app = await startApp();
    const browser = await app.signedIn();
    const get = app.store.get;
    app.store.get = (_id, callback) => callback(error);
    const { headers } = await browser.get('/me').expect(503);
    expect(headers['retry-after']).toBe('2');
    expect(headers).not.toHaveProperty('set-cookie');
    app.store.get = get;
    await browser.get('/me').expect(200, { user: 'alice' });
  });
});

describe('a page load with a row that express-session cannot read', () => {
  const asPage = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' };

  test('is sent to its own URL once, and then told the reason', async () => {
    const app = await startApp({ options: { redirectTo: '/login' } });
    const browser = await app.signedIn();
    rewrite(app, () => '{');
    const first = await browser.get('/me?tab=2').set(asPage).expect(303);
    expect(first.headers).toMatchObject({ location: '/me?tab=2', 'cache-control': 'no-store' });
    expect(first.headers).not.toHaveProperty('set-cookie');
    const second = await browser.get('/me?tab=2').set(asPage).expect(303);
    expect(second.headers['location']).toBe('/login?reason=lost&returnTo=%2Fme%3Ftab%3D2');
  });

  test('is not sent there again if the row comes back', async () => {
    const app = await startApp({ options: { redirectTo: '/login' } });
    const browser = await app.signedIn();
    rewrite(app, () => '{');
    const rows = { ...app.store.sessions };
    await browser.get('/me').set(asPage).expect(303);
    Object.assign(app.store.sessions, rows);
    const again = await browser.get('/me').set(asPage).expect(303);
    expect(again.headers['location']).toBe('/login?reason=lost&returnTo=%2Fme');
  });

  test('is refused if its URL could lead to another site', async () => {
    const app = await startApp();
    const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
    rewrite(app, () => '{');
    const answer = await app.request.get('//evil.example/me').set({ ...asPage, cookie });
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.status).toBe(401);
  });
});

describe('what an application puts behind express-session', () => {
  test.each(['connect.sid', 'another.name'])(
    'is not skipped for a row that cannot be read, with cookieName %s',
    async (cookieName) => {
      const seen: unknown[] = [];
      const app = await startApp({
        options: { cookieName },
        setup: (nest) => {
          nest.use((_req: Request, res: Response, next: NextFunction) => {
            res.setHeader('x-frame-options', 'DENY');
            next();
          });
          nest.use('/admin', (req: Request, res: Response, next: NextFunction) => {
            seen.push(req.session.user);
            if (req.session.user === 'admin') next();
            else res.status(403).end();
          });
          nest.use('/admin', (_req: Request, res: Response) => res.end('secret'));
        },
      });
      const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
      rewrite(app, () => '{');
      const { text } = await app.request.get('/admin').set('cookie', cookie).expect(403);
      expect(text).toBe('');
      const { body, headers } = await app.request.get('/me').set('cookie', cookie).expect(401);
      expect(body).toMatchObject(lost);
      expect(headers['x-frame-options']).toBe('DENY');
      expect(seen).toEqual([undefined]);
    },
  );

  test('may drop the session and fail: its own error is answered, and the session stays', async () => {
    const { request } = await startApp({
      setup: (app) =>
        app.use('/strict', (req: Partial<Request>, _res: Response, next: NextFunction) => {
          delete req.session;
          next(new ForbiddenException('not today'));
        }),
    });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const { body } = await request.get('/strict').set('cookie', cookie).expect(403);
    expect(body).toMatchObject({ message: 'not today' });
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
  });
});

test('a row that cannot be read is found at the first request of a process, too', async () => {
  const before = await startApp();
  const cookie = sessionCookie(await before.request.post('/login').send({ user: 'alice' }));
  rewrite(before, () => '{');
  await before.app.close();
  const { request } = await startApp({ session: { store: before.store } });
  const { body, headers } = await request.get('/me').set('cookie', cookie).expect(401);
  expect(body).toMatchObject(lost);
  expect(headers['set-cookie']).toEqual([expect.stringMatching(/^connect\.sid=;/)]);
});

describe('a session whose marker is invalid', () => {
  test.each<[string, unknown]>([
    ['text', 'text'],
    ['null', null],
    ['a list', []],
    ['a number', 5],
    ['an object', { session: 'x', startedAt: 5 }],
    ['without a start', 'bWFya2Vy4oCm_9Qx'],
    ['text with a start that is no number', 'bWFya2Vy4oCm_9Qx.yesterday'],
    ['text with a key that is too short', 'bWFya2Vy.5'],
  ])('because it is %s ends as lost', async (_case, marker) => {
    const app = await startApp();
    const browser = await app.signedIn();
    rewrite(app, (row) => ({ ...row, [MARKER]: marker }));
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject(lost);
    await browser.get('/me').expect(200, { user: null });
  });
});

describe('a session whose record is invalid', () => {
  test.each<[string, unknown]>([
    ['an unknown state', { state: 'maybe' }],
    ['no times', { state: 'open' }],
    ['times that are text', { state: 'open', sessionAge: 'abc', idleFor: 'abc' }],
    ['a time that is NaN', { state: 'open', sessionAge: NaN, idleFor: 0 }],
    ['a time that is Infinity', { state: 'open', sessionAge: Infinity, idleFor: 0 }],
    ['activity in the future', { state: 'open', sessionAge: 5, idleFor: -1000 }],
    ['an unknown reason', { state: 'ended', reason: 'whim', endedFor: 0 }],
    ['text in its place', 'text'],
    ['null in its place', null],
  ])('because it has %s ends as lost', async (_case, record) => {
    const ledger = new RiggedLedger();
    const app = await startApp({ options: { ledger: ledger as ActivityLedger } });
    const browser = await app.signedIn();
    ledger.rigged = { record };
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject(lost);
    ledger.rigged = undefined;
    await browser.get('/me').expect(200, { user: null });
  });
});
