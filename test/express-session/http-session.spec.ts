import type { Request, RequestHandler, Response } from 'express';
import { MemoryStore } from 'express-session';
import { createHash } from 'node:crypto';
import type { HttpSession } from '../../src/express-session/http-session.js';
import { httpSessionOf, knownHttpSession } from '../../src/express-session/session-of-request.js';
import { setupOf } from '../../src/express-session/session-content.js';
import { MARKER } from '../../src/express-session/marker.js';
import type { StoreHooks } from '../../src/express-session/store/store-hooks.js';
import { takeOver } from '../../src/express-session/store/store-takeover.js';
import { sessionCookie, sessionIdOf, setCookies } from '../support/cookies.js';
import { HOUR } from '../support/time.js';
import { FullStore } from './support/full-store.js';
import { type Rows, serve } from './support/server.js';
import { stopTheClock } from './support/stopped-clock.js';
import { application, asSessionStore, fill, outcome, serveTaken } from './support/taken-server.js';

stopTheClock();

type Look = (session: HttpSession, req: Request, res: Response) => unknown;

/** Answers with what `look` returns, as JSON. */
const looking =
  (look: Look): RequestHandler =>
  async (req, res) => {
    const seen = await look(httpSessionOf(req), req, res);
    res.json({ seen });
  };

/** Serves `look` over a store that is taken over, in a browser that has a session of alice. */
async function filled(look: Look, options: Parameters<typeof serve>[1] = {}, hooks: Partial<StoreHooks> = {}) {
  const server = serveTaken([looking(look)], {}, options);
  const session = await fill(server);
  Object.assign(server.hooks, hooks);
  return { ...server, ...session };
}

describe('the session on a request', () => {
  test('has the id of express-session, and its SHA-256 as a key', async () => {
    const { browser, id } = await filled(({ id, key }) => ({ id, key }));
    const key = createHash('sha256').update(id).digest('base64url');
    await browser.get('/').expect(200, { seen: { id, key } });
  });

  test('is the same whoever asks, and known once somebody has asked', async () => {
    const look: Look = (session, req) => [httpSessionOf(req) === session, knownHttpSession(req) === session];
    const { browser } = await filled(look);
    await browser.get('/').expect(200, { seen: [true, true] });
    expect(knownHttpSession({} as Request)).toBeUndefined();
  });

  test('shows the data of the application', async () => {
    const { browser } = await filled(({ data }) => data.user);
    await browser.get('/').expect(200, { seen: 'alice' });
  });

  test('holds no data if there is nothing but a cookie, a marker and what stores add', async () => {
    const look: Look = (session, req) => {
      const empty = session.holdsData;
      session.writeMarker(session.key, { startedAt: 5, run: undefined });
      Object.assign(req.session, { lastModified: 1, __lastAccess: 2 });
      const marked = session.holdsData;
      req.session['note'] = 'kept';
      return [empty, marked, session.holdsData];
    };
    await serve([looking(look)])
      .request.get('/')
      .expect(200, { seen: [false, false, true] });
  });

  test('counts as destroyed after destroy(), and not after req.session = null, nor while it is hidden', async () => {
    const look: Look = async (session, req) => {
      const before = [session.exists, session.isDestroyed];
      if (req.path === '/destroy') await outcome((done) => req.session.destroy(done));
      else if (req.path === '/hide') session.hide();
      else (req as { session: unknown }).session = null;
      return [...before, session.exists, session.isDestroyed];
    };
    const { browser, request } = await filled(look);
    await browser.get('/destroy').expect(200, { seen: [true, false, false, true] });
    await request.get('/null').expect(200, { seen: [true, false, false, false] });
    await request.get('/hide').expect(200, { seen: [true, false, false, false] });
  });

  test('shows the settings of express-session', async () => {
    const cookie = { maxAge: HOUR, sameSite: 'strict', secure: false } as const;
    const { browser } = await filled((_session, req) => setupOf(req), { cookie });
    const setup = { hasMemoryStore: true, maxAge: HOUR, sameSite: 'strict', secure: false };
    await browser.get('/').expect(200, { seen: setup });
  });

  test('shows a lifetime of the cookie that is a millisecond short in whole seconds', () => {
    const cookie = { originalMaxAge: 12 * HOUR - 1, sameSite: 'lax' };
    const req = { session: { cookie }, sessionStore: new MemoryStore() } as unknown as Request;
    expect(setupOf(req).maxAge).toBe(12 * HOUR);
  });

  test('is reused if the browser had its id before', async () => {
    const look: Look = async (session, req) => {
      const before = session.isReused;
      await outcome((done) => req.session.regenerate(done));
      return [before, session.isReused];
    };
    const { browser, request } = await filled(look);
    await request.get('/').expect(200, { seen: [false, false] });
    await browser.get('/').expect(200, { seen: [true, false] });
  });

  test('is written at once, which fails if the store does', async () => {
    const store = new FullStore();
    const look: Look = async (session, req) => {
      req.session['note'] = 'kept';
      await session.write();
      const rows = Object.values((store as unknown as Rows).sessions);
      store.full = true;
      const failure = await session.write().catch((error: Error) => error.message);
      store.full = false;
      return { stored: rows.map((row) => (JSON.parse(row) as { note: string }).note), failure };
    };
    await serveTaken([looking(look)], {}, { store })
      .request.get('/')
      .expect(200, { seen: { stored: ['kept'], failure: 'full' } });
  });

  test('is written and deleted without a word to the application', async () => {
    const told: string[] = [];
    const tell = (name: string) => () => Boolean(told.push(name));
    const hooks = { saving: tell('saving'), isEnded: tell('isEnded'), destroying: tell('destroying') };
    const look: Look = async (session) => {
      await session.write();
      const written = Object.keys(store.sessions).length;
      await session.deleteRow(session.id);
      return [written, Object.keys(store.sessions).length, ...told];
    };
    const { browser, store } = await filled(look, {}, hooks);
    await browser.get('/').expect(200, { seen: [1, 0] });
  });

  test('is deleted by what somebody else has put in place of the method, whose error is passed on', async () => {
    const look: Look = async (session) => {
      store.destroy = (_id, callback) => callback?.(new Error('read only'));
      return session.deleteRow(session.id).catch((error: Error) => error.message);
    };
    const { browser, store } = await filled(look);
    await browser.get('/').expect(200, { seen: 'read only' });
  });
});

