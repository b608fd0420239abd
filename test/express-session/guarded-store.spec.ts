import type { Request, RequestHandler } from 'express';
import { MemoryStore } from 'express-session';
import { GuardedStores, rawStore, type StoreHooks } from '../../src/express-session/guarded-store.js';
import { sessionCookie, sessionIdOf, setCookies } from '../support/cookies.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';
import { FullStore } from './support/full-store.js';
import { serve } from './support/server.js';

const asPromise = (work: (done: (error?: unknown) => void) => void) =>
  new Promise<string>((resolve) => work((error) => resolve(error ? (error as Error).message : 'done')));

/** Serves `act` on requests whose store is guarded, and answers with what it returns. */
async function start(act: (req: Request) => unknown, hooks: Partial<StoreHooks> = {}, store = new MemoryStore()) {
  const stores = new GuardedStores({
    destroying: () => undefined,
    regenerating: () => undefined,
    isEnded: () => false,
    ...hooks,
  });
  const install: RequestHandler = (req, _res, next) => {
    stores.install(req);
    next();
  };
  const handler: RequestHandler = async (req, res) => {
    const seen = await act(req);
    res.json({ seen });
  };
  const served = serve([install, handler], { store });
  const cookie = sessionCookie(await served.browser.post('/fill').expect(200));
  return { ...served, id: decodeURIComponent(sessionIdOf(cookie)) };
}

const destroy = (req: Request) => asPromise((done) => req.session.destroy(done));
const regenerate = (req: Request) => asPromise((done) => req.session.regenerate(done));
const save = (req: Request) => asPromise((done) => req.session.save(done));

describe('req.session.destroy()', () => {
  test('calls the hook before the row is deleted, and waits for it', async () => {
    const gate = new Gate();
    const told: string[] = [];
    const { browser, store, id } = await start(destroy, {
      destroying: (sessionId) => {
        told.push(sessionId);
        return gate.pass();
      },
    });
    const answer = sent(browser.get('/'));
    await gate.hasArrived();
    expect({ told, rows: Object.keys(store.sessions) }).toEqual({ told: [id], rows: [id] });
    gate.open();
    expect((await answer).body).toEqual({ seen: 'done' });
    expect(store.sessions).toEqual({});
  });

  test.each<[string, () => Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('out of order');
      },
    ],
    ['rejects', () => Promise.reject(new Error('out of order'))],
  ])('deletes the row even if the hook %s', async (_how, destroying) => {
    const { browser, store } = await start(destroy, { destroying });
    await browser.get('/').expect(200);
    expect(store.sessions).toEqual({});
  });

  test.each<[string, MemoryStore['destroy']]>([
    ['calls back with an error', (_id, callback) => callback?.(new Error('read only'))],
    [
      'throws',
      () => {
        throw new Error('read only');
      },
    ],
  ])('passes on the error of a store that %s', async (_how, failing) => {
    class ReadOnlyStore extends MemoryStore {
      override destroy = failing;
    }
    const { browser } = await start(destroy, {}, new ReadOnlyStore());
    await browser.get('/').expect(200, { seen: 'read only' });
  });
});

