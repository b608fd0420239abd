import type { Request } from 'express';
import { MemoryStore, type SessionData, Store } from 'express-session';
import { requestIn, taken } from '../support/taken-server.js';

/** A store that keeps the objects that it is given, and hands them out. */
class ObjectStore extends Store {
  readonly rows = new Map<string, SessionData>();

  get(id: string, callback: (error: unknown, row?: SessionData) => void) {
    callback(null, this.rows.get(id));
  }

  set(id: string, session: SessionData, callback?: () => void) {
    this.rows.set(id, session);
    callback?.();
  }

  destroy(id: string, callback?: () => void) {
    this.rows.delete(id);
    callback?.();
  }
}

describe('a store that keeps objects', () => {
  test('gets an object of its own, which the application cannot change', async () => {
    const store = new ObjectStore();
    const current = taken(store);
    const session = { cookie: { originalMaxAge: null }, user: 'alice' } as unknown as SessionData;
    await current.write('id', session);
    session.user = 'mallory';
    expect(store.rows.get('id')).toMatchObject({ user: 'alice' });
    expect(await current.read('id')).toEqual(store.rows.get('id'));
    expect(await current.read('id')).not.toBe(store.rows.get('id'));
  });

  test('which writes text at once gets the object itself, because a copy would cost time', () => {
    const session = { user: 'alice' };
    expect(taken(new MemoryStore()).forStore(session).given).toBe(session);
    expect(taken(new ObjectStore()).forStore(session).given).not.toBe(session);
  });
});

describe('whether somebody has destroyed the session of a request', () => {
  test('is known of the store', () => {
    const { store } = taken();
    const req = requestIn(store);
    const current = taken(store);
    expect(current.hasDestroyed(req)).toBe(false);
    store.destroy(req.sessionID);
    expect(current.hasDestroyed(req)).toBe(true);
  });

  test('shows on the request if other code has replaced the method', () => {
    const current = taken();
    const req = requestIn(current.store);
    current.store.destroy = () => undefined;
    expect(current.hasDestroyed(req)).toBe(false);
    delete (req as Partial<Request>).session;
    expect(current.hasDestroyed(req)).toBe(true);
  });
});

describe('an error of the store', () => {
  const written = async (session: object, store: Store) => {
    const current = taken(store);
    const failure: unknown = await current.write('id', session as SessionData).catch((error: unknown) => error);
    return { failure, isOfStore: current.hasFailedWith(failure) };
  };

  test('is one with which a write fails, but not if nobody can write the data', async () => {
    const full = Object.assign(new MemoryStore(), {
      set: (_id: string, _session: SessionData, done: (error: unknown) => void) => done(new Error('full')),
    });
    expect(await written({ cookie: {} }, full)).toEqual({ failure: new Error('full'), isOfStore: true });
    const unwritable = await written({ cookie: {}, amount: 10n }, new MemoryStore());
    expect(unwritable).toEqual({ failure: expect.any(TypeError), isOfStore: false });
    // A store with a format of its own may write such data, but not now.
    expect(await written({ cookie: {}, amount: 10n }, full)).toMatchObject({ isOfStore: true });
  });

  test.each([null, undefined, 'down'])('that is %p is known of no store, because others may be the same', (error) => {
    const current = taken();
    current.noteFailure(error);
    expect(current.hasFailedWith(error)).toBe(false);
  });
});

describe('fields that are set in a row', () => {
  const update = async (row: unknown) => {
    const store = new ObjectStore();
    if (row !== undefined) store.rows.set('id', row as SessionData);
    await taken(store).updates.update('id', { note: 'new' });
    return store.rows.get('id');
  };

  test('leave the others as they are', async () => {
    expect(await update({ cookie: { originalMaxAge: null }, user: 'alice', note: 'old' })).toMatchObject({
      user: 'alice',
      note: 'new',
    });
  });

  test.each([undefined, null, { cookie: 5, user: 'alice' }])('are left out if the row is %j', async (row) => {
    expect(await update(row)).toEqual(row);
  });
});
