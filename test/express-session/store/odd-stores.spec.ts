import { jest } from '@jest/globals';
import type { Request } from 'express';
import { MemoryStore, type SessionData } from 'express-session';
import { httpSessionOf } from '../../../src/express-session/session-of-request.js';
import { REPLACED, StoreTimeoutError } from '../../../src/express-session/store/session-store.js';
import { takeOver } from '../../../src/express-session/store/store-takeover.js';
import { setCookies } from '../../support/cookies.js';
import { ODD_STORES, type OddStore } from '../support/odd-stores.js';
import type { Rows } from '../support/server.js';
import { application, asSessionStore, fill, outcome, serveTaken, showing, taken } from '../support/taken-server.js';

/** What a site does with its sessions. */
async function site(req: Request) {
  const { origin, presentedId } = httpSessionOf(req);
  const came = { origin, isKnown: presentedId === req.sessionID };
  switch (req.path) {
    case '/sign-in':
      await outcome((done) => req.session.regenerate(done));
      req.session.user = 'bob';
      return came;
    case '/save':
      req.session['note'] = 'saved';
      return { ...came, answer: await outcome((done) => req.session.save(done)) };
    case '/reload':
      return { ...came, answer: await outcome((done) => req.session.reload(done)), user: req.session.user };
    case '/destroy':
      return { ...came, answer: await outcome((done) => req.session.destroy(done)) };
    default:
      return { ...came, user: req.session.user };
  }
}

describe.each(ODD_STORES)('a store with %s', (_what, create) => {
  const serveOdd = (store: OddStore) => {
    const told: string[] = [];
    const server = serveTaken(
      [showing(site)],
      {
        // A new id does not change how the request came.
        arrived: ({ origin }) => void told.push(origin),
        destroying: () => void told.push('destroying'),
        saving: () => Boolean(told.push('saving')),
      },
      { store: store as unknown as Rows },
    );
    return { ...server, told };
  };

  test('serves a sign-in, pages, a save and a sign-out', async () => {
    const store = create();
    const server = serveOdd(store);
    const { browser } = server;
    await fill(server);
    const loaded = { origin: 'loaded', isKnown: true };
    await browser.get('/').expect(200, { seen: { ...loaded, user: 'alice' } });
    const signedIn = await browser.get('/sign-in').expect(200, { seen: loaded });
    expect(setCookies(signedIn)).toHaveLength(1);
    await browser.get('/').expect(200, { seen: { ...loaded, user: 'bob' } });
    await browser.get('/save').expect(200, { seen: { ...loaded, answer: 'done' } });
    await browser.get('/reload').expect(200, { seen: { ...loaded, answer: 'done', user: 'bob' } });
    expect([...store.rowsForTest().values()]).toEqual([expect.stringContaining('saved')]);
    await browser.get('/destroy').expect(200, { seen: { ...loaded, answer: 'done' } });
    expect(store.rowsForTest().size).toBe(0);
    await browser.get('/').expect(200, { seen: { origin: 'new', isKnown: false } });
  });

  test('tells the application what happens', async () => {
    const server = serveOdd(create());
    const { browser, told } = server;
    await fill(server);
    expect(told.splice(0)).toEqual(['new', 'saving']);
    await browser.get('/sign-in').expect(200);
    expect(told.splice(0)).toEqual(['loaded', 'destroying', 'loaded', 'saving']);
    await browser.get('/save').expect(200);
    expect(told.splice(0).slice(0, 2)).toEqual(['loaded', 'saving']);
    await browser.get('/destroy').expect(200);
    expect(told).toEqual(['loaded', 'destroying']);
  });

  test('is given back as it was', () => {
    const store = create();
    const before = new Map<string, unknown>();
    const current = taken(store);
    for (const name of REPLACED) before.set(name, current.own[name as never]);
    current.leave(current.applications[0] as never);
    for (const name of REPLACED) expect(store[name as never]).toBe(before.get(name));
  });

  test('can be read, written and emptied by the package itself', async () => {
    const current = taken(create());
    const row = { cookie: { originalMaxAge: null }, user: 'alice' } as unknown as SessionData;
    await current.write('id', row);
    await expect(current.read('id')).resolves.toEqual(row);
    await current.delete('id');
    await expect(current.read('id')).resolves.toBeFalsy();
  });
});

describe('a store whose methods have properties', () => {
  test('has them while it is taken over', () => {
    const [, create] = ODD_STORES.find(([what]) => what === 'methods that have methods') as (typeof ODD_STORES)[0];
    const { store } = taken(create());
    const { get } = store as unknown as { get: { calls: number; counting: unknown } };
    expect({ calls: get.calls, counting: typeof get.counting }).toEqual({ calls: 0, counting: 'function' });
  });
});

describe('a store that makes its sessions in its own way', () => {
  test('is asked to for each of them', async () => {
    const server = serveTaken([showing((req) => [httpSessionOf(req).origin, req.sessionID.slice(0, 4)])]);
    server.taken.leave(server.hooks);
    const { generate } = server.store as unknown as { generate(req: Request): void };
    Object.assign(server.store, {
      generate(req: Request) {
        Reflect.apply(generate, this, [req]);
        req.sessionID = `own-${req.sessionID}`;
      },
    });
    takeOver(asSessionStore(server.store), application());
    await server.request.get('/').expect(200, { seen: ['new', 'own-'] });
  });
});

describe('a store that never calls back', () => {
  class SilentStore extends MemoryStore {
    silent = new Set<string>();

    override get(...args: Parameters<MemoryStore['get']>) {
      if (!this.silent.has('get')) super.get(...args);
    }

    override set(...args: Parameters<MemoryStore['set']>) {
      if (!this.silent.has('set')) super.set(...args);
    }

    override destroy(...args: Parameters<MemoryStore['destroy']>) {
      if (!this.silent.has('destroy')) super.destroy(...args);
    }
  }

  beforeEach(() => jest.useFakeTimers({ now: 0, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date'] }));
  afterEach(() => jest.useRealTimers());

  test.each([
    ['read', 'get'],
    ['write', 'set'],
    ['delete', 'destroy'],
  ] as const)('is given up by %s()', async (what, name) => {
    const store = new SilentStore();
    const current = taken(store);
    store.silent.add(name);
    const work = current[what]('id', {} as SessionData);
    const answer = expect(work).rejects.toThrow(
      new StoreTimeoutError('The session store did not call back within 2000 ms'),
    );
    await jest.advanceTimersByTimeAsync(2000);
    await answer;
  });

  test('leaves no timer behind if it does call back', async () => {
    await taken().read('id');
    expect(jest.getTimerCount()).toBe(0);
  });

  test('does not keep a request that saves a session which has ended', async () => {
    const store = new SilentStore();
    let hasWritten = false;
    taken(store, { isEnded: () => hasWritten });
    store.silent.add('destroy');
    const answer = outcome((done) => {
      store.set('id', { cookie: {} } as SessionData, done);
      hasWritten = true;
    });
    await jest.advanceTimersByTimeAsync(2000);
    expect(await answer).toMatch('did not call back');
  });
});