test('an error that the callback throws is not treated as an error of the store', async () => {
  class ImmediateStore extends MemoryStore {
    override destroy(sessionId: string, callback?: (error?: unknown) => void) {
      super.destroy(sessionId);
      callback?.();
    }
  }
  let calls = 0;
  const act = (req: Request) => {
    try {
      req.session.destroy(() => {
        calls += 1;
        throw new Error('a bug of the application');
      });
      return 'nothing';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const { browser } = await start(act, {}, new ImmediateStore());
  await browser.get('/').expect(200, { seen: 'a bug of the application' });
  expect(calls).toBe(1);
});

describe('req.session.regenerate()', () => {
  test('calls the hook with the old session, and then the request gets a new id', async () => {
    const told: { id: string; user: unknown }[] = [];
    const { browser, store, id } = await start(regenerate, {
      regenerating: async (req) => void told.push({ id: req.sessionID, user: req.session.user }),
    });
    const answer = await browser.get('/').expect(200, { seen: 'done' });
    expect(told).toEqual([{ id, user: 'alice' }]);
    const newId = decodeURIComponent(sessionIdOf(sessionCookie(answer)));
    expect(newId).not.toBe(id);
    expect(Object.keys(store.sessions)).toEqual([newId]);
  });

  test('does not call the hook for destroy()', async () => {
    const told: string[] = [];
    const { browser } = await start(regenerate, {
      destroying: () => void told.push('destroying'),
      regenerating: () => void told.push('regenerating'),
    });
    await browser.get('/').expect(200);
    expect(told).toEqual(['regenerating']);
  });
});

describe('a session that is saved', () => {
  test('stays if it has not ended', async () => {
    const asked: string[] = [];
    const { browser, store, id } = await start(save, {
      isEnded: async (sessionId) => {
        asked.push(sessionId);
        return false;
      },
    });
    await browser.get('/').expect(200, { seen: 'done' });
    expect(asked).toEqual([id]);
    expect(Object.keys(store.sessions)).toEqual([id]);
  });

  test.each([
    ['at once', () => true],
    ['later', async () => true],
  ])('is deleted again if it has ended, as the hook says %s', async (_when, isEnded) => {
    const { browser, store } = await start(save, { isEnded });
    await browser.get('/').expect(200, { seen: 'done' });
    expect(store.sessions).toEqual({});
  });

  test('is deleted again if it has ended, when express-session saves it at the end of the answer', async () => {
    const { browser, store } = await start((req) => void (req.session['note'] = 'late'), { isEnded: () => true });
    const answer = await browser.get('/').expect(200);
    expect(store.sessions).toEqual({});
    expect(setCookies(answer)).toEqual([]);
  });

  test('stays if the hook fails', async () => {
    const isEnded = () => Promise.reject(new Error('out of order'));
    const { browser, store, id } = await start(save, { isEnded });
    await browser.get('/').expect(200, { seen: 'done' });
    expect(Object.keys(store.sessions)).toEqual([id]);
  });

  test('calls back with the error of the store, and the hook is not called', async () => {
    const store = new FullStore();
    let asked = 0;
    const { browser } = await start(
      async (req) => {
        store.full = true;
        const failure = await save(req);
        store.full = false;
        return { failure, asked };
      },
      {
        isEnded: () => {
          asked += 1;
          return false;
        },
      },
      store,
    );
    await browser.get('/').expect(200, { seen: { failure: 'full', asked: 0 } });
  });
});

describe('a guarded store', () => {
  test('is created once for each store', async () => {
    const seen = new Set<unknown>();
    const { browser, store } = await start((req) => {
      seen.add(req.sessionStore);
      return { isGuarded: !Object.is(req.sessionStore, store), isKnown: Object.is(rawStore(req.sessionStore), store) };
    });
    await browser.get('/').expect(200, { seen: { isGuarded: true, isKnown: true } });
    await browser.get('/').expect(200);
    expect(seen.size).toBe(1);
  });

  test('is not wrapped again', async () => {
    const hooks = { destroying: () => undefined, regenerating: () => undefined, isEnded: () => false };
    const { browser } = await start((req) => {
      const before = req.sessionStore;
      new GuardedStores(hooks).install(req);
      return req.sessionStore === before;
    });
    await browser.get('/').expect(200, { seen: true });
  });

  test('has the class, the other methods and the events of the store', async () => {
    const { browser, store, id } = await start(async (req) => {
      const guarded = req.sessionStore as unknown as MemoryStore;
      const row = await new Promise((resolve) => guarded.get(id, (_error, session) => resolve(session?.user)));
      let connected = 0;
      guarded.on('connect', () => (connected += 1));
      store.emit('connect');
      return { name: guarded.constructor.name, isStore: guarded instanceof MemoryStore, row, connected };
    });
    await browser.get('/').expect(200, { seen: { name: 'MemoryStore', isStore: true, row: 'alice', connected: 1 } });
  });

  test('is not needed for rawStore(), which returns other stores as they are', () => {
    const store = new MemoryStore() as unknown as Request['sessionStore'];
    expect(rawStore(store)).toBe(store);
  });
});
