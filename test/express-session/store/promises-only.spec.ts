import { MemoryStore, type SessionData } from 'express-session';
import { ask, type Method, StoreTimeoutError } from '../../../src/express-session/store/session-store.js';
import { taken } from '../support/taken-server.js';

type Rows = Record<string, string>;

/** A store whose methods, apart from those that express-session calls, give promises and take no callbacks. */
class PromisingStore extends MemoryStore {
  readonly options = {};
  declare readonly sessions: Rows;

  override async set(id: string, session: SessionData) {
    await Promise.resolve();
    this.sessions[id] = JSON.stringify(session);
  }

  override async destroy(id: string) {
    await Promise.resolve();
    delete this.sessions[id];
  }

  override async clear() {
    await Promise.resolve();
    for (const id of Object.keys(this.sessions)) delete this.sessions[id];
  }

  async ids() {
    return Object.keys(this.sessions);
  }
}

/** The methods as code calls them that knows this store. */
interface Promising {
  set(id: string, session: SessionData): Promise<void>;
  destroy(id: string): Promise<void>;
  clear(): Promise<void>;
}

const start = () => {
  const told: string[] = [];
  const { store } = taken(new PromisingStore(), {
    destroying: (id) => void told.push(`destroying ${id}`),
    clearing: (ids) => void told.push(`clearing ${ids.join()}`),
  });
  const { sessions } = store as unknown as PromisingStore;
  Object.assign(sessions, { one: '{"cookie":{}}', two: '{"cookie":{}}' });
  return { store: store as unknown as Promising, sessions, told };
};

describe('code that waits for the promise of a store that calls nobody back', () => {
  test('goes on when a row is written', async () => {
    const { store, sessions } = start();
    await store.set('three', { cookie: {}, note: 'new' } as unknown as SessionData);
    expect(sessions['three']).toContain('new');
  });

  test('goes on when a row is destroyed, and its session has ended', async () => {
    const { store, sessions, told } = start();
    await store.destroy('one');
    expect(Object.keys(sessions)).toEqual(['two']);
    expect(told).toEqual(['destroying one']);
  });

  test('goes on when all rows are deleted, and their sessions have ended', async () => {
    const { store, sessions, told } = start();
    await store.clear();
    expect(sessions).toEqual({});
    expect(told).toEqual(['clearing one,two']);
  });
});

test.each<[string, () => Promise<unknown>]>([
  ['a list of ids', async () => ['one', 'two']],
  ['an object with ids', async () => ({ one: {}, two: {} })],
  ['nothing, and calls back later', async () => undefined],
])('all sessions end if a store tells which there are with a promise of %s', async (_what, list) => {
  const told: unknown[] = [];
  class ListingStore extends MemoryStore {
    readonly options = {};
    override all = ((done: (error: unknown, found: unknown) => void) => {
      const found = list();
      void found.then((given) => given ?? setTimeout(done, 50, null, ['one', 'two']));
      return found;
    }) as never;
  }
  const { store } = taken(new ListingStore(), { clearing: (ids) => void told.push(ids) });
  await new Promise<void>((resolve) => store.clear?.(() => resolve()));
  expect(told).toEqual([['one', 'two']]);
});

describe('ask()', () => {
  test('waits for the callback if a promise is fulfilled, because it may come later', async () => {
    const method = (async (done: (error: unknown, row: string) => void) => {
      setTimeout(done, 50, null, 'row');
      return ['queued'];
    }) as unknown as Method;
    expect(await ask('the store', method)).toBe('row');
  });

  test('fails if a promise is fulfilled, but no callback comes', async () => {
    const method = (async () => ['done']) as unknown as Method;
    await expect(ask('the store', method)).rejects.toThrow(StoreTimeoutError);
  });
});
