import connectPgSimple from 'connect-pg-simple';
import session, { MemoryStore, type SessionData, Store } from 'express-session';
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

/** Makes a class that keeps the rows that it has read. */
const withCache = () =>
  class extends MemoryStore {
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
  };
const CachingStore = withCache();
const NamesakeStore = Object.defineProperty(withCache(), 'name', { value: 'MemoryStore' });

/** Copies only the fields of a session, and returns rows that cannot be changed. */
class ShallowStore extends ObjectStore {
  override set(id: string, session: SessionData, done?: Done): void {
    super.set(id, { ...session }, done);
  }

  override get(id: string, done: Done): void {
    super.get(id, (error, row) => done(error, row && Object.freeze({ ...row })));
  }
}

/** Copies sessions deeply, as `cloneDeep()` does, but returns its rows themselves. */
class CloningStore extends ObjectStore {
  override set(id: string, given: SessionData, done?: Done): void {
    const data = JSON.parse(JSON.stringify(given)) as SessionData;
    super.set(id, Object.assign(Object.create(Object.getPrototypeOf(given) as object) as SessionData, data), done);
  }
}

/** Returns its rows as promises, too. */
class PromisingStore extends ObjectStore {
  override async get(id: string, done?: Done): Promise<SessionData | undefined> {
    await Promise.resolve();
    const row = this.rows.get(id);
    done?.(null, row);
    return row;
  }
}

/** connect-pg-simple. Its pool writes a session as text when a connection is free. */
const PgStore = connectPgSimple(session) as unknown as new (options: object) => MemoryStore;
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
};
class BusyPool {
  private readonly rows = new Map<unknown, string>();

  async query(statement: string, [first, , id]: unknown[]): Promise<{ rows: object[] }> {
    const isWrite = statement.startsWith('INSERT');
    await turns(isWrite ? 5 : 1);
    if (isWrite) this.rows.set(id, JSON.stringify(first));
    if (statement.startsWith('DELETE')) this.rows.delete(first);
    const row = this.rows.get(first);
    return { rows: row === undefined ? [] : [{ sess: JSON.parse(row) as object }] };
  }
}
class BusyPgStore extends PgStore {
  constructor() {
    super({ pool: new BusyPool(), pruneSessionInterval: false });
  }
}

const stores: Record<string, new () => Store> = {
  'keeps objects': ObjectStore,
  'keeps copies of them': ShallowStore,
  'keeps deep copies of them': CloningStore,
  'returns promises': PromisingStore,
  'has a cache': CachingStore,
  'has a cache and the name of its base class': NamesakeStore,
  'turns sessions into text later': BusyPgStore,
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
  'while a save is under way': async (req) => {
    req.session['read'] = 1;
    const saving = saved(req);
    box(req.session).user = 'victim';
    await saving;
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

test('a sign-in of an object that was read from the store with a promise shows its user to nobody else', async () => {
  acts['promised'] = async ({ sessionStore, sessionID }) => {
    const row: unknown = await (sessionStore as unknown as PromisingStore).get(sessionID);
    box(row).user = 'victim';
  };
  const { act, signIn } = await start({ session: { store: new PromisingStore() } });
  await act('prepare');
  expect((await signIn('promised')).attacker).toEqual([null, null, null]);
});
