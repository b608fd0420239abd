import type { Request, RequestHandler } from 'express';
import { MemoryStore, type SessionData } from 'express-session';
import type { HttpSession } from '../../../src/express-session/http-session.js';
import { httpSessionOf } from '../../../src/express-session/session-of-request.js';
import type { StoreHooks } from '../../../src/express-session/store/store-hooks.js';
import { takeOver } from '../../../src/express-session/store/store-takeover.js';
import { setCookies } from '../../support/cookies.js';
import { type Rows, serve } from '../support/server.js';
import { application, asSessionStore, fill, outcome, serveTaken, showing, taken } from '../support/taken-server.js';

const what = ({ origin, presentedId, fault }: HttpSession) => ({
  origin,
  presentedId: presentedId ?? null,
  fault: fault ?? null,
});

/** Answers with what came with the request. */
const came = showing((req) => what(httpSessionOf(req)));

type Get = MemoryStore['get'];

/** A store that calls back at once, and fails as it is told to. */
class ImmediateStore extends MemoryStore {
  /** What `get` does instead, for which ids. */
  failing: ((...args: Parameters<Get>) => void) | undefined;

  override get(...args: Parameters<Get>) {
    const [id, callback] = args;
    if (this.failing) return this.failing(...args);
    const row = (this as unknown as Rows).sessions[id];
    callback(null, row === undefined ? null : (JSON.parse(row) as SessionData));
  }
}

describe('what came', () => {
  test('with no cookie is a new session', async () => {
    const { request } = serveTaken([came]);
    await request.get('/').expect(200, { seen: { origin: 'new', presentedId: null, fault: null } });
  });

  test.each([
    ['later', () => new MemoryStore()],
    ['at once', () => new ImmediateStore()],
  ])('with the cookie of a session is that session, if the store calls back %s', async (_when, create) => {
    const server = serveTaken([came], {}, { store: create() });
    const { id } = await fill(server);
    await server.browser.get('/').expect(200, { seen: { origin: 'loaded', presentedId: id, fault: null } });
  });

  test.each([
    ['later', () => new MemoryStore()],
    ['at once', () => new ImmediateStore()],
  ])('with the cookie of a missing row is a new session, if the store calls back %s', async (_when, create) => {
    const server = serveTaken([came], {}, { store: create() });
    const { id } = await fill(server);
    delete server.store.sessions[id];
    await server.browser.get('/').expect(200, { seen: { origin: 'new', presentedId: id, fault: null } });
  });

  test('with the cookie of a row that the store reports as ENOENT is a new session', async () => {
    const store = new ImmediateStore();
    const server = serveTaken([came], {}, { store });
    const { id } = await fill(server);
    store.failing = (_id, callback) => callback(Object.assign(new Error('no such file'), { code: 'ENOENT' }));
    await server.browser.get('/').expect(200, { seen: { origin: 'new', presentedId: id, fault: null } });
  });

  test('with a wrong signature is a new session, and the id is not believed', async () => {
    const server = serveTaken([came]);
    const { cookie } = await fill(server);
    await server.request
      .get('/')
      .set('Cookie', cookie.replace(/\.[^.]*$/, '.forged'))
      .expect(200, { seen: { origin: 'new', presentedId: null, fault: null } });
  });

  test('is told to the application once, with what it began to fetch', async () => {
    const told: unknown[] = [];
    const hooks: Partial<StoreHooks> = {
      fetching: (sessionId) => `ahead of ${sessionId}`,
      arrived: (session, fetched) => void told.push([session.origin, session.req.session.user ?? null, fetched]),
    };
    const server = serveTaken([came], hooks);
    const { id } = await fill(server);
    await server.browser.get('/').expect(200);
    expect(told).toEqual([
      ['new', null, undefined],
      ['loaded', 'alice', `ahead of ${id}`],
    ]);
  });

  test.each([
    ['the one of two applications that serves the request', true, ['arrived other', 'arrived other']],
    ['no application if neither of two serves the request', false, []],
  ])('belongs to %s', async (_which, serves, expected) => {
    const told: string[] = [];
    const hooks = (name: string, isServing: boolean): Partial<StoreHooks> => ({
      serves: () => isServing,
      fetching: () => told.push(`fetching ${name}`),
      arrived: () => void told.push(`arrived ${name}`),
    });
    const server = serveTaken([showing((req) => httpSessionOf(req).application === undefined)], hooks('one', false));
    takeOver(asSessionStore(server.store), application(hooks('other', serves)));
    await fill(server);
    await server.browser.get('/').expect(200, { seen: !serves });
    expect(told).toEqual(expected);
  });

  test('is not confused by another row that is looked up before express-session', async () => {
    const store = new ImmediateStore();
    const { request } = serveBehindLookup(store, { cookie: {} } as SessionData);
    taken(store);
    await request.get('/').expect(200, { seen: { origin: 'new', presentedId: null, fault: null } });
  });
});

