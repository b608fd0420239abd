import { Controller, Post, Req } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { MemoryStore, type SessionData } from 'express-session';
import { promisify } from 'node:util';
import { PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';

afterEach(stopApps);

@Controller()
class BasketController {
  @Post('basket')
  fill(@Req() req: Request) {
    req.session['basket'] = 'tea';
    return {};
  }
}

/** Signs users in that another cookie names ("remember me"), before our middleware. */
function rememberUsers(app: NestExpressApplication) {
  app.use((req: Request, _res: Response, next: NextFunction) => {
    const user = req.headers['x-remembered'];
    if (user && req.session.user !== user) req.session.user = String(user);
    next();
  });
}

const start = (store: MemoryStore) =>
  startApp({ controllers: [PagesController, BasketController], session: { store }, setup: rememberUsers });

/** Starts applications with one store, in which somebody has planted the cookie of a basket. */
async function startPlanted(count: number) {
  const store = new MemoryStore();
  const before = await startApp({ controllers: [BasketController], session: { store } });
  const planted = sessionCookie(await before.request.post('/basket').expect(201));
  await before.app.close();
  const apps = [];
  for (let i = 0; i < count; i += 1) apps.push(await start(store));
  return { planted, apps };
}

describe.each([
  ['at the first request of a process', 1, 0],
  ['once the store is known', 1, 1],
  ['where two applications share a store', 2, 1],
  ['where two applications share a store, at the first request of one', 2, 0],
])('a user whom an earlier middleware signs in %s', (_when, count, known) => {
  test('gets a new session id, and nobody else is served as that user', async () => {
    const { planted, apps } = await startPlanted(count);
    for (const { request } of apps.toReversed().slice(0, count - 1 + known)) await request.get('/me').expect(200);
    const { request } = apps[0] as (typeof apps)[0];

    const signIn = await request.get('/me').set('cookie', planted).set('x-remembered', 'victim').expect(200);
    await request.get('/me').set('cookie', planted).expect(401);
    await request.get('/me').set('cookie', sessionCookie(signIn)).expect(200, { user: 'victim' });
  });

  test('keeps the session id if it was that user before', async () => {
    const { apps } = await startPlanted(count);
    const { request } = apps[0] as (typeof apps)[0];
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }).expect(201));
    await request.get('/me').set('cookie', cookie).set('x-remembered', 'alice').expect(200, { user: 'alice' });
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
  });
});

describe('a user of one of two applications that share a store, and know their users by other fields', () => {
  const ACCOUNT = { identify: (session: Partial<SessionData>) => session['account'] as string | undefined };
  type SignIn = (req: Request) => Promise<unknown>;
  const ways: Record<string, SignIn> = {
    'is signed in': async ({ session }) => (session['account'] = 'victim'),
    'is signed in and saved': ({ session }) => {
      session['account'] = 'victim';
      return saved(session);
    },
    'is signed in by a session from load()': async ({ sessionStore, sessionID }) => {
      const load = promisify(sessionStore.load.bind(sessionStore) as unknown as (id: string, done: Done) => void);
      const session = (await load(sessionID)) as Request['session'];
      session['account'] = 'victim';
      await saved(session);
    },
  };
  type Done = (error: unknown, session: unknown) => void;
  const saved = (session: Request['session']) => new Promise((resolve) => session.save(resolve));

  describe.each(['first', 'last'])('that has started %s', (place) => {
    test.each(Object.keys(ways))('and who %s before our middleware, is seen by nobody else', async (way) => {
      const seen: unknown[] = [];
      const store = new MemoryStore();
      const withAccounts = () =>
        startApp({
          session: { store },
          options: ACCOUNT,
          setup: (app) => {
            app.use('/account', (req: Request, res: Response) => res.json({ account: req.session['account'] ?? null }));
            app.use('/sign-in', (req: Request, res: Response, next: NextFunction) => {
              const done = ways[way]?.(req).then(look);
              done?.then(() => void res.json({}), next);
            });
          },
        });
      const withUsers = () => startApp({ session: { store } });
      const apps = [];
      for (const each of place === 'first' ? [withAccounts, withUsers] : [withUsers, withAccounts]) {
        const app = await each();
        await app.request.get('/me').expect(200);
        apps.push(app);
      }
      const accounts = apps.at(place === 'first' ? 0 : -1)!;
      const planted = sessionCookie(await accounts.request.post('/note').send({ note: 'planted' }).expect(201));
      const look = async () => {
        const { body } = await accounts.request.get('/account').set('cookie', planted);
        seen.push(body.account);
      };
      await accounts.request.post('/sign-in').set('cookie', planted).expect(200);
      await look();
      expect(seen).toEqual([null, null]);
    });
  });
});

test('a session that an earlier middleware saves keeps its id where two applications share a store', async () => {
  const store = new MemoryStore();
  const saving = (app: NestExpressApplication) =>
    app.use((req: Request, _res: Response, next: NextFunction) => {
      req.session['visits'] = Number(req.session['visits'] ?? 0) + 1;
      req.session.save(next);
    });
  const apps = [await startApp({ session: { store } }), await startApp({ session: { store }, setup: saving })];
  const { request } = apps[1] as (typeof apps)[1];
  const cookie = sessionCookie(await request.post('/login').send({}).expect(201));
  await apps[0]?.request.get('/me').expect(200);
  for (let i = 0; i < 2; i += 1) await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
});