describe('a request without a session', () => {
  test('that express-session has not seen has nothing', () => {
    const { exists, store, isMissing, isDestroyed } = httpSessionOf({} as Request);
    expect({ exists, store, isMissing, isDestroyed }).toEqual({
      exists: false,
      store: undefined,
      isMissing: false,
      isDestroyed: false,
    });
  });

  test.each<[string, (req: Request) => void, boolean]>([
    ['destroyed', (req) => void req.session.destroy(() => {}), true],
    ['only taken off the request', (req) => void delete (req as Partial<Request>).session, false],
  ])('that has been %s says so', async (_what, act, isDestroyed) => {
    const look: Look = (session, req) => {
      act(req);
      return [session.exists, session.isDestroyed];
    };
    const { browser } = await filled(look);
    await browser.get('/').expect(200, { seen: [false, isDestroyed] });
  });

  test('can be hidden, shown and repaired to no effect', () => {
    const req = {} as Request;
    const session = httpSessionOf(req);
    session.hide();
    session.show();
    session.repair();
    expect(Object.keys(req)).toEqual([]);
  });
});

describe('another id', () => {
  test('with replace(): the request goes on with the given data, and the old row stays until it is deleted', async () => {
    const look: Look = async (session, req) => {
      const oldId = session.id;
      session.replace({ note: 'new' });
      const seen = { user: req.session.user ?? null, note: req.session['note'], isOld: session.id === oldId };
      const rows = Object.keys(store.sessions);
      await session.deleteRow(oldId);
      return { ...seen, rows: rows.map((row) => row === oldId), left: Object.keys(store.sessions).length };
    };
    const { browser, store, id } = await filled(look);
    const answer = await browser.get('/').expect(200);
    expect(answer.body).toEqual({ seen: { user: null, note: 'new', isOld: false, rows: [true], left: 0 } });
    const newId = decodeURIComponent(sessionIdOf(sessionCookie(answer)));
    expect(newId).not.toBe(id);
    expect(Object.keys(store.sessions)).toEqual([newId]);
  });

  test.each([
    ['stored even if it is empty', false, 1],
    ['not stored if it is hidden', true, 0],
  ])('with replace(): the session is %s', async (_what, hides, cookies) => {
    const look: Look = (session) => {
      session.replace();
      if (hides) session.hide();
    };
    const { browser, store } = await filled(look);
    expect(setCookies(await browser.get('/').expect(200))).toHaveLength(cookies);
    expect(Object.keys(store.sessions)).toHaveLength(1 + cookies);
  });

  test.each<[string, { maxAge?: number }]>([
    ['a cookie that lasts', { maxAge: HOUR }],
    ['a cookie that ends with the browser', {}],
  ])('with move(): the data and the lifetime of %s stay, and the marker does not', async (_what, cookie) => {
    const look: Look = (session, req) => {
      session.writeMarker(session.key, { startedAt: 5, run: 'run' });
      // "Remember me": of this session only.
      if (cookie.maxAge) req.session.cookie.maxAge = 2 * HOUR;
      session.move();
      const { originalMaxAge } = req.session.cookie;
      return { user: req.session.user, originalMaxAge, isMarked: MARKER in req.session };
    };
    const { browser, id } = await filled(look, { cookie });
    const answer = await browser.get('/').expect(200);
    const originalMaxAge = cookie.maxAge ? 2 * HOUR : null;
    expect(answer.body).toEqual({ seen: { user: 'alice', originalMaxAge, isMarked: false } });
    expect(decodeURIComponent(sessionIdOf(sessionCookie(answer)))).not.toBe(id);
  });

  test('with move(): the session that was left is returned, and can be restored with its marker', async () => {
    const look: Look = async (session, req) => {
      const { key } = session;
      session.writeMarker(key, { startedAt: 5, run: 'run' });
      const left = session.move();
      session.writeMarker(session.key, { startedAt: 6, run: 'run' });
      session.restore(left);
      session.repair();
      return [left.id, left.key === key, req.sessionID, session.readMarker(key)];
    };
    const { browser, id } = await filled(look);
    const answer = await browser.get('/').expect(200);
    expect(answer.body).toEqual({ seen: [id, true, id, { startedAt: 5, run: 'run' }] });
    expect(setCookies(answer)).toEqual([]);
  });
});

