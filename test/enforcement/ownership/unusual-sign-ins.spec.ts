import type { Request, RequestHandler } from 'express';
import { MemoryStore, type SessionData, type Store } from 'express-session';
import { startApp, stopApps } from '../../support/app.js';
import { sessionCookie, sessionIdOf } from '../../support/cookies.js';
import { type Act, acts, type Carry, promised, router, saved, start, type Whoever } from './support/acts.js';

afterEach(stopApps);

const copyOf = (session: object) => JSON.parse(JSON.stringify(session)) as SessionData;

describe('a sign-in that is written to the store by hand', () => {
  const set = (req: Request, data: SessionData) => promised((done) => req.sessionStore.set(req.sessionID, data, done));
  const byHand: Record<string, Act> = {
    'a copy of the session': (req) => set(req, { ...copyOf(req.session), user: 'victim' }),
    'a row that was read': (req) =>
      promised((done) =>
        req.sessionStore.get(
          req.sessionID,
          (_error, row) => void set(req, { ...row!, user: 'victim' }).then(done, done),
        ),
      ),
    'a session of an object that inherits from the request': (req) => {
      const heir = Object.create(req) as Request;
      req.sessionStore.createSession(heir, { ...copyOf(req.session), user: 'victim' });
      return saved(heir);
    },
    'a session object made of data': (req) => {
      const holder = { sessionID: req.sessionID, sessionStore: req.sessionStore } as Request;
      req.sessionStore.createSession(holder, { ...copyOf(req.session), user: 'victim' });
      return saved(holder);
    },
  };
  Object.assign(acts, byHand);

  test.each(Object.keys(byHand))('as %s ends the session, as others may know its id', async (name) => {
    const { signIn, store, cookie, logs } = await start();
    const { attacker, victim } = await signIn(name);
    expect(attacker).toEqual([null, null, null]);
    expect(victim.body).toMatchObject({ user: null });
    expect(store.sessions).not.toHaveProperty(sessionIdOf(cookie));
    expect(logs.filter((line) => line.includes('session fixation'))).toHaveLength(1);
    expect(logs.join()).not.toContain(sessionIdOf(cookie));
  });

  test('tells the reason to the next request', async () => {
    const { signIn, request, cookie } = await start();
    await signIn('a copy of the session');
    expect((await request.get('/me').set('cookie', cookie).expect(401)).body).toMatchObject({ reason: 'replaced' });
  });

  test('works under a new id, which nobody knows', async () => {
    const { store, request, cookie } = await start();
    const id = sessionIdOf(cookie);
    const row = JSON.parse(store.sessions[id] as string) as SessionData;
    await promised((done) => store.set('new', { ...row, user: 'carol' }, done));
    expect(JSON.parse(store.sessions['new'] as string)).toMatchObject({ user: 'carol' });
    await request.get('/me').set('cookie', cookie).expect(200, { user: null });
  });

  test('may change a session whose user stays the same, also after a restart', async () => {
    const store = new MemoryStore() as MemoryStore & { sessions: Record<string, string> };
    const before = await startApp({ session: { store } });
    const cookie = sessionCookie(await before.request.post('/login').send({ user: 'alice' }));
    const write = (role: string) => {
      const row = JSON.parse(store.sessions[sessionIdOf(cookie)] as string) as SessionData;
      return promised((done) => store.set(sessionIdOf(cookie), { ...row, role }, done));
    };
    await write('reader');
    await before.request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
    await stopApps();

    const { request } = await startApp({ session: { store } });
    await request.get('/public').expect(200);
    await write('editor');
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
    expect(store.sessions[sessionIdOf(cookie)]).toContain('editor');
  });
});

describe('a session that the application loads by the id in a header', () => {
  const byHeader: Carry = (cookie) => ({ 'x-session': decodeURIComponent(sessionIdOf(cookie)) });
  const ways: Record<string, RequestHandler> = {
    'get() and createSession()': (req, _res, next) => {
      const id = req.get('x-session');
      if (id === undefined) return next();
      req.sessionStore.get(id, (_error, row) => {
        if (row) req.sessionStore.createSession(Object.assign(req, { sessionID: id }), row);
        next();
      });
    },
    'load()': (req, _res, next) => {
      const id = req.get('x-session');
      if (id === undefined) return next();
      req.sessionStore.load(id, (_error, session) => {
        if (session) Object.assign(req, { sessionID: id, session });
        next();
      });
    },
  };
  const signIns: Record<string, Act> = {
    'at once': ({ session }) => Object.assign(session, { user: 'victim' }),
    'and saves it': (req) => {
      Object.assign(req.session, { user: 'victim' });
      return saved(req);
    },
  };
  Object.assign(acts, signIns);

  describe.each(Object.entries(ways))('with %s', (name, way) => {
    const routers: [string, RequestHandler[]][] = [
      ['a handler', [way]],
      ['a router before our middleware', [way, router]],
    ];
    describe.each(routers)('in %s', (_where, handlers) => {
      test.each(Object.keys(signIns))('signs in nobody else %s', async (act) => {
        const { signIn } = await start({ setup: (app) => void app.use(...handlers) }, byHeader);
        const { attacker, victim } = await signIn(act);
        expect(attacker).toEqual([null, null, null]);
        // A session from load() saves itself, so its id cannot change.
        if (name === 'load()') expect([null, undefined, 'victim']).toContain(victim.body.user);
        else expect(victim.body).toEqual({ user: 'victim', note: 'planted' });
      });
    });
  });
});