/** Looks a row up for each request, and lets express-session come in the callback. */
function serveBehindLookup(store: ImmediateStore, row: SessionData) {
  store.set('maintenance', row);
  const lookUp: RequestHandler = (_req, _res, next) => store.get('maintenance', () => next());
  return serve([came], { store }, [lookUp]);
}

describe('a row that express-session cannot work with', () => {
  const SOUND = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' };
  const rows: [string, unknown][] = [
    ['text', 'hello'],
    ['a number', 5],
    ['a list', []],
    ['no cookie', { user: 'alice' }],
    ['a cookie that is null', { cookie: null, user: 'alice' }],
    ['a cookie that is text', { cookie: 'connect.sid', user: 'alice' }],
    ['a lifetime that is text', { cookie: { ...SOUND, originalMaxAge: '60000' } }],
    ['a lifetime that is an object', { cookie: { ...SOUND, originalMaxAge: { low: 1, high: 0 } } }],
    ['a lifetime beyond all dates', { cookie: { ...SOUND, originalMaxAge: 1e300 } }],
    ['a maxAge that is text', { cookie: { ...SOUND, maxAge: '60000' } }],
    ['an expiry that is no date', { cookie: { ...SOUND, expires: 'tomorrow' } }],
    ['an expiry that is a number', { cookie: { ...SOUND, expires: 9e15 } }],
    ['an expiry that is an object', { cookie: { ...SOUND, expires: {} } }],
  ];

  const change: RequestHandler = (req, res) => {
    const seen = what(httpSessionOf(req));
    req.session['note'] = 'new';
    res.json({ seen });
  };

  test.each(rows)('with %s is a new session, whose request works and is stored', async (_what, row) => {
    const server = serveTaken([change], {}, { rolling: true, cookie: { maxAge: 60_000 } });
    const { id } = await fill(server);
    server.store.sessions[id] = JSON.stringify(row);
    const answer = await server.browser.get('/').expect(200);
    expect(answer.body).toEqual({ seen: { origin: 'new', presentedId: id, fault: 'malformed row' } });
    expect(setCookies(answer)).toHaveLength(1);
    expect(Object.keys(server.store.sessions)).toHaveLength(2);
  });

  test.each<[string, unknown]>([
    ['a path that no cookie can have', { cookie: { ...SOUND, path: '/\n' } }],
    ['a path that is an object', { cookie: { ...SOUND, path: { '\n': 1, toString: 5 } } }],
    ['a domain that no cookie can have', { cookie: { ...SOUND, domain: 'a b; Path=/' } }],
    ['a sameSite that does not exist', { cookie: { ...SOUND, sameSite: 'sometimes' } }],
    ['a sameSite that is a number', { cookie: { ...SOUND, sameSite: 1 } }],
    ['a priority that does not exist', { cookie: { ...SOUND, priority: 'highest' } }],
  ])('is not a row with %s: the session goes on, and its cookie is sent without', async (_what, row) => {
    const server = serveTaken([change], {}, { rolling: true });
    const { id } = await fill(server);
    server.store.sessions[id] = JSON.stringify(row);
    const answer = await server.browser.get('/').expect(200);
    expect(answer.body).toEqual({ seen: { origin: 'loaded', presentedId: id, fault: null } });
    expect(setCookies(answer)).toEqual([expect.stringMatching(/; Path=\/; HttpOnly$/)]);
    expect(JSON.parse(server.store.sessions[id])).toEqual({ cookie: SOUND, note: 'new' });
  });

  test('with broken JSON is a new session as well', async () => {
    const server = serveTaken([came]);
    const { id } = await fill(server);
    server.store.sessions[id] = '{"cookie":';
    await server.browser.get('/').expect(200, { seen: { origin: 'new', presentedId: id, fault: 'SyntaxError' } });
  });

  test.each([
    ['as little as possible', {}],
    ['nothing but null', { originalMaxAge: null, expires: null, domain: null, sameSite: null, priority: null }],
    ['false for a cookie that ends with the browser', { originalMaxAge: false, expires: false }],
    ['all there can be', { ...SOUND, domain: '.app.example', secure: false, sameSite: 'Lax', priority: 'High' }],
    ['yes and no', { ...SOUND, sameSite: true, partitioned: true, secure: 'auto' }],
  ])('is not a row whose cookie has %s', async (_what, cookie) => {
    const server = serveTaken([came]);
    const { id } = await fill(server);
    server.store.sessions[id] = JSON.stringify({ cookie });
    await server.browser.get('/').expect(200, { seen: { origin: 'loaded', presentedId: id, fault: null } });
  });
});

