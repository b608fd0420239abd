import { jest } from '@jest/globals';
import type { RequestHandler } from 'express';
import { MemoryStore, Store } from 'express-session';
import { httpSessionOf } from '../../../src/express-session/session-of-request.js';
import { REPLACED } from '../../../src/express-session/store/session-store.js';
import { SessionStores } from '../../../src/express-session/store/session-stores.js';
import { takeOver } from '../../../src/express-session/store/store-takeover.js';
import { takenStore } from '../../../src/express-session/store/taken-store.js';
import { prepare, serve } from '../support/server.js';
import { stopTheClock } from '../support/stopped-clock.js';
import { application, asSessionStore, fill, serveTaken, showing, taken } from '../support/taken-server.js';

stopTheClock();

/** All there is on a store itself, as `name: descriptor`. */
const properties = (store: object) => Object.getOwnPropertyDescriptors(store) as PropertyDescriptorMap;

class OwnMethodsStore extends MemoryStore {
  constructor() {
    super();
    Object.defineProperty(this, 'touch', { value: this.touch.bind(this), enumerable: true, configurable: true });
    Object.defineProperty(this, 'get', { get: () => super.get.bind(this), enumerable: false, configurable: true });
  }
}

describe('a store', () => {
  test.each([
    ['inherited methods', () => new MemoryStore()],
    ['methods and getters of its own', () => new OwnMethodsStore()],
  ])('with %s gets back exactly what it had', (_what, create) => {
    const store = prepare(create());
    const before = properties(store);
    const hooks = application();
    const current = takeOver(asSessionStore(store), hooks);
    for (const name of REPLACED) expect(properties(store)[name]).not.toEqual(before[name]);
    current.leave(hooks);
    expect(properties(store)).toEqual(before);
    expect(Reflect.ownKeys(store)).toEqual(Reflect.ownKeys(before));
  });

  test('shows no more names to those who list them', () => {
    const store = prepare(new MemoryStore());
    const before = Object.keys(store);
    taken(store);
    expect(Object.keys(store)).toEqual(before);
  });

  test('gets back its listeners', () => {
    const store = prepare(new MemoryStore());
    const count = () => [store.listenerCount('disconnect'), store.listenerCount('connect')];
    const before = count();
    const hooks = application();
    const current = takeOver(asSessionStore(store), hooks);
    expect(count()).not.toEqual(before);
    current.leave(hooks);
    expect(count()).toEqual(before);
  });

  test('without touch() has none afterwards either', () => {
    class NoTouchStore extends Store {
      get() {}
      set() {}
      destroy() {}
    }
    const store = prepare(new NoTouchStore());
    taken(store);
    expect('touch' in store).toBe(false);
  });

  test('that is not an event emitter through and through is given back as well', () => {
    const store = prepare(new MemoryStore());
    Object.assign(store, { off: undefined, removeListener: undefined });
    const hooks = application();
    const current = takeOver(asSessionStore(store), hooks);
    expect(() => current.leave(hooks)).not.toThrow();
    expect(takenStore(asSessionStore(store))).toBeUndefined();
  });

  test('can be taken over again after it was given back', async () => {
    const arrived: string[] = [];
    const server = serveTaken([showing(() => 'fine')]);
    server.taken.leave(server.hooks);
    takeOver(asSessionStore(server.store), application({ arrived: ({ origin }) => void arrived.push(origin) }));
    await fill(server);
    await server.browser.get('/').expect(200, { seen: 'fine' });
    expect(arrived).toEqual(['new', 'loaded']);
  });

  test('is given back to somebody who has wrapped a method meanwhile without losing what they have wrapped', async () => {
    const told: string[] = [];
    const server = serveTaken([showing((req) => req.session.user ?? null)]);
    await fill(server);
    const { store } = server;
    const get = store.get;
    store.get = (...args: Parameters<MemoryStore['get']>) => {
      told.push(args[0]);
      get.apply(store, args);
    };
    server.taken.leave(server.hooks);
    await server.browser.get('/').expect(200, { seen: 'alice' });
    expect(told).toHaveLength(1);

    // And taken over once more.
    takeOver(asSessionStore(store), application());
    await server.browser.get('/').expect(200, { seen: 'alice' });
    expect(told).toHaveLength(2);
  });

  test.each([
    ['frozen', Object.freeze],
    ['sealed', Object.seal],
    ['not extensible', Object.preventExtensions],
  ])('that is %s is an error that says so', (_how, close) => {
    const store = close(prepare(new MemoryStore()));
    expect(() => takeOver(asSessionStore(store), application())).toThrow('The session store is frozen or sealed');
  });

  test.each(REPLACED)('whose %s cannot be replaced is an error that names it, and stays as it is', (name) => {
    const store = prepare(new MemoryStore());
    Object.defineProperty(store, name, { value: Reflect.get(store, name), configurable: false });
    const before = properties(store);
    expect(() => takeOver(asSessionStore(store), application())).toThrow(`The method "${name}" of the session store`);
    expect(properties(store)).toEqual(before);
    expect(takenStore(asSessionStore(store))).toBeUndefined();
  });
});

