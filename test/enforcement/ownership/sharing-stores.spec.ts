import { MemoryStore, type SessionData, Store } from 'express-session';
import { stopApps } from '../../support/app.js';
import { type Act, acts, promised, router, saved, start } from './support/acts.js';

afterEach(stopApps);

type Done = (error?: unknown, row?: SessionData | null) => void;

/** Keeps the very objects that it is given, as a `Map` does. */
class ObjectStore extends Store {
  readonly rows = new Map<string, SessionData>();

  get(id: string, done: Done): void {
    setImmediate(() => done(null, this.rows.get(id)));
  }

  set(id: string, session: SessionData, done?: Done): void {
    this.rows.set(id, session);
    setImmediate(() => done?.());
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    if (this.rows.has(id)) this.rows.set(id, session);
    setImmediate(() => done?.());
  }

  destroy(id: string, done?: Done): void {
    this.rows.delete(id);
    setImmediate(() => done?.());
  }
}

/** Keeps the rows that it has read, and what was written last. */
class CachingStore extends MemoryStore {
  readonly cache = new Map<string, SessionData>();

  override get(id: string, done: Done): void {
    const cached = this.cache.get(id);
    if (cached) return void setImmediate(() => done(null, cached));
    super.get(id, (error, row) => {
      if (row) this.cache.set(id, row);
      done(error, row);
    });
  }

  override set(id: string, session: SessionData, done?: Done): void {
    this.cache.delete(id);
    super.set(id, session, done);
  }

  override destroy(id: string, done?: Done): void {
    this.cache.delete(id);
    super.destroy(id, done);
  }
}

/** Copies only the fields of a session, and returns rows that cannot be changed. */
class ShallowStore extends ObjectStore {
  override set(id: string, session: SessionData, done?: Done): void {
    super.set(id, { ...session }, done);
  }

  override get(id: string, done: Done): void {
    super.get(id, (error, row) => done(error, row && Object.freeze({ ...row })));
  }
}

const stores: Record<string, new () => Store> = {
  'keeps objects': ObjectStore,
  'keeps copies of them': ShallowStore,
  'has a cache': CachingStore,
};

type Boxed = { box: { user?: string; inner?: { user?: string } } };
const box = (session: unknown) => (session as Boxed).box;

const signIns: Record<string, Act> = {
  'of an object in the session': ({ session }) => void (box(session).user = 'victim'),
  'of an object in the session, saved early': (req) => {
    box(req.session).user = 'victim';
    return saved(req);
  },
  'after a save': async (req) => {
    await saved(req);
    req.session.user = 'victim';
  },
  'of an object in the session, after a save': async (req) => {
    await saved(req);
    box(req.session).user = 'victim';
  },
  'after a reload': async (req) => {
    await promised((done) => req.session.reload(done));
    box(req.session).user = 'victim';
  },
  'after a new object was saved': async (req) => {
    const fresh = {};
    Object.assign(req.session, { box: fresh });
    await saved(req);
    Object.assign(fresh, { user: 'victim' });
  },
  'of an object that was read from the store': (req) =>
    promised((done) =>
      req.sessionStore.get(req.sessionID, (error, row) => {
        box(row).user = 'victim';
        done(error);
      }),
    ),
};
Object.assign(acts, signIns, {
  prepare: (req) => Object.assign(req.session, { box: { inner: {} } }),
} satisfies typeof acts);

describe.each(Object.entries(stores))('a store that %s', (_name, SharingStore) => {
  describe.each([
    ['a handler', []],
    ['a router before our middleware', [router]],
  ])('in %s', (_where, routers) => {
    test.each(Object.keys(signIns))('a sign-in %s shows its user to nobody else', async (name) => {
      const { signIn, act } = await start({
        session: { store: new SharingStore() },
        setup: (app) => routers.forEach((each) => app.use(each)),
      });
      await act('prepare');
      const { attacker, victim } = await signIn(name);
      expect(attacker).toEqual([null, null, null]);
      if (!name.includes('read from')) expect(victim.body).toEqual({ user: 'victim', note: 'planted' });
    });
  });
});

test('a store that keeps the session of a touch does not show what a handler changes later', async () => {
  const { act, who } = await start({ session: { store: new ObjectStore() } });
  await act('prepare');
  acts['keep'] = ({ session }) => void (acts['change'] = () => void (box(session).user = 'victim'));
  await act('keep');
  await act('change');
  expect((await who()).body).toMatchObject({ user: null });
});
