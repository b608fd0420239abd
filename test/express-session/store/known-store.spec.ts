import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session, { MemoryStore, Store } from 'express-session';
import { isMemoryStore, readsText, writesTextAtOnce } from '../../../src/express-session/store/known-store.js';
import { ownMethods } from '../../../src/express-session/store/own-methods.js';
import { asSessionStore } from '../support/taken-server.js';

type PgSimple = (from: unknown) => new (options: object) => Store;

const PGStore = (connectPgSimple as PgSimple)(session);
const postgres = () => new PGStore({ pool: {}, pruneSessionInterval: false });
const redis = (options: object = {}) => new RedisStore({ client: {}, ...options });

const whatIsKnown = (given: unknown) => {
  const store = asSessionStore(given);
  const { get, set } = ownMethods(store);
  return { reads: readsText(store, get), writes: writesTextAtOnce(store, set) };
};

class CachingStore extends MemoryStore {
  override get(...args: Parameters<MemoryStore['get']>): void {
    super.get(...args);
  }
}
class CountingStore extends RedisStore {
  count = 0;
}

const wrapped = (store: Store, name: 'get' | 'set') => {
  const method = store[name].bind(store) as () => void;
  return Object.assign(store, { [name]: (...args: []) => method(...args) });
};

/** A class that has the name of its base class. */
const NamesakeStore = Object.defineProperty(class extends CachingStore {}, 'name', { value: 'MemoryStore' });
Object.defineProperty(NamesakeStore.prototype, 'get', { value: () => undefined });

/** A store of another package, whose class has this name. */
function namesake(name: string, own: object): object {
  class OtherStore extends Store {
    get() {}
    set() {}
    destroy() {}
  }
  Object.defineProperty(OtherStore, 'name', { value: name });
  return Object.assign(new OtherStore(), own);
}

const ALL = { reads: true, writes: true };
const NONE = { reads: false, writes: false };

test.each([
  ["express-session's MemoryStore", new MemoryStore(), ALL],
  ['connect-redis', redis(), ALL],
  ['connect-pg-simple, whose pool makes the text', postgres(), { reads: true, writes: false }],
  ['a subclass that reads and writes as its base class does', new CountingStore({ client: {} }), ALL],
  ['a store with a `get` of its own', new CachingStore(), { reads: false, writes: true }],
  ['a store whose class has the name of its base class', new NamesakeStore(), { reads: false, writes: true }],
  ['a store whose `get` is wrapped', wrapped(new MemoryStore(), 'get'), { reads: false, writes: true }],
  ['a store whose `set` is wrapped', wrapped(redis() as never, 'set'), { reads: true, writes: false }],
  [
    'connect-redis with another serializer',
    redis({ serializer: { parse: JSON.parse, stringify: JSON.stringify } }),
    NONE,
  ],
  ['a store with the same name', new (class MemoryStore {})(), NONE],
  ['another PGStore with a table', namesake('PGStore', { quotedTable: '' }), NONE],
  ['another PGStore that prunes', namesake('PGStore', { pruneSessions: '' }), NONE],
  ['a store that has what connect-pg-simple has', namesake('Other', { quotedTable: '', pruneSessions: '' }), NONE],
  ['another RedisStore with a client', namesake('RedisStore', { client: {} }), NONE],
  ['another RedisStore with a lifetime', namesake('RedisStore', { disableTTL: false }), NONE],
  ['a store that has what connect-redis has', namesake('Other', { client: {}, disableTTL: false }), NONE],
])('of %s, it is known whether it reads and writes text', (_what, store, known) => {
  expect(whatIsKnown(store)).toEqual(known);
});

/** Like that of the package `memorystore`, whose sessions are elsewhere. */
const otherMemoryStore = (own: object) => namesake('MemoryStore', { store: {}, ...own });

class AuditedStore extends MemoryStore {
  readonly options = {};
  readonly sessions = {};
}

test.each([
  ['itself', new MemoryStore(), true],
  ['a subclass of it', new CachingStore(), true],
  ['a subclass with options and a table of its own', new AuditedStore(), true],
  ['another class with its name', otherMemoryStore({}), false],
  ['another class with its name and no sessions', otherMemoryStore({ sessions: null }), false],
  ['another class with its name and text as sessions', otherMemoryStore({ sessions: 'text' }), false],
  ['another class with sessions', namesake('OtherStore', { sessions: {} }), false],
  ['an object whose classes have no constructor', Object.create(Object.create(null)), false],
])('the MemoryStore of express-session is recognised: %s', (_what, store, expected) => {
  expect(isMemoryStore(store)).toBe(expected);
});
