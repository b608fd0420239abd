import type { Request } from 'express';
import { MemoryStore, type SessionData, Store } from 'express-session';
import type { HttpSession } from '../../../src/express-session/http-session.js';
import { httpSessionOf } from '../../../src/express-session/session-of-request.js';
import { MARKER } from '../../../src/express-session/marker.js';
import type { StoreHooks } from '../../../src/express-session/store/store-hooks.js';
import { takeOver } from '../../../src/express-session/store/store-takeover.js';
import { sessionCookie, sessionIdOf, setCookies } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { sent } from '../../support/sent.js';
import { FullStore } from '../support/full-store.js';
import { application, asSessionStore, fill, outcome, serveTaken, showing, taken } from '../support/taken-server.js';

/** Serves `act` in a browser that has a session of alice. */
async function start(act: (req: Request) => unknown, hooks: Partial<StoreHooks> = {}, store = new MemoryStore()) {
  const server = serveTaken([showing(act)], {}, { store });
  const filled = await fill(server);
  // The hooks are for what comes now.
  const { isEnded, saving } = application(hooks);
  Object.assign(server.hooks, hooks, { isEnded, saving });
  return { ...server, ...filled };
}

const destroy = (req: Request) => outcome((done) => req.session.destroy(done));
const regenerate = (req: Request) => outcome((done) => req.session.regenerate(done));
const save = (req: Request) => outcome((done) => req.session.save(done));

const ways: [string, () => Promise<never>][] = [
  [
    'throws',
    () => {
      throw new Error('out of order');
    },
  ],
  ['rejects', () => Promise.reject(new Error('out of order'))],
];

const readOnly: [string, MemoryStore['destroy']][] = [
  ['calls back with an error', (_id, callback) => callback?.(new Error('read only'))],
  ['rejects', (() => Promise.reject(new Error('read only'))) as never],
  [
    'throws',
    () => {
      throw new Error('read only');
    },
  ],
];

describe('destroy()', () => {
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

  test.each(ways)('deletes the row even if the hook %s, and the caller gets the error', async (_how, destroying) => {
    const { browser, store } = await start(destroy, { destroying });
    await browser.get('/').expect(200, { seen: 'out of order' });
    expect(store.sessions).toEqual({});
  });

  test.each(readOnly)('passes on the error of a store that %s', async (_how, failing) => {
    class ReadOnlyStore extends MemoryStore {
      override destroy = failing;
    }
    const { browser } = await start(destroy, {}, new ReadOnlyStore());
    await browser.get('/').expect(200, { seen: 'read only' });
    const { browser: other } = await start(
      destroy,
      { destroying: () => Promise.reject(new Error('later')) },
      new ReadOnlyStore(),
    );
    await other.get('/').expect(200, { seen: 'read only' });
  });

  test('calls the hook whoever calls it: the store itself, or express-session at the end of the answer', async () => {
    const told: string[] = [];
    const hooks = { destroying: (sessionId: string) => void told.push(sessionId) };
    const raw = await start((req) => outcome((done) => raw.store.destroy(req.sessionID, done)), hooks);
    await raw.browser.get('/').expect(200, { seen: 'done' });

    const unset = (req: Request) => void ((req as { session: unknown }).session = null);
    const server = serveTaken([showing(unset)], hooks, { unset: 'destroy' });
    const { id } = await fill(server);
    await server.browser.get('/').expect(200);
    expect(told).toEqual([raw.id, id]);
    expect(server.store.sessions).toEqual({});
  });

  type Get = MemoryStore['get'];

  test('of an expired row by the store itself, which is asked for it, ends no session', async () => {
    class DroppingStore extends MemoryStore {
      declare readonly sessions: Record<string, string>;
      isExpired = false;
      override get(...[id, done]: Parameters<Get>) {
        if (this.isExpired) this.destroy(id, (error) => done(error, null));
        else super.get(id, done);
      }
    }
    const told: string[] = [];
    const store = new DroppingStore();
    const destroying = (id: string) => void told.push(id);
    const { browser } = await start(({ sessionID }) => sessionID, { destroying }, store);
    store.isExpired = true;
    await browser.get('/').expect(200);
    expect([store.sessions, told]).toEqual([{}, []]);
  });

  test('by a handler that runs while the store calls back at once ends the session', async () => {
    class SyncStore extends MemoryStore {
      override get(id: string, done: Parameters<Get>[1]) {
        const row = this.sessions[id];
        done(null, row === undefined ? null : (JSON.parse(row) as SessionData));
      }
      declare readonly sessions: Record<string, string>;
    }
    const told: string[] = [];
    const { browser, id } = await start(
      destroy,
      { destroying: (sessionId) => void told.push(sessionId) },
      new SyncStore(),
    );
    await browser.get('/').expect(200, { seen: 'done' });
    expect(told).toEqual([id]);
  });

  test('calls the hook of each application, until one has failed', async () => {
    const told: string[] = [];
    const { browser, store, taken } = await start(destroy, { destroying: async () => told.push('one') });
    taken.join(application({ destroying: () => Promise.reject(new Error(`${told.push('two')} were told`)) }));
    await browser.get('/').expect(200, { seen: '2 were told' });
    expect(told).toEqual(['one', 'two']);
    expect(store.sessions).toEqual({});
  });

  test('returns a promise to those who give no callback, and fails without ending the process', async () => {
    const current = taken();
    const answer: unknown = current.store.destroy('id');
    expect(answer).toBeInstanceOf(Promise);
    await expect(answer).resolves.toBeUndefined();

    const failing = taken(new MemoryStore(), { destroying: () => Promise.reject(new Error('out of order')) });
    void failing.store.destroy('id');
    await expect(failing.store.destroy('id')).rejects.toThrow('out of order');
  });
});