describe('a session that is hidden', () => {
  const always = { saveUninitialized: true, resave: true, rolling: true };

  test('is not stored, and no cookie is sent, with any options of express-session', async () => {
    const look: Look = (session, req) => {
      session.hide();
      return [session.exists, req.sessionID ?? null];
    };
    const { request, store } = serve([looking(look)], always);
    const answer = await request.get('/').expect(200, { seen: [false, null] });
    expect(setCookies(answer)).toEqual([]);
    expect(store.sessions).toEqual({});
  });

  test('is not destroyed by "unset"', async () => {
    const { browser, store, id } = await filled((session) => session.hide(), { unset: 'destroy' });
    await browser.get('/').expect(200);
    expect(Object.keys(store.sessions)).toEqual([id]);
  });

  test('is what it was when it is shown again', async () => {
    const look: Look = (session, req) => {
      const { session: before, sessionID } = req;
      session.hide();
      session.hide();
      session.show();
      session.show();
      return [req.session === before, req.sessionID === sessionID, req.session.user];
    };
    const { browser } = await filled(look);
    await browser.get('/').expect(200, { seen: [true, true, 'alice'] });
  });
});

describe('a request that came before its store was taken over', () => {
  /** Looks at requests whose store is taken over after express-session has served them. */
  const late = (look: Look, store = new MemoryStore()) => {
    const take: RequestHandler = (req, _res, next) => {
      takeOver(asSessionStore(req.sessionStore), application());
      next();
    };
    return serve([take, looking(look)], { store });
  };
  const learn: Look = async (session) => {
    const before = session.origin;
    await session.learnOrigin('presented');
    return [before, session.origin, session.presentedId === session.id ? 'this' : session.presentedId];
  };

  test('was loaded if its row is there', async () => {
    const server = late(learn);
    await fill(server);
    await server.browser.get('/').expect(200, { seen: ['unseen', 'loaded', 'this'] });
  });

  test('is new if it is not', async () => {
    await late(learn)
      .request.get('/')
      .expect(200, { seen: ['unseen', 'new', 'presented'] });
  });

  test('counts as loaded if the store fails', async () => {
    const look: Look = (session, req, res) => {
      store.get = (_id, callback) => callback(new Error('down'));
      return learn(session, req, res);
    };
    const store = new MemoryStore();
    await late(look, store)
      .request.get('/')
      .expect(200, { seen: ['unseen', 'loaded', 'this'] });
  });

  test.each([
    ['can be read', {}, true],
    ['cannot be read if its cookie is none', { cookie: {} }, false],
  ])('%s', async (_what, body, isReadable) => {
    const look: Look = (session, req) => {
      const { cookie } = req.session;
      Object.assign(req.session, body);
      const seen = session.isReadable;
      req.session.cookie = cookie;
      return seen;
    };
    await late(look).request.get('/').expect(200, { seen: isReadable });
  });
});

