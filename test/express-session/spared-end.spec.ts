import { jest } from '@jest/globals';
import crypto from 'node:crypto';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import compression from 'compression';
import type { Request, RequestHandler, Response } from 'express';
import session, { MemoryStore, type SessionOptions } from 'express-session';
import onHeaders from 'on-headers';
import { MARKER } from '../../src/express-session/marker.js';
import { type AppOptions, HOUR, MINUTE, PagesController, startApp, stopApps } from '../support/app.js';
import { Gate } from '../support/gate.js';
import { serve } from './support/server.js';

afterEach(stopApps);

const save = (req: Request) => new Promise((resolve) => req.session.save(resolve));
const reload = (req: Request) => new Promise((resolve) => req.session.reload(resolve));
const inner = (req: Request) => req.session['inner'] as Record<string, unknown>;

/** What a handler does with the session. */
const acts: Record<string, (req: Request, res: Response) => unknown> = {
  'does nothing': () => undefined,
  'reads it': (req) => JSON.stringify(req.session),
  'writes the same again': (req) => Object.assign(req.session, { inner: { list: [1, 2], at: null } }),
  'changes it and changes it back': (req) => {
    inner(req)['at'] = 0;
    inner(req)['at'] = null;
  },
  'touches it': (req) => void req.session.touch(),
  'saves it': save,
  'loads it again': reload,
  'changes a field': (req) => (req.session['count'] = 1),
  'changes a field deep inside': (req) => (inner(req)['list'] as number[]).push(3),
  'removes a field': (req) => delete inner(req)['at'],
  'removes an item of an array': (req) => delete (inner(req)['list'] as number[])[0],
  'puts fields into another order': (req) => Object.assign(req.session, { inner: { at: null, list: [1, 2] } }),
  'puts a date into it': (req) => (req.session['since'] = new Date(0)),
  'changes it and saves it': async (req) => {
    req.session['count'] = 2;
    await save(req);
  },
  'saves it and changes it': async (req) => {
    await save(req);
    req.session['count'] = 3;
  },
  'loads it again and changes it': async (req) => {
    await reload(req);
    req.session['count'] = 4;
  },
  'changes it, saves it, and changes it back': async (req) => {
    req.session['count'] = 6;
    await save(req);
    delete req.session['count'];
  },
  'changes it, begins to save it, and changes it back': (req) => {
    req.session['count'] = 7;
    req.session.save();
    delete req.session['count'];
  },
  'changes it after the headers have gone out': (req, res) => {
    res.write('begin ');
    req.session['count'] = 5;
  },
  'only streams': (_req, res) => res.write('begin '),
};

@Controller()
class ActsController {
  @Get('fill')
  fill(@Req() req: Request) {
    fill(req);
    return {};
  }

  @Get('act/:name')
  async act(@Req() req: Request, @Res() res: Response, @Param('name') name: string) {
    await acts[name]?.(req, res);
    res.end('done');
  }
}

function fill(req: Request): void {
  req.session.user = 'alice';
  req.session['inner'] = { list: [1, 2], at: null };
}

/** Counts what express-session asks of its store. */
class CountingStore extends MemoryStore {
  declare readonly sessions: Record<string, string>;
  sets = 0;
  touches = 0;

  override set(...args: Parameters<MemoryStore['set']>) {
    this.sets += 1;
    super.set(...args);
  }

  override touch(...args: Parameters<MemoryStore['touch']>) {
    this.touches += 1;
    super.touch(...args);
  }

  /** The rows, without what differs each time. */
  get rows(): object[] {
    return Object.values(this.sessions).map((row) => {
      const { cookie: _cookie, [MARKER]: _marker, ...data } = JSON.parse(row);
      return data;
    });
  }
}

/** Signs somebody in whose row has been touched just now, so that further touches are spared. */
async function touched(given: AppOptions = {}) {
  const store = new CountingStore();
  const controllers = [PagesController, ActsController];
  const app = await startApp({ controllers, ...given, session: { ...given.session, store } });
  const browser = await app.signedIn();
  await browser.get('/fill').expect(200);
  await browser.get('/me').expect(200);
  store.sets = store.touches = 0;
  return { ...app, store, browser };
}

/** The same with express-session alone. */
async function alone(session: Partial<SessionOptions>) {
  const store = new CountingStore();
  const { browser } = serve(
    [
      async (req, res) => {
        if (req.path === '/fill-all') fill(req);
        else await acts[decodeURIComponent(req.path.slice('/act/'.length))]?.(req, res);
        res.end('done');
      },
    ],
    { ...session, store },
  );
  await browser.get('/fill-all').expect(200);
  store.sets = store.touches = 0;
  return { browser, store };
}

const pathOf = (name: string) => `/act/${encodeURIComponent(name)}`;

describe.each<[string, Partial<SessionOptions>]>([
  ['as it comes', {}],
  ['with a rolling cookie', { rolling: true, cookie: { maxAge: HOUR } }],
  ['with a cookie that has a lifetime', { cookie: { maxAge: HOUR } }],
  ['with resave', { resave: true }],
  ['with unset: destroy', { unset: 'destroy' }],
])('express-session %s', (_how, options) => {
  test.each(Object.keys(acts))('stores and sends the same as without us if a handler %s', async (name) => {
    const ours = await touched({ session: options });
    const other = await alone(options);
    const [answer, expected] = [await ours.browser.get(pathOf(name)), await other.browser.get(pathOf(name))];
    expect([answer.status, answer.text]).toEqual([200, expected.text]);
    expect(answer.headers['set-cookie']?.length).toBe(expected.headers['set-cookie']?.length);
    expect(ours.store.rows).toEqual(other.store.rows);
    expect(ours.store.sets).toBe(other.store.sets);
    expect(ours.store.touches).toBeLessThanOrEqual(other.store.touches);
    // A request that is saved or touched may change what is spared next.
    for (let again = 0; again < 2; again += 1) {
      await ours.browser.get(pathOf('does nothing')).expect(200);
      await other.browser.get(pathOf('does nothing')).expect(200);
    }
    expect(ours.store.rows).toEqual(other.store.rows);
    expect(ours.store.sets).toBe(other.store.sets);
  });
});