describe('what the store says of its connection', () => {
  test('is known', () => {
    const current = taken();
    expect(current.isConnected).toBe(true);
    current.store.emit('disconnect');
    expect(current.isConnected).toBe(false);
    current.store.emit('connect');
    expect(current.isConnected).toBe(true);
  });
});

describe('applications that share a store', () => {
  test('take it over once, and the last one to leave gives it back', () => {
    const store = prepare(new MemoryStore());
    const before = properties(store);
    const [one, other] = [application(), application()];
    const current = takeOver(asSessionStore(store), one);
    const replaced = properties(store);
    expect(takeOver(asSessionStore(store), other)).toBe(current);
    expect(properties(store)).toEqual(replaced);
    current.leave(one);
    expect(properties(store)).toEqual(replaced);
    current.leave(other);
    expect(properties(store)).toEqual(before);
  });

  test('are counted once each', () => {
    const store = prepare(new MemoryStore());
    const hooks = application();
    const current = takeOver(asSessionStore(store), hooks);
    takeOver(asSessionStore(store), hooks);
    expect(current.applications).toEqual([hooks]);
    current.leave(hooks);
    expect(takenStore(asSessionStore(store))).toBeUndefined();
  });

  test('know what comes also if the second one prepares the store later', async () => {
    const origins = showing((req) => httpSessionOf(req).origin);
    const first = serveTaken([origins]);
    await first.request.get('/').expect(200, { seen: 'new' });
    const second = serve([origins], { store: first.store });
    takeOver(asSessionStore(first.store), application());
    await first.request.get('/').expect(200, { seen: 'new' });
    await second.request.get('/').expect(200, { seen: 'new' });
  });

  test('are told of new sessions also if one of them mounts express-session twice', async () => {
    const arrived: string[] = [];
    const hooks = application({ arrived: ({ origin }) => void arrived.push(origin) });
    const store = prepare(new MemoryStore());
    takeOver(asSessionStore(store), hooks);
    const second = serve([showing((req) => httpSessionOf(req).origin)], { store: store as never });
    takeOver(asSessionStore(store), hooks);
    await second.request.get('/').expect(200, { seen: 'new' });
    expect(arrived).toEqual(['new']);
  });

  test('leave the settings of the one that prepared it last', async () => {
    const first = serveTaken([showing(() => 'fine')]);
    const second = serve([showing((req) => req.session.cookie.originalMaxAge)], {
      store: first.store,
      cookie: { maxAge: 5000 },
    });
    const hooks = application();
    const current = takeOver(asSessionStore(first.store), hooks);
    await second.request.get('/').expect(200, { seen: 5000 });
    current.leave(first.hooks);
    current.leave(hooks);
    await second.request.get('/').expect(200, { seen: 5000 });
  });
});

test('two copies of the package take a store over once, and judge a request once', async () => {
  const seen: unknown[] = [];
  const server = serveTaken([showing((req) => void seen.push(httpSessionOf(req)))]);
  jest.resetModules();
  const copy = {
    ...(await import('../../../src/express-session/store/taken-store.js')),
    ...(await import('../../../src/express-session/store/store-takeover.js')),
    ...(await import('../../../src/express-session/session-of-request.js')),
  };
  expect(copy.TakenStore).not.toBe(server.taken.constructor);
  const hooks = application({ arrived: (session) => void seen.push(session) });
  expect(copy.takeOver(asSessionStore(server.store), hooks)).toBe(server.taken);
  server.taken.leave(server.hooks);
  await server.request.get('/').expect(200);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toBe(seen[1]);
  expect(copy.httpSessionOf((seen[0] as { req: Parameters<typeof httpSessionOf>[0] }).req)).toBe(seen[0]);
});

describe('the stores of an application', () => {
  test('are known after the first request, and given back as it closes', async () => {
    const hooks = application();
    const stores = new SessionStores(hooks);
    const take: RequestHandler = (req, res) => {
      stores.take(req.sessionStore);
      res.end();
    };
    const { request, store } = serve([take]);
    expect({ known: stores.areKnown, away: stores.isAnyDisconnected }).toEqual({ known: false, away: false });
    await request.get('/').expect(200);
    await request.get('/').expect(200);
    expect(takenStore(asSessionStore(store))?.applications).toEqual([hooks]);
    expect({ known: stores.areKnown, away: stores.isAnyDisconnected }).toEqual({ known: true, away: false });
    store.emit('disconnect');
    expect(stores.isAnyDisconnected).toBe(true);
    stores.release();
    expect(takenStore(asSessionStore(store))).toBeUndefined();
    expect(stores.areKnown).toBe(false);
  });
});