describe('a sign-in that only the stored data shows', () => {
  const inStored: Record<string, Act> = {
    'by an object': ({ session }) => Object.assign(session, { box: { toJSON: () => ({ user: 'victim' }) } }),
    'by an object, saved early': (req) => {
      Object.assign(req.session, { box: { toJSON: () => ({ user: 'victim' }) } });
      return saved(req);
    },
    'by a function, saved early': (req) => {
      Object.assign(req.session, { box: Object.assign(() => 1, { toJSON: () => ({ user: 'victim' }) }) });
      return saved(req);
    },
    'by an object with the name of the cookie, saved early': (req) => {
      Object.assign(req.session, { box: { cookie: { toJSON: () => 'victim' } } });
      return saved(req);
    },
    'by the session, saved early': (req) => {
      const { cookie } = req.session;
      Object.assign(req.session, { changed: true, toJSON: () => ({ cookie, user: 'victim' }) });
      return saved(req);
    },
  };
  Object.assign(acts, inStored);

  test.each(Object.keys(inStored))('%s, signs in nobody else', async (name) => {
    const { attacker, victim } = await (await start()).signIn(name);
    expect(attacker).toEqual([null, null, null]);
    expect(victim.body.user).toBe('victim');
  });
});

test('a sign-in signs in nobody else if `identify` failed when its session came', async () => {
  let fails = false;
  const failing = (session: Whoever) => {
    if (fails) throw new Error('out of order');
    return session.user;
  };
  acts['repaired'] = ({ session }) => {
    fails = false;
    session.user = 'victim';
  };
  const setup = (app: { use(handler: RequestHandler): void }) => app.use(router);
  const { signIn } = await start({ setup, options: { identify: failing } });
  fails = true;
  const { attacker, victim } = await signIn('repaired');
  expect(attacker).toEqual([null, null, null]);
  expect(victim.body.user).toBe('victim');
});

describe('a store whose methods other code wraps after the first request', () => {
  type Wrap = (store: Store) => void;
  const copySet: Wrap = (store) => {
    const { set } = store;
    store.set = (id, session, done) => set.call(store, id, copyOf(session), done);
  };
  const copyGet: Wrap = (store) => {
    const { get } = store;
    store.get = (id, done) => get.call(store, id, (error, row) => done(error, row && copyOf(row)));
  };
  const slow: Wrap = (store) => {
    const { get, set } = store;
    store.get = (id, done) =>
      get.call(store, id, (error, row) => void setImmediate(() => done(error, row && copyOf(row))));
    store.set = (id, session, done) => {
      const copy = copyOf(session);
      setImmediate(() => set.call(store, id, copy, done));
    };
  };
  const wraps: [string, Wrap][] = [
    ['set()', copySet],
    ['get()', copyGet],
    ['both', (store) => [copySet, copyGet].forEach((wrap) => wrap(store))],
    ['both, which take their time', slow],
  ];
  const signIns: Record<string, Act> = {
    'a sign-in': ({ session }) => Object.assign(session, { user: 'victim' }),
    'a sign-in that is saved early': (req) => {
      Object.assign(req.session, { user: 'victim' });
      return saved(req);
    },
    'a sign-in after regenerate() and save()': async (req) => {
      await promised((done) => req.session.regenerate(done));
      await saved(req);
      req.session.user = 'victim';
      await saved(req);
    },
  };
  Object.assign(acts, signIns);

  describe.each(wraps)('%s', (_name, wrap) => {
    describe.each([
      ['a handler', []],
      ['a router before our middleware', [router]],
    ])('in %s', (_where, routers) => {
      test.each(Object.keys(signIns))('%s is safe', async (act) => {
        const setup = (app: { use(handler: RequestHandler): void }) => routers.forEach((each) => app.use(each));
        const { signIn, store } = await start({ setup });
        wrap(store);
        const { attacker, victim } = await signIn(act);
        expect(attacker).toEqual([null, null, null]);
        expect([200, 401]).toContain(victim.status);
      });

      test.each(Object.keys(signIns))('%s works once any other request has come', async (act) => {
        const setup = (app: { use(handler: RequestHandler): void }) => routers.forEach((each) => app.use(each));
        const { signIn, store, who } = await start({ setup });
        wrap(store);
        await who().expect(200);
        const { attacker, victim } = await signIn(act);
        expect(attacker).toEqual([null, null, null]);
        expect(victim.body.user).toBe('victim');
      });
    });
  });
});
