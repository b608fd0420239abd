import { jest } from '@jest/globals';
import type { Request } from 'express';
import type { SessionData } from 'express-session';
import type { HttpSession } from '../../src/express-session/http-session.js';
import { MARKER } from '../../src/express-session/marker.js';
import { httpSessionOf } from '../../src/express-session/session-of-request.js';
import type { SessionStore } from '../../src/express-session/store/session-store.js';
import { MINUTE } from '../support/time.js';
import { requestIn, taken } from './support/taken-server.js';

const marker = { startedAt: 5, run: undefined };

/** A request whose store is taken over, without a server. */
function withStore(fields: object = {}) {
  const { store } = taken();
  const req = requestIn(store, fields);
  return { store, req, session: httpSessionOf(req) };
}

/** A request of an Express application that is not guarded any more: its store has been given back. */
function withoutTakenStore() {
  const store = taken();
  for (const application of store.applications) store.leave(application);
  const req = requestIn(store.store, { user: 'alice' });
  return { req, session: httpSessionOf(req) };
}

const rowOf = (store: SessionStore, id: string): unknown => {
  const text = (store as unknown as { sessions: Record<string, string> }).sessions[id];
  return text === undefined ? undefined : JSON.parse(text);
};

describe('whether others may know the id of a session', () => {
  const arrivals: readonly [string, (session: HttpSession) => void, boolean][] = [
    ['before its store was taken over', (session) => Object.assign(session, { origin: 'unseen' }), false],
    ['when it is the id in the cookie', (session) => session.arrive('loaded', session.id), true],
    ['when it was loaded by an id from elsewhere', (session) => session.arrive('loaded', undefined), true],
    ['when it was made for the request', (session) => session.arrive('new', undefined), false],
    ['when it was made for a request with another cookie', (session) => session.arrive('new', 'other'), false],
  ];
  test.each(arrivals)('%s', (_when, arrive, isReused) => {
    const req = { sessionID: 'here', session: { cookie: {} } } as unknown as Request;
    const session = httpSessionOf(req);
    arrive(session);
    expect(session.isReused).toBe(isReused);
  });

  test('is not asked of a request that has no id', () => {
    expect(httpSessionOf({} as Request).isReused).toBe(false);
  });

  test.each([
    ['made for the request', 'new', false],
    ['loaded by an id from elsewhere', 'loaded', true],
  ] as const)('stays as it was after move() and restore(), if it was %s', (_how, origin, isReused) => {
    const { session } = withStore();
    session.newId = undefined;
    session.arrive(origin, undefined);
    const left = session.move();
    expect(session.isReused).toBe(false);
    session.restore(left);
    expect(session.isReused).toBe(isReused);
  });
});

describe('what is kept of a session as it was loaded', () => {
  test('is a copy of its row', () => {
    const { session } = withStore({ user: 'mallory' });
    const row = { user: 'alice' };
    session.keep(row);
    row.user = 'bob';
    expect(session.loaded).toEqual({ user: 'alice' });
  });

  test.each([null, undefined, 'text', 5])('is the session itself if the row is %p', (row) => {
    const { session } = withStore({ user: 'alice' });
    session.keep(row);
    expect(session.loaded).toBe(session.data);
  });
});

describe('the cookie that a session came with', () => {
  test('is unknown before express-session has put the session on the request', () => {
    const { session } = withStore();
    Object.assign(session, { arrival: undefined });
    expect(session.arrivalCookie).toBeUndefined();
    expect(session.hasNewCookie).toBe(true);
  });

  test('is put back if other code has broken it', () => {
    const { req, session } = withStore();
    req.session.cookie.path = '/app';
    session.arrive('loaded', session.id);
    expect(session.hasNewCookie).toBe(false);
    Object.assign(req.session, { cookie: {} });
    expect(session.hasNewCookie).toBe(true);
    session.repair();
    expect(req.session.cookie.path).toBe('/app');
    expect(typeof Object(req.session.cookie).serialize).toBe('function');
  });
});

describe('the marker of a session', () => {
  test('is put back if other code has overwritten it', () => {
    const { req, session } = withStore();
    session.writeMarker(session.key, marker);
    req.session[MARKER] = 'forged';
    session.repair();
    expect(session.readMarker(session.key)).toEqual(marker);
  });

  test('that is only in the row yet is put into the session when it is saved, and not before', async () => {
    const { store, req, session } = withStore({ user: 'alice' });
    await session.write();
    await session.markRow(session.key, marker);
    expect(rowOf(store, session.id)).toHaveProperty(MARKER);
    session.repair();
    expect(req.session).not.toHaveProperty(MARKER);
    await session.write();
    expect(session.readMarker(session.key)).toEqual(marker);
    expect(rowOf(store, session.id)).toMatchObject({ user: 'alice', [MARKER]: req.session[MARKER] });
  });
});

describe('writing', () => {
  test('starts the lifetime of the cookie again, because touches do not change the row', async () => {
    const { store, req, session } = withStore({ user: 'alice' });
    req.session.cookie.maxAge = MINUTE;
    Object.assign(req.session.cookie, { _expires: new Date(0) });
    await session.write();
    const { cookie } = rowOf(store, session.id) as { cookie: { expires: string } };
    expect(Date.parse(cookie.expires)).toBeGreaterThan(Date.now());
  });
});

describe('why there is no session', () => {
  test('is an error of the store if the store has failed with it, whatever it says now', async () => {
    const { session, req } = withStore();
    const error = new Error('down');
    taken(req.sessionStore).noteFailure(error);
    expect([session.isOfStore(error), session.isOfStore(new Error('down'))]).toEqual([true, false]);
    expect(await session.findFault(error)).toBe('in the store');
  });

  test('is elsewhere if the store works and has no row', async () => {
    const { session } = withStore();
    expect(await session.findFault(new Error('a bug'))).toBe('elsewhere');
  });

  test('is elsewhere if the request has no id, and the store is not asked', async () => {
    const { session, req, store } = withStore();
    const get = jest.spyOn(store, 'get');
    Object.assign(req, { sessionID: undefined });
    expect(await session.findFault(new Error('a bug'))).toBe('elsewhere');
    expect(get).not.toHaveBeenCalled();
  });
});

describe('a session whose store is not taken over', () => {
  test('is new, with the id in the cookie', async () => {
    const { session } = withoutTakenStore();
    await session.learnOrigin('presented');
    expect([session.origin, session.presentedId]).toEqual(['new', 'presented']);
  });

  test('cannot be written, marked, deleted or replaced, and no error says so', async () => {
    const { session, req } = withoutTakenStore();
    const { sessionStore: store } = req;
    await session.write();
    await session.markRow(session.key, marker);
    expect(rowOf(store, session.id)).toBeUndefined();
    store.set(session.id, req.session as SessionData);
    await session.deleteRow(session.id);
    expect(rowOf(store, session.id)).toMatchObject({ user: 'alice' });
    session.replace({ note: 'added' });
    expect(session.data).toMatchObject({ user: 'alice', note: 'added' });
  });

  test('has failed with nothing, and its errors are elsewhere', async () => {
    const { session } = withoutTakenStore();
    expect(session.isOfStore(new Error('down'))).toBe(false);
    expect(await session.findFault(new Error('down'))).toBe('elsewhere');
  });
});
