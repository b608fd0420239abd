import type { Request, RequestHandler, Response } from 'express';
import { createHash } from 'node:crypto';
import { GuardedStores } from '../../src/express-session/guarded-store.js';
import { cookieOptions, HttpSession, unreadSession } from '../../src/express-session/http-session.js';
import { MARKER } from '../../src/express-session/marker.js';
import { sessionCookie, sessionIdOf, setCookies } from '../support/cookies.js';
import { HOUR } from '../support/time.js';
import { FullStore } from './support/full-store.js';
import { serve } from './support/server.js';

type Look = (session: HttpSession, req: Request, res: Response) => unknown;

/** Answers with what `look` returns, as JSON. */
const showing =
  (look: Look): RequestHandler =>
  async (req, res) => {
    const seen = await look(new HttpSession(req), req, res);
    res.json({ seen });
  };

/** Serves `look`, in a browser that has a session of alice. */
async function filled(look: Look, options: Parameters<typeof serve>[1] = {}) {
  const served = serve([showing(look)], options);
  const cookie = sessionCookie(await served.browser.post('/fill').expect(200));
  return { ...served, cookie, id: decodeURIComponent(sessionIdOf(cookie)) };
}

describe('the session on a request', () => {
  test('has the id of express-session, and its SHA-256 as a key', async () => {
    const { browser, id } = await filled(({ id, key }) => ({ id, key }));
    const key = createHash('sha256').update(id).digest('base64url');
    await browser.get('/').expect(200, { seen: { id, key } });
  });

  test('holds no data if there is nothing but its cookie and a marker', async () => {
    const look: Look = (session, req) => {
      const empty = session.holdsData;
      session.writeMarker(session.key, { startedAt: 5, run: undefined });
      const marked = session.holdsData;
      req.session['note'] = 'kept';
      return [empty, marked, session.holdsData];
    };
    await serve([showing(look)])
      .request.get('/')
      .expect(200, { seen: [false, false, true] });
  });

  test('counts as destroyed after destroy(), and not after req.session = null', async () => {
    const look: Look = async (session, req) => {
      const before = [session.exists, session.isDestroyed];
      if (req.path === '/destroy') await new Promise((resolve) => req.session.destroy(resolve));
      else (req as { session: unknown }).session = null;
      return [...before, session.exists, session.isDestroyed];
    };
    const { browser, request } = await filled(look);
    await browser.get('/destroy').expect(200, { seen: [true, false, false, true] });
    await request.get('/null').expect(200, { seen: [true, false, false, false] });
  });

  test('shows the settings of express-session', async () => {
    const cookie = { maxAge: HOUR, sameSite: 'strict', secure: false } as const;
    const { browser } = await filled(({ setup }) => setup, { cookie });
    const setup = { storeName: 'MemoryStore', maxAge: HOUR, sameSite: 'strict', secure: false };
    await browser.get('/').expect(200, { seen: setup });
  });

  test('knows whether the cookie of the request names it, and what that cookie is called', async () => {
    const look: Look = (session) => [
      session.isPresented('sid'),
      session.isPresented('connect.sid'),
      session.cookieThatBroughtIt ?? null,
    ];
    const served = serve([showing(look)], { name: 'sid' });
    const own = String(setCookies(await served.browser.post('/fill'))[0]).split(';', 1)[0] as string;
    await served.browser.get('/').expect(200, { seen: [true, false, 'sid'] });
    await served.request.get('/').expect(200, { seen: [false, false, null] });
    const forged = own.replace(/\.[^.]*$/, '.forged');
    await served.request
      .get('/')
      .set('Cookie', forged)
      .expect(200, { seen: [false, false, null] });
  });

  test('forgets the user of passport', async () => {
    const look: Look = (session, req) => {
      const before = session.hasUser;
      (req as { user?: unknown }).user = { id: 'alice' };
      const signedIn = session.hasUser;
      session.forgetUser();
      return [before, signedIn, session.hasUser, 'user' in req];
    };
    await serve([showing(look)])
      .request.get('/')
      .expect(200, { seen: [false, true, false, false] });
  });

  test('is saved at once, and save() fails if the store does', async () => {
    const store = new FullStore();
    const look: Look = async (session, req) => {
      req.session['note'] = 'kept';
      await session.save();
      const rows = Object.values((store as unknown as { sessions: Record<string, string> }).sessions);
      store.full = true;
      const failure = await session.save().catch((error: Error) => error.message);
      store.full = false;
      return { stored: rows.map((row) => (JSON.parse(row) as { note: string }).note), failure };
    };
    await serve([showing(look)], { store })
      .request.get('/')
      .expect(200, { seen: { stored: ['kept'], failure: 'full' } });
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

  test('detach(): nothing is stored and no cookie is sent, with any options of express-session', async () => {
    const look: Look = (session) => {
      session.detach();
      return session.exists;
    };
    const { request, store } = serve([showing(look)], { saveUninitialized: true, resave: true, rolling: true });
    const answer = await request.get('/').expect(200, { seen: false });
    expect(setCookies(answer)).toEqual([]);
    expect(store.sessions).toEqual({});
  });

  test('detachIfNew(): takes off only a session that was made for this request', async () => {
    const look: Look = (session) => {
      session.detachIfNew('connect.sid');
      return session.exists;
    };
    const { browser, request } = await filled(look);
    await browser.get('/').expect(200, { seen: true });
    await request.get('/').expect(200, { seen: false });
  });

  test('deleteRow(): calls no hook of a guarded store, and fails if the store does', async () => {
    const asked: string[] = [];
    const hook = (what: string) => () => void asked.push(what);
    const stores = new GuardedStores({
      destroying: hook('destroying'),
      regenerating: hook('regenerating'),
      isEnded: () => false,
    });
    const look: Look = async (session, req) => {
      stores.install(req);
      await session.deleteRow(session.id);
      const rows = Object.keys(store.sessions).length;
      store.destroy = (_id, callback) => callback?.(new Error('read only'));
      const failure = await session.deleteRow(session.id).catch((error: Error) => error.message);
      return { rows, failure };
    };
    const { browser, store } = await filled(look);
    await browser.get('/').expect(200, { seen: { rows: 0, failure: 'read only' } });
    expect(asked).toEqual([]);
  });
});

test('cookieOptions() gives the options that the cookie was set with', async () => {
  const cookie = { path: '/app', domain: 'app.example', secure: false, httpOnly: false, sameSite: 'lax' } as const;
  const look: Look = (session) => cookieOptions(session.cookie);
  const { request } = serve([showing(look)], { cookie });
  await request.get('/app').expect(200, { seen: cookie });
  await serve([showing(look)])
    .request.get('/')
    .expect(200, { seen: { path: '/', secure: false, httpOnly: true } });
});

describe('a session that express-session could not read', () => {
  const witness = (cookieName: string) => {
    const seen: (string | undefined)[] = [];
    const middleware = (error: unknown, req: Request, _res: Response, next: (error: unknown) => void) => {
      seen.push(unreadSession(req, cookieName)?.id);
      next(error);
    };
    return { seen, middleware: middleware as unknown as RequestHandler };
  };

  test.each([
    ['connect.sid', true],
    ['sid', false],
  ])('is named to error handlers if the cookie is called %s: %p', async (cookieName, isNamed) => {
    const { seen, middleware } = witness(cookieName);
    const { browser, store } = serve([middleware]);
    const id = decodeURIComponent(sessionIdOf(sessionCookie(await browser.post('/fill'))));
    store.sessions[id] = '{"cookie":';
    await browser.get('/').expect(500);
    expect(seen).toEqual([isNamed ? id : undefined]);
  });

  test('is not named if the session was read and something else fails', async () => {
    const { seen, middleware } = witness('connect.sid');
    const broken: RequestHandler = (_req, _res, next) => next(new Error('a bug'));
    const { browser } = serve([broken, middleware]);
    await browser.post('/fill').expect(200);
    await browser.get('/').expect(500, 'a bug');
    expect(seen).toEqual([undefined]);
  });
});