describe('a store that fails', () => {
  const failures: [string, Get][] = [
    ['calls back with an error', (_id, callback) => setImmediate(callback, new Error('out of order'))],
    ['calls back with an error at once', (_id, callback) => callback(new Error('out of order'))],
    ['calls back with text', (_id, callback) => callback('out of order')],
    ['rejects', (() => Promise.reject(new Error('out of order'))) as never],
    [
      'throws',
      () => {
        throw new Error('out of order');
      },
    ],
  ];

  test.each(failures)('and %s is asked no more, and express-session gets its error', async (_how, get) => {
    const store = new ImmediateStore();
    const server = serveTaken([came], {}, { store });
    await fill(server);
    store.failing = get;
    await server.browser.get('/').expect(500, 'out of order');
  });

  test('and calls back once more later gives no second answer', async () => {
    const store = new ImmediateStore();
    const server = serveTaken([came], {}, { store });
    const { id } = await fill(server);
    const get = store.get.bind(store);
    let calls = 0;
    store.failing = (sessionId, callback) => {
      store.failing = undefined;
      get(sessionId, (error, row) => {
        calls += 1;
        callback(error, row);
        callback(new Error('too late'));
        callback(null, null);
      });
    };
    await server.browser.get('/').expect(200, { seen: { origin: 'loaded', presentedId: id, fault: null } });
    expect(calls).toBe(1);
  });
});

describe('a request of which it is not known yet to which application it has come', () => {
  const elsewhere = { serves: () => false };
  const look = showing((req) => {
    req.session.user = 'mallory';
    const { loaded, origin } = httpSessionOf(req);
    return [origin, loaded.user];
  });

  test('keeps its session as it was loaded, and a new one as it is', async () => {
    const server = serveTaken([look], elsewhere);
    takeOver(asSessionStore(server.store), application(elsewhere));
    await fill(server);
    await server.browser.get('/').expect(200, { seen: ['loaded', 'alice'] });
    await server.request.get('/').expect(200, { seen: ['new', 'mallory'] });
  });
});

describe('a row that other code has copied on its way', () => {
  test('is loaded all the same', async () => {
    const server = serveTaken([came]);
    const { id } = await fill(server);
    const { get } = server.store;
    server.store.get = (sessionId, callback) =>
      get.call(server.store, sessionId, (_error, row) => {
        callback(null, row ? { ...row } : row);
      });
    await server.browser.get('/').expect(200, { seen: { origin: 'loaded', presentedId: id, fault: null } });
  });

  test('does not count for an object that only stands for a request, or a request that has its session', async () => {
    const look = showing((req) => {
      const { sessionStore, sessionID } = req;
      const before = what(httpSessionOf(req));
      const standsFor = { sessionID } as Request;
      sessionStore.createSession(standsFor, { cookie: { originalMaxAge: null }, user: 'bob' } as SessionData);
      sessionStore.createSession(req, { cookie: { originalMaxAge: null }, user: 'bob' } as SessionData);
      const { origin, presentedId } = httpSessionOf(req);
      return [origin, presentedId === before.presentedId, httpSessionOf(standsFor).origin];
    });
    const server = serveTaken([look]);
    await fill(server);
    await server.browser.get('/').expect(200, { seen: ['loaded', true, 'unseen'] });
    const [origin, , standsFor] = (await server.request.get('/').expect(200)).body.seen;
    expect([origin, standsFor]).toEqual(['new', 'unseen']);
  });
});