describe('destroy() of a store that fails', () => {
  const destroyIn = (own: MemoryStore['destroy'], given: string | string[]) => {
    const reads: string[] = [];
    const destroyed: string[] = [];
    const store = new MemoryStore();
    Object.assign(store, { destroy: own });
    store.get = (sessionId, callback) => {
      reads.push(sessionId);
      callback(null, null);
    };
    taken(store, { destroying: (sessionId) => void destroyed.push(sessionId) });
    const answer = outcome((done) => store.destroy(given as string, done));
    return answer.then((said) => ({ said, reads, destroyed }));
  };
  const failing: MemoryStore['destroy'] = (_id, callback) => callback?.(new Error('read only'));

  test('is done if the row is gone', async () => {
    expect(await destroyIn(failing, 'id')).toEqual({ said: 'done', reads: ['id'], destroyed: ['id'] });
  });

  test('passes on the error if it was given a list, because some rows may be left', async () => {
    const seen = { said: 'read only', reads: [], destroyed: ['one', 'other'] };
    expect(await destroyIn(failing, ['one', 'other'])).toEqual(seen);
  });
});

describe('an error that a callback throws', () => {
  class ImmediateStore extends MemoryStore {
    override destroy(sessionId: string, callback?: (error?: unknown) => void) {
      super.destroy(sessionId);
      callback?.();
    }

    override set(sessionId: string, session: SessionData, callback?: (error?: unknown) => void) {
      super.set(sessionId, session);
      callback?.();
    }
  }

  test.each<[string, (req: Request, callback: () => void) => unknown]>([
    ['destroy()', (req, callback) => req.session.destroy(callback)],
    ['regenerate()', (req, callback) => req.session.regenerate(callback)],
    ['save()', (req, callback) => req.session.save(callback)],
  ])('of %s is not treated as one of the store', async (_what, work) => {
    let calls = 0;
    const act = (req: Request) => {
      try {
        work(req, () => {
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
});

describe('regenerate()', () => {
  test('calls the hook with the old session, and then the request gets a new id', async () => {
    const told: unknown[] = [];
    const { browser, store, id } = await start(regenerate, {
      regenerating: async ({ req, key }) => {
        told.push({ id: req.sessionID, user: req.session.user, isKnown: key === httpSessionOf(req).key });
        return true;
      },
    });
    const answer = await browser.get('/').expect(200, { seen: 'done' });
    expect(told).toEqual([{ id, user: 'alice', isKnown: true }]);
    const newId = decodeURIComponent(sessionIdOf(sessionCookie(answer)));
    expect(newId).not.toBe(id);
    expect(Object.keys(store.sessions)).toEqual([newId]);
  });

  test.each([
    ['has seen to the end', true, ['regenerating']],
    ['has not', false, ['regenerating', 'destroying']],
  ])('calls the hook of destroy() unless the application %s', async (_what, isSeenTo, expected) => {
    const told: string[] = [];
    const { browser, store, id } = await start(regenerate, {
      destroying: () => void told.push('destroying'),
      regenerating: () => {
        told.push('regenerating');
        return isSeenTo;
      },
    });
    await browser.get('/').expect(200, { seen: 'done' });
    expect(told).toEqual(expected);
    expect(store.sessions).not.toHaveProperty(id);
  });

  test('lets the application destroy the old session as any other afterwards', async () => {
    const told: string[] = [];
    const act = async (req: Request) => {
      const { sessionID } = req;
      await regenerate(req);
      return outcome((done) => req.sessionStore.destroy(sessionID, done));
    };
    const hooks = { destroying: (id: string) => void told.push(id), regenerating: () => true };
    const { browser, id } = await start(act, hooks);
    await browser.get('/').expect(200, { seen: 'done' });
    expect(told).toEqual([id]);
  });

  test.each(ways)('changes nothing if the hook %s, and the caller gets the error', async (_how, regenerating) => {
    const act = async (req: Request) => [req.sessionID, await regenerate(req), req.sessionID, req.session.user];
    const { browser, store, id } = await start(act, { regenerating });
    await browser.get('/').expect(200, { seen: [id, 'out of order', id, 'alice'] });
    expect(Object.keys(store.sessions)).toEqual([id]);
  });

  test.each(readOnly)('passes on the error of a store that %s', async (_how, failing) => {
    class ReadOnlyStore extends MemoryStore {
      override destroy = failing;
    }
    const { browser } = await start(regenerate, {}, new ReadOnlyStore());
    await browser.get('/').expect(200, { seen: 'read only' });
  });

  test('passes on the error of the hook of destroy(), and the request has another id', async () => {
    const act = async (req: Request) => [await regenerate(req), req.sessionID === id];
    const { browser, id } = await start(act, { destroying: () => Promise.reject(new Error('out of order')) });
    await browser.get('/').expect(200, { seen: ['out of order', false] });
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

  test('calls back with the error of the store, and it is not asked whether it has ended', async () => {
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

  test('may be given a new id first, under which it is written, and the cookie names that one', async () => {
    const saving = async (session: HttpSession) => {
      session.move();
      await session.write();
      return false;
    };
    const act = (req: Request) => void (req.session.user = 'bob');
    const { browser, store, id } = await start(act, { saving });
    const answer = await browser.get('/').expect(200);
    const newId = decodeURIComponent(sessionIdOf(sessionCookie(answer)));
    expect(JSON.parse(store.sessions[id] as string)).toMatchObject({ user: 'alice' });
    expect(JSON.parse(store.sessions[newId] as string)).toMatchObject({ user: 'bob' });
  });

  test.each([
    ['at once', () => false],
    ['later', async () => false],
  ])('is not written if the application says so %s, and is no error', async (_when, saving) => {
    const act = (req: Request) => {
      req.session['note'] = 'kept back';
      return save(req);
    };
    const { browser, store, id } = await start(act, { saving });
    await browser.get('/').expect(200, { seen: 'done' });
    expect(store.sessions[id]).not.toContain('kept back');
  });

  test.each(ways)('is not written if the application %s, and the caller gets the error', async (_how, saving) => {
    const act = async (req: Request) => {
      req.session['note'] = 'kept back';
      const failure = await save(req);
      delete req.session['note'];
      return failure;
    };
    const { browser, store, id } = await start(act, { saving });
    await browser.get('/').expect(200, { seen: 'out of order' });
    expect(store.sessions[id]).not.toContain('kept back');
  });

  test('after its request has left it is written as any row, unless it has ended', async () => {
    const told: string[] = [];
    const act = async (req: Request) => {
      const old = req.session;
      await regenerate(req);
      return [await outcome((done) => old.save(done)), ...told];
    };
    const { browser, store, id } = await start(act, {
      saving: () => Boolean(told.push('saving')),
      isEnded: (sessionId) => sessionId === id,
    });
    await browser.get('/').expect(200, { seen: ['done'] });
    expect(store.sessions).not.toHaveProperty(id);
  });
});

describe('a row that is written by hand', () => {
  const row = { cookie: { originalMaxAge: null }, user: 'alice' } as unknown as SessionData;
  const set = (store: Store) => outcome((done) => store.set('id', row, done));
  const rows = ({ store }: { store: Store }) => Object.keys((store as unknown as { sessions: object }).sessions);

  test('is written if its session has not ended', async () => {
    const current = taken();
    expect(await set(current.store)).toBe('done');
    expect(rows(current)).toEqual(['id']);
  });

  test('is not written if its session has ended', async () => {
    const current = taken(new MemoryStore(), { isEnded: async () => true });
    expect(await set(current.store)).toBe('done');
    expect(rows(current)).toEqual([]);
  });

  test.each(ways)('is not written if nobody knows, as the hook %s', async (_how, isEnded) => {
    const current = taken(new MemoryStore(), { isEnded });
    expect(await set(current.store)).toBe('out of order');
    expect(rows(current)).toEqual([]);
  });

  test.each([
    ['refuses it', () => false],
    ['refuses it later', async () => false],
  ])('is not written if an application %s, and no error says so', async (_how, savingData) => {
    const store = new MemoryStore();
    const current = taken(store, { savingData });
    takeOver(asSessionStore(store), application());
    expect(await set(current.store)).toBe('done');
    expect(rows(current)).toEqual([]);
  });

  test('is written as it was when it was judged, if the caller changes it meanwhile', async () => {
    const gate = new Gate();
    const judged: unknown[] = [];
    const current = taken(new MemoryStore(), {
      isEnded: () => gate.pass().then(() => false),
      savingData: (_id, data) => Boolean(judged.push({ ...data })),
    });
    const data = { ...row };
    const done = outcome((callback) => current.store.set('id', data, callback));
    data.user = 'mallory';
    gate.open();
    expect(await done).toBe('done');
    expect(judged).toMatchObject([{ user: 'alice' }]);
    expect(await current.read('id')).toMatchObject({ user: 'alice' });
  });

  test('has ended if it has for one of the applications', async () => {
    const store = new MemoryStore();
    const current = taken(store);
    takeOver(asSessionStore(store), application({ isEnded: async () => true }));
    takeOver(asSessionStore(store), application());
    expect(await set(current.store)).toBe('done');
    expect(rows(current)).toEqual([]);
  });
});

describe('what an application does by accident to the cookie or the marker', () => {
  const bodies: [string, object][] = [
    ['a cookie that is null', { cookie: null }],
    ['a cookie that is text', { cookie: 'mine' }],
    ['another cookie', { cookie: { originalMaxAge: 1, path: '/other', httpOnly: false } }],
    ['a marker', { [MARKER]: 'mine' }],
    ['a marker that is an object', { [MARKER]: { toString: 5 } }],
  ];

  test.each(bodies)('is undone when the session is saved: %s', async (_what, body) => {
    const act = (req: Request) => {
      Object.assign(req.session, body, { note: 'kept' });
      return save(req);
    };
    const { browser, store, id } = await start(act);
    const before = JSON.parse(store.sessions[id] as string) as object;
    await browser.get('/').expect(200, { seen: 'done' });
    expect(JSON.parse(store.sessions[id] as string)).toEqual({ ...before, note: 'kept' });
  });

  test.each(bodies)('does not touch the marker that was there: %s', async (_what, body) => {
    const act = async (req: Request) => {
      const session = httpSessionOf(req);
      if (req.path === '/mark') session.writeMarker(session.key, { startedAt: 5, run: 'run' });
      else Object.assign(req.session, body);
      return save(req);
    };
    const { browser, store, id } = await start(act);
    await browser.get('/mark').expect(200, { seen: 'done' });
    const marked = JSON.parse(store.sessions[id] as string) as object;
    expect(marked).toHaveProperty([MARKER]);
    await browser.get('/').expect(200, { seen: 'done' });
    expect(JSON.parse(store.sessions[id] as string)).toEqual(marked);
  });
});

describe('what a store calls back with', () => {
  const results = (work: (done: (...results: unknown[]) => void) => unknown) =>
    new Promise<unknown[]>((resolve) => void work((...given) => resolve(given)));

  test.each([[[]], [[null]], [[null, 'OK', 2]]])('reaches the application as it is: %j', async (given) => {
    class TalkingStore extends MemoryStore {
      override set(...args: Parameters<MemoryStore['set']>) {
        const [id, session, done] = args;
        super.set(id, session, () => Reflect.apply(done ?? (() => {}), undefined, given));
      }

      override destroy(...args: Parameters<MemoryStore['destroy']>) {
        const [id, done] = args;
        super.destroy(id, () => Reflect.apply(done ?? (() => {}), undefined, given));
      }
    }
    const act = async (req: Request) => [
      await results((done) => req.session.save(done)),
      await results((done) => req.sessionStore.set('another', req.session as SessionData, done)),
      await results((done) => req.session.destroy(done)),
    ];
    const { browser } = await start(act, {}, new TalkingStore());
    await browser.get('/').expect(200, { seen: [given, [], given] });
  });

  test.each([[[]], [[null]], [[null, null, 2]]])('reaches whoever reads a row that is not there: %j', async (given) => {
    class EmptyStore extends MemoryStore {
      override get(...args: Parameters<MemoryStore['get']>) {
        const [id, done] = args;
        if (id === 'unknown') setImmediate(() => Reflect.apply(done, undefined, given));
        else super.get(id, done);
      }
    }
    const act = (req: Request) => results((done) => req.sessionStore.get('unknown', done));
    const { browser } = await start(act, {}, new EmptyStore());
    await browser.get('/').expect(200, { seen: given });
  });

  test.each<[string, (req: Request, done: () => void) => unknown]>([
    [
      'is of a session that the request has left',
      (req, done) => {
        const { session } = req;
        req.sessionStore.generate(req);
        session.save(done);
      },
    ],
    ['has ended', (req, done) => req.sessionStore.set('another', { cookie: req.session.cookie } as SessionData, done)],
  ])('comes after the call has returned if a row is not written, as it %s', async (_why, write) => {
    const order: string[] = [];
    const act = async (req: Request) => {
      await new Promise<void>((resolve) => {
        write(req, () => {
          order.push('called back');
          resolve();
        });
        order.push('returned');
      });
      return order;
    };
    const { browser } = await start(act, { isEnded: (sessionId) => sessionId === 'another' });
    await browser.get('/').expect(200, { seen: ['returned', 'called back'] });
  });

  test('comes beside a promise, if the method of the store is asynchronous', async () => {
    class PromisingStore extends MemoryStore {
      override async destroy(...args: Parameters<MemoryStore['destroy']>) {
        super.destroy(...args);
      }
    }
    const act = async ({ sessionStore }: Request) => {
      const order: string[] = [];
      await sessionStore.destroy('unknown', () => void order.push('called back'));
      return [...order, typeof sessionStore.set('another', { cookie: {} } as never, () => {})];
    };
    const { browser } = await start(act, {}, new PromisingStore());
    await browser.get('/').expect(200, { seen: ['called back', 'undefined'] });
  });
});
