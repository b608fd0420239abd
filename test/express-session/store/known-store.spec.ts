import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session, { MemoryStore, Store } from 'express-session';
import { keepsText } from '../../../src/express-session/store/known-store.js';
import { ownMethods } from '../../../src/express-session/store/own-methods.js';
import { asSessionStore } from '../support/taken-server.js';

type PgSimple = (from: unknown) => new (options: object) => Store;

const PGStore = (connectPgSimple as PgSimple)(session);
const postgres = () => new PGStore({ pool: {}, pruneSessionInterval: false });
const redis = (options: object = {}) => new RedisStore({ client: {}, ...options });

const keeps = (store: unknown) => keepsText(asSessionStore(store), ownMethods(asSessionStore(store)));

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

test.each([
  ["express-session's MemoryStore", new MemoryStore()],
  ['connect-redis', redis()],
  ['connect-pg-simple', postgres()],
  ['a subclass that reads and writes as its base class does', new CountingStore({ client: {} })],
])('%s is known to keep its rows as text', (_what, store) => {
  expect(keeps(store)).toBe(true);
});

test.each([
  ['a store with a `get` of its own', new CachingStore()],
  ['a store whose `get` is wrapped', wrapped(new MemoryStore(), 'get')],
  ['a store whose `set` is wrapped', wrapped(redis() as never, 'set')],
  ['connect-redis with another serializer', redis({ serializer: { parse: JSON.parse, stringify: JSON.stringify } })],
  ['a store with the same name', new (class MemoryStore {})()],
])('%s is not known to do so', (_what, store) => {
  expect(keeps(store)).toBe(false);
});