describe('a row that the application reads itself', () => {
  test('is known while the callback runs, and forgotten when the callback has made no session of it', () => {
    const store = new ImmediateStore();
    const current = taken(store);
    const seen: unknown[] = [];
    store.get('id', () => void seen.push(current.arriving?.sessionId));
    seen.push(current.arriving);
    expect(seen).toEqual(['id', undefined]);
  });

  test('comes as a promise if the store returns one, and as an object of its own', async () => {
    const row = { user: 'alice' };
    const store = new ImmediateStore();
    store.failing = (() => Promise.resolve(row)) as never;
    taken(store);
    const read = await (store.get as (id: string) => unknown)('id');
    expect(read).toEqual(row);
    expect(read).not.toBe(row);
  });
});

describe('an error that the callback of get() throws', () => {
  test('is not treated as one of the store', () => {
    const store = new ImmediateStore();
    let calls = 0;
    taken(store);
    expect(() =>
      store.get('id', () => {
        calls += 1;
        throw new Error('a bug of the application');
      }),
    ).toThrow('a bug of the application');
    expect(calls).toBe(1);
  });
});

describe('a session that is read again', () => {
  const note = (req: Request) => what(httpSessionOf(req));

  test('with reload() came as it did before', async () => {
    const told: string[] = [];
    const act = async (req: Request) => {
      const answer = await outcome((done) => req.session.reload(done));
      return { ...note(req), answer, user: req.session.user };
    };
    const server = serveTaken([showing(act)], { arrived: ({ origin }) => void told.push(origin) });
    const { id } = await fill(server);
    told.length = 0;
    const seen = { origin: 'loaded', presentedId: id, fault: null, answer: 'done', user: 'alice' };
    await server.browser.get('/').expect(200, { seen });
    expect(told).toEqual(['loaded']);
  });

  test.each([
    ['missing', undefined],
    ['malformed', '{"cookie":5}'],
    ['broken', '{"cookie":'],
  ])('with reload() while its row is %s is an error, and the request keeps what it has', async (_how, row) => {
    const act = async (req: Request) => {
      if (row === undefined) delete server.store.sessions[req.sessionID];
      else server.store.sessions[req.sessionID] = row;
      const answer = await outcome((done) => req.session.reload(done));
      delete server.store.sessions[req.sessionID];
      return { ...note(req), answer, user: req.session.user };
    };
    const server = serveTaken([showing(act)]);
    const { id } = await fill(server);
    const seen = { origin: 'loaded', presentedId: id, fault: null, answer: 'failed to load session', user: 'alice' };
    await server.browser.get('/').expect(200, { seen });
  });

  test('with load() is that session, and can be saved', async () => {
    const act = () =>
      outcome((done) =>
        server.store.load(id, (error, session) => {
          if (error || !session) return done(error ?? new Error('no session'));
          Object.assign(session, { note: session.user });
          (session as unknown as Request['session']).save(done);
        }),
      );
    const server = serveTaken([showing(act)]);
    const { id } = await fill(server);
    await server.request.get('/').expect(200, { seen: 'done' });
    expect(JSON.parse(server.store.sessions[id] as string)).toMatchObject({ user: 'alice', note: 'alice' });
  });

  test('with load() is none if its row is malformed', async () => {
    const act = () =>
      new Promise((resolve) => server.store.load(id, (error, row) => resolve([error, row].map(Boolean))));
    const server = serveTaken([showing(act)]);
    const { id } = await fill(server);
    server.store.sessions[id] = '{}';
    await server.request.get('/').expect(200, { seen: [false, false] });
  });

  test('does not change how the request came when it gets a new id with regenerate()', async () => {
    const told: unknown[] = [];
    const act = async (req: Request) => {
      told.length = 0;
      await outcome((done) => req.session.regenerate(done));
      return { ...note(req), isReused: httpSessionOf(req).isReused };
    };
    const server = serveTaken([showing(act)], { arrived: ({ isReused }) => void told.push(isReused) });
    const { id } = await fill(server);
    await server.browser
      .get('/')
      .expect(200, { seen: { origin: 'loaded', presentedId: id, fault: null, isReused: false } });
    expect(told).toEqual([false]);
  });
});
