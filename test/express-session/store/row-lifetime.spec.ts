import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session, { Cookie, MemoryStore, Store } from 'express-session';
import { rowLifetime } from '../../../src/express-session/store/row-lifetime.js';
import { DAY, HOUR, MINUTE } from '../../support/time.js';
import { stopTheClock } from '../support/stopped-clock.js';
import { asSessionStore } from '../support/taken-server.js';

stopTheClock();

type SessionCookie = session.Session['cookie'];

type PgSimple = (from: unknown) => new (options: object) => Store & Pick<MemoryStore, 'touch'>;

/** A cookie as express-session makes it. */
const cookie = (maxAge?: number) =>
  Object.assign(new Cookie(), maxAge === undefined ? {} : { maxAge }) as unknown as SessionCookie;

const lifetime = (store: unknown, of = cookie()) => rowLifetime(asSessionStore(store), of);

const redis = (options: object = {}) => new RedisStore({ client: {}, ...options });

const PGStore = (connectPgSimple as PgSimple)(session);
const postgres = (options: object = {}) => new PGStore({ pool: {}, pruneSessionInterval: false, ...options });

test.each([
  ['a MemoryStore', new MemoryStore(), Infinity],
  ['connect-redis', redis(), DAY],
  ['connect-redis with a ttl', redis({ ttl: 600 }), 10 * MINUTE],
  ['connect-pg-simple', postgres(), DAY],
  ['connect-pg-simple with a ttl', postgres({ ttl: 600 }), 10 * MINUTE],
])('a row of %s lives as long as the store keeps it if the cookie ends with the browser', (_what, store, expected) => {
  expect(lifetime(store)).toBe(expected);
});

test.each([
  ['a MemoryStore', new MemoryStore()],
  ['connect-redis', redis()],
  ['connect-redis with a ttl', redis({ ttl: 600 })],
  ['connect-pg-simple', postgres()],
  ['connect-pg-simple with a ttl', postgres({ ttl: 600 })],
])('a row of %s lives as long as a cookie that lasts', (_what, store) => {
  expect(lifetime(store, cookie(HOUR))).toBe(HOUR);
});

test.each([
  ['that does not expire', redis({ disableTTL: true })],
  ['that no touch prolongs', redis({ disableTouch: true })],
  ['that does not expire, whatever its ttl', redis({ disableTTL: true, ttl: () => 600 })],
])('a row of connect-redis %s needs no touch', (_what, store) => {
  expect(lifetime(store)).toBe(Infinity);
  expect(lifetime(store, cookie(HOUR))).toBe(Infinity);
});

test('a cookie whose lifetime nobody knows spares nothing', () => {
  const ends = Object.assign(cookie(HOUR), { originalMaxAge: null }) as SessionCookie;
  expect(lifetime(new MemoryStore(), ends)).toBe(0);
});

describe('how long a row lives is not known', () => {
  class StoreByHand extends Store {
    get() {}
    set() {}
    destroy() {}
  }
  class ForeignRedisStore extends StoreByHand {
    ttl = 600;
    client = {};
  }
  Object.defineProperty(ForeignRedisStore, 'name', { value: 'RedisStore' });

  // As that of the package "memorystore", and one that is written by hand.
  class OptionsStore extends MemoryStore {
    options = { ttl: 600 };
  }
  class MapStore extends MemoryStore {
    sessions = new Map();
  }
  class ArrayStore extends MemoryStore {
    sessions = null;
  }
  for (const store of [OptionsStore, MapStore, ArrayStore])
    Object.defineProperty(store, 'name', { value: 'MemoryStore' });

  class OtherStore extends StoreByHand {}
  class OwnTtlStore extends RedisStore {}
  Object.assign(OwnTtlStore.prototype, { getTTL: () => 20 });
  class OwnTtlStore8 extends RedisStore {}
  Object.assign(OwnTtlStore8.prototype, { _getTTL: () => 20 });
  class PGStoreOfOthers extends StoreByHand {
    ttl = 600;
  }
  Object.defineProperty(PGStoreOfOthers, 'name', { value: 'PGStore' });

  test.each([
    ['if connect-redis computes it', redis({ ttl: () => 600 })],
    ['if a subclass of connect-redis computes it', new OwnTtlStore({ client: {} })],
    ['if a subclass of connect-redis 8 computes it', new OwnTtlStore8({ client: {} })],
    ['of a store that is not known', new OtherStore()],
    ['of another MemoryStore, with options', new OptionsStore()],
    ['of another MemoryStore, with a map', new MapStore()],
    ['of another MemoryStore, with nothing', new ArrayStore()],
    ['of another RedisStore', new ForeignRedisStore()],
    ['of another PGStore', new PGStoreOfOthers()],
    ['of a store without a class', Object.assign(Object.create({ constructor: {} }) as object, { sessions: {} })],
  ])('%s', (_what, store) => {
    expect(lifetime(store)).toBeUndefined();
    expect(lifetime(store, cookie(HOUR))).toBeUndefined();
  });

  test('if the ttl of connect-redis is no number', () => {
    expect(lifetime(redis({ ttl: '600' }))).toBeUndefined();
  });
});

test('connect-redis and connect-pg-simple keep rows as long as is said here', async () => {
  const kept: unknown[] = [];
  const store = redis({ ttl: 600, client: { expire: async (_key: string, ttl: number) => void kept.push(ttl) } });
  await store.touch('id', { cookie: cookie() } as never);
  await store.touch('id', { cookie: cookie(HOUR) } as never);
  expect(kept).toEqual([10 * 60, 60 * 60]);

  const queries: number[] = [];
  const pool = { query: async (_text: string, [expires]: number[]) => queries.push(expires as number) };
  const pg = postgres({ ttl: 600, pool });
  const now = Date.now() / 1000;
  const touch = (of: SessionCookie) =>
    new Promise<void>((resolve) => pg.touch('id', { cookie: of } as never, () => resolve()));
  await touch(cookie());
  await touch(cookie(HOUR));
  const lives = queries.map((expires) => Math.round((expires - now) / 60));
  expect(lives).toEqual([10, 60]);
});