describe('why express-session has put no session on a request', () => {
  /** Passes on errors, and tells what is found out about them. */
  const finding =
    (isTaken: boolean): unknown =>
    (error: unknown, req: Request, res: Response, _next: unknown) => {
      const session = httpSessionOf(req);
      if (isTaken) takeOver(asSessionStore(req.sessionStore), application());
      const { isMissing } = session;
      void session.findFault(error).then((found) => {
        const { origin, presentedId, exists } = session;
        res.json({ seen: { isMissing, found, origin, exists, fault: session.fault, presentedId } });
      });
    };
  const serveFinding = (before: RequestHandler[] = [], isTaken = true, store = new MemoryStore()) =>
    serve([...before, finding(isTaken) as RequestHandler], { store });

  test.each([
    ['malformed', '{"cookie":5}', 'malformed row'],
    ['broken', '{"cookie":', 'SyntaxError'],
  ])('is in the row if that is %s, and then the request gets a new one', async (_how, row, fault) => {
    const server = serveFinding();
    const { id } = await fill(server);
    server.store.sessions[id] = row;
    const seen = { isMissing: true, found: 'in the row', origin: 'new', exists: true, fault, presentedId: id };
    await server.browser.get('/').expect(200, { seen });
    expect(server.store.sessions[id]).toBe(row);
  });

  test('is in the store if that fails', async () => {
    class DownStore extends MemoryStore {
      override get(...args: Parameters<MemoryStore['get']>) {
        args[1](new Error('down'));
      }
    }
    const server = serveFinding([], true, new DownStore());
    await fill(server);
    const seen = { isMissing: true, found: 'in the store', origin: 'unseen', exists: false };
    await server.browser.get('/').expect(200, { seen });
  });

  test('is in the store if that has failed and works again', async () => {
    class FlakyStore extends MemoryStore {
      failures = 0;

      override get(...args: Parameters<MemoryStore['get']>) {
        if (this.failures-- > 0) args[1](new Error('down'));
        else super.get(...args);
      }
    }
    const store = new FlakyStore();
    const server = serveFinding([], true, store);
    await fill(server);
    store.failures = 1;
    const seen = { isMissing: true, found: 'in the store', origin: 'unseen', exists: false };
    await server.browser.get('/').expect(200, { seen });
  });

  test('is elsewhere if the store is not taken over', async () => {
    const server = serveFinding([], false);
    const { id } = await fill(server);
    server.store.sessions[id] = '{';
    const seen = { isMissing: true, found: 'elsewhere', origin: 'unseen', exists: false };
    await server.browser.get('/').expect(200, { seen });
  });

  test('is nothing to look for if there is a session, and something else fails', async () => {
    const server = serveFinding([(_req, _res, next) => next(new Error('a bug'))], false);
    await fill(server);
    const answer = await server.browser.get('/').expect(200);
    expect(answer.body).toMatchObject({ seen: { isMissing: false, exists: true } });
  });
});
