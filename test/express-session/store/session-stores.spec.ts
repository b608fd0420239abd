import express, { type Express, type Request } from 'express';
import session, { MemoryStore } from 'express-session';
import { SessionStores } from '../../../src/express-session/store/session-stores.js';
import { takeOver } from '../../../src/express-session/store/store-takeover.js';
import { takenStore } from '../../../src/express-session/store/taken-store.js';
import { prepare } from '../support/server.js';
import { application, asSessionStore } from '../support/taken-server.js';

const isTaken = (store: MemoryStore) => takenStore(asSessionStore(store)) !== undefined;

/** Puts a store on a new request of an Express application, as express-session does. */
function show(app: Express, store: MemoryStore): Request {
  const req = Object.create(app.request) as Request;
  Object.assign(req, { sessionStore: store });
  return req;
}

const setUp = () => {
  const hooks = application();
  return { hooks, stores: new SessionStores(hooks), app: express(), store: prepare(new MemoryStore()) };
};

describe('a watched application', () => {
  test('has its stores taken over when a request shows them first', () => {
    const { stores, app, store } = setUp();
    stores.watch(app);
    expect(isTaken(store)).toBe(false);
    const req = show(app, store);
    expect(isTaken(store)).toBe(true);
    expect(stores.areKnown).toBe(true);
    expect(Object.getOwnPropertyDescriptor(req, 'sessionStore')).toEqual({
      value: store,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    expect((Object.create(app.request) as Partial<Request>).sessionStore).toBeUndefined();
  });

  test('has a store taken over once, so that it can be given back meanwhile', () => {
    const { stores, app, store, hooks } = setUp();
    stores.watch(app);
    show(app, store);
    takenStore(asSessionStore(store))?.leave(hooks);
    show(app, store);
    expect(isTaken(store)).toBe(false);
  });

  test('is watched once, and its requests are its own', () => {
    const { stores, app, store } = setUp();
    stores.watch(app);
    stores.watch(app);
    expect(app.listenerCount('mount')).toBe(1 + express().listenerCount('mount'));
    expect([stores.serves(show(app, store)), stores.serves(show(express(), store))]).toEqual([true, false]);
  });

  test.each([
    ['before', (app: Express, outer: Express, stores: SessionStores) => (outer.use(app), stores.watch(app))],
    ['later', (app: Express, outer: Express, stores: SessionStores) => (stores.watch(app), outer.use(app))],
  ])('has the stores of an outer application taken over, if it was mounted there %s', (_when, mount) => {
    const { stores, app, store } = setUp();
    const outer = express();
    mount(app, outer, stores);
    const req = show(outer, store);
    expect([isTaken(store), stores.serves(req)]).toEqual([true, true]);
  });

  test('is left as it was when the stores are released', () => {
    const { stores, app, store } = setUp();
    const listeners = app.listenerCount('mount');
    stores.watch(app);
    show(app, store);
    const outer = express().use(app);
    stores.release();
    expect(isTaken(store)).toBe(false);
    expect(app.listenerCount('mount')).toBe(listeners);
    for (const each of [app, outer]) {
      expect(Object.hasOwn(each.request, 'sessionStore')).toBe(false);
      expect(stores.serves(show(each, store))).toBe(false);
    }
    expect(isTaken(store)).toBe(false);
  });
});

describe('a request that has no session', () => {
  const requestWith = (cookie: string | undefined, app?: Express) =>
    ({ headers: { cookie }, app }) as unknown as Request;

  const mounted = () => express().use(session({ secret: 'test', resave: false, saveUninitialized: false }));

  test('should have one if a store is disconnected, and it has a signed cookie', () => {
    const { stores, store } = setUp();
    stores.take(asSessionStore(store));
    const [visitor, user] = [requestWith(undefined, mounted()), requestWith('sid=s:id.signature', mounted())];
    expect([stores.lacksSession(visitor), stores.lacksSession(user)]).toEqual([false, false]);
    store.emit('disconnect');
    expect([stores.lacksSession(visitor), stores.lacksSession(user)]).toEqual([false, true]);
  });

  test('should have one before any store is known, if express-session is mounted everywhere', () => {
    const { stores } = setUp();
    const cookie = 'sid=s:id.signature';
    const asked = [requestWith(cookie, mounted()), requestWith(cookie, express()), requestWith(undefined, mounted())];
    expect(asked.map((req) => stores.lacksSession(req))).toEqual([true, false, false]);
  });
});

test('a session that has no store does not come from express-session, and an error says so', () => {
  expect(() => takeOver(undefined, application())).toThrow(
    'The session on the request has no store, so it does not come from express-session. For example, cookie-session ' +
      'keeps sessions in the cookie, where no server can end them. Use express-session instead.',
  );
});