test('what a handler has saved and changed back is changed back in the row, although others come meanwhile', async () => {
  const gate = new Gate();
  const begin = async (req: Request) => {
    req.session['busy'] = true;
    await save(req);
    await gate.pass();
    delete req.session['busy'];
  };
  acts['works for long'] = begin;
  const { browser, store } = await touched();
  const working = browser.get(pathOf('works for long')).then((answer) => answer);
  await gate.hasArrived();
  await browser.get('/me').expect(200);
  await browser.get('/me').expect(200);
  expect(store.rows).toMatchObject([{ busy: true }]);
  gate.open();
  await working;
  expect(store.rows).toEqual([{ user: 'alice', inner: { list: [1, 2], at: null } }]);
});

const wrapEnd = (res: Response, look: () => void) => {
  const { end } = res;
  res.end = ((...args: unknown[]) => {
    look();
    const returned: unknown = Reflect.apply(end, res, args);
    look();
    return returned;
  }) as Response['end'];
};

test('code that wraps end() of the response while the session is read sees the id', async () => {
  const seen: unknown[] = [];
  const wrap: RequestHandler = (req, res, next) => {
    next();
    wrapEnd(res, () => seen.push(req.sessionID));
  };
  const { browser, store } = await touched({ beforeSession: (app) => app.use(wrap) });
  seen.length = 0;
  await browser.get('/me').expect(200);
  const [id] = Object.keys(store.sessions);
  expect(seen).toEqual([id, id]);
});

test('code that replaces touch() of the session sees the id', async () => {
  const seen: unknown[] = [];
  const replace: RequestHandler = (req, _res, next) => {
    const value = () => {
      seen.push(req.sessionID);
      return req.session;
    };
    Object.defineProperty(req.session, 'touch', { value });
    next();
  };
  const { browser, store } = await touched({ setup: (app) => app.use(replace) });
  seen.length = 0;
  await browser.get('/me').expect(200);
  expect(seen).toEqual(Object.keys(store.sessions));
});

/** How often express-session hashes a session for an answer. */
async function hashes({ browser }: Pick<Awaited<ReturnType<typeof touched>>, 'browser'>, path: string) {
  let count = 0;
  const { createHash } = crypto;
  const spy = jest.spyOn(crypto, 'createHash').mockImplementation((...args) => {
    const caller = new Error().stack?.split('\n').find((line) => /node_modules.(?!jest)/.test(line));
    if (/express-session.index\.js/.test(caller ?? '')) count += 1;
    return createHash(...args);
  });
  await browser.get(path).expect(200);
  spy.mockRestore();
  return count;
}

test('a session is hashed once if nobody has changed it, and otherwise as often as without us', async () => {
  const visitor = await touched();
  expect(await hashes(visitor, '/me')).toBe(1);
  expect(await hashes(visitor, pathOf('changes a field'))).toBe(3);
});

test('a session is hashed as often as without us if its row needs a touch, which it gets', async () => {
  const { clock, ...visitor } = await touched();
  clock.advance(5 * MINUTE);
  expect(await hashes(visitor, '/me')).toBe(3);
  expect(visitor.store.touches).toBe(1);
  expect(await hashes(visitor, '/me')).toBe(1);
});

test('a stream, which may last long, holds no copy of the session, so it is hashed as often as without us', async () => {
  expect(await hashes(await touched(), pathOf('only streams'))).toBe(3);
});

describe('no other code sees a request without the id of its session', () => {
  const ways: [string, (res: Response, look: () => void) => void][] = [
    ['a wrapper of end()', wrapEnd],
    ['a listener for headers', onHeaders],
    ['a listener for the end', (res, look) => void res.once('finish', look)],
  ];

  test.each(ways)('%s, before and after express-session', async (_way, watch) => {
    const seen: unknown[] = [];
    const log: RequestHandler = (req, res, next) => {
      watch(res, () => seen.push(req.sessionID));
      next();
    };
    const { browser, store } = await touched({
      beforeSession: (app) => app.use(log),
      setup: (app) => app.use(log),
    });
    seen.length = 0;
    await browser.get('/me').expect(200);
    const [id] = Object.keys(store.sessions);
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen)).toEqual(new Set([id]));
  });
});

test('a compression between express-session and the handlers sends the same answer', async () => {
  const { browser, store } = await touched({ setup: (app) => app.use(compression({ threshold: 0 })) });
  await browser.get('/me').expect('Content-Encoding', 'gzip').expect(200, { user: 'alice' });
  await browser.post('/note').send({ note: 'kept' }).expect(201);
  expect(store.rows).toMatchObject([{ user: 'alice', note: 'kept' }]);
  await browser.get('/me').expect(200, { user: 'alice' });
});

test('two middlewares of express-session, of which the second has loaded another session, work as without us', async () => {
  const second = new CountingStore();
  const takeOff: RequestHandler = (req, _res, next) => {
    delete (req as Partial<Request>).session;
    next();
  };
  const { browser, store } = await touched({
    setup: (app) =>
      app.use(
        takeOff,
        session({ secret: 'test', name: 'second', resave: false, saveUninitialized: false, store: second }),
      ),
  });
  await browser.get(pathOf('changes a field')).expect(200);
  expect(second.rows).toMatchObject([{ user: 'alice', count: 1 }]);
  expect(store.rows).toEqual([]);
});
