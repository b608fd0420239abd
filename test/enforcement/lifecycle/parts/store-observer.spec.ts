import { jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { type LiveSession, stateOfSession } from '../../../../src/enforcement/lifecycle/request-session.js';
import { type Outside, StoreObserver } from '../../../../src/enforcement/lifecycle/store-observer.js';
import { log } from '../../../../src/enforcement/timelines/events/log.js';
import { HeldSessions } from '../../../../src/enforcement/timelines/held-sessions.js';
import type { HttpSession } from '../../../../src/express-session/http-session.js';
import { sessionKey } from '../../../../src/express-session/session-key.js';
import type { StoreHooks } from '../../../../src/express-session/store/store-hooks.js';
import type { Reason } from '../../../../src/index.js';
import { ManualClock } from '../../../../src/testing/index.js';

const alice = { isTracked: true, user: 'alice' };
const bob = { isTracked: true, user: 'bob' };
const nobody = { isTracked: false, user: undefined };
const clock = new ManualClock();
const identify = (data: object) => (data as { user?: string }).user;
const key = sessionKey('a');
const open = { state: 'open', user: 'alice' };

/** The records of the ledger, and the ends that this process knows. */
let records: Map<string, object>;
let recent: Map<string, Reason>;
let held: HeldSessions;
let warnings: string[];

beforeEach(() => {
  records = new Map();
  recent = new Map();
  held = new HeldSessions();
  warnings = [];
  jest.spyOn(log, 'warn').mockImplementation((text) => void warnings.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** The hooks of the class itself, and the parts that it works with. */
function start(change: object = {}) {
  const parts = {
    read: jest.fn(async (key: string) => records.get(key)),
    end: jest.fn(async (..._given: unknown[]) => true),
    noted: jest.fn(),
    insistOn: jest.fn(async (_key: string, work: () => unknown) => work()),
    endSilently: jest.fn(async (..._given: unknown[]) => true),
    spares: jest.fn((_session: object, lifetime: number) => lifetime === 5),
    forget: jest.fn(),
    touched: jest.fn(),
    awaitNewId: jest.fn(),
  };
  const { noted, touched, awaitNewId } = parts;
  const given = [
    { clock, identify, ...change },
    { ...parts, held, ends: { note: noted }, recentEnd: (key: string) => recent.get(key) },
    parts,
    { begin: (sessionId: string) => `record of ${sessionId}` },
    { ...parts, note: touched },
    { awaitNewId },
  ];
  const observer = new StoreObserver(...(given as unknown as ConstructorParameters<typeof StoreObserver>));
  const judge = jest.fn<Outside['judge']>();
  const outside = { serves: () => true, saving: () => false, judge };
  return { ...parts, outside, hooks: observer.hooks(outside) };
}

/** A session that was loaded for a request, with the data of `user`. */
function session(user?: string, http: object = {}, req: object = {}) {
  const res = Object.assign(new EventEmitter(), { locals: {} });
  const keep = jest.fn();
  const kind = { origin: 'loaded', exists: true, id: 'a', key, isReused: true, isDestroyed: false };
  const given = { req: { res, complete: true, ...req }, data: { user }, loaded: { user }, keep, ...kind, ...http };
  return Object.assign(given as unknown as HttpSession, { res, keep });
}

const live = (change: object = {}) =>
  ({ kind: 'live', sessionId: 'a', key, user: 'alice', hadUser: false, ...change }) as LiveSession;

/** A session with what is known about its request. */
function known(state: object, ...given: Parameters<typeof session>) {
  const made = session(...given);
  Object.assign(stateOfSession(made), state);
  return made;
}

const data = (user?: string, more: object = { cart: 1 }) =>
  ({ user, ...more }) as unknown as Parameters<StoreHooks['savingData']>[1];
const ofOther = { state: 'ended', reason: 'revoked' };

test('a session that is read is read from the ledger as well, and other hooks stay as they are', () => {
  const { hooks, outside } = start();
  const { serves, saving } = outside;
  expect(hooks.fetching('a')).toBe('record of a');
  expect(hooks).toMatchObject({ serves, saving });
});

test('a touch may be spared for a live session only', () => {
  const { hooks, spares } = start();
  const current = live();
  expect(hooks.sparesTouch(known({ session: current }), 5)).toBe(true);
  expect(spares).toHaveBeenCalledWith(current, 5);
  expect(hooks.sparesTouch(known({ session: current }), 6)).toBe(false);
  const states = [{}, { session: { kind: 'anonymous', sessionId: 'a' } }, { session: live({ sessionId: 'b' }) }];
  expect(states.map((state) => hooks.sparesTouch(known(state), 5))).toEqual([false, false, false]);
});

test('a touch is noted, and needed again once the row has been written', () => {
  const { hooks, touched, forget } = start();
  hooks.touched(session());
  expect(touched).toHaveBeenCalledWith(key);
  hooks.written('a');
  expect(forget).toHaveBeenCalledWith(key);
});

describe('a session that arrives', () => {
  test('tells its owner, before anybody changes it', () => {
    const ahead = Promise.resolve();
    const arrived = session('alice', { data: data('bob') });
    start().hooks.arrived(arrived, ahead);
    expect(stateOfSession(arrived)).toMatchObject({ owner: alice, ahead, cameAt: clock.now() });
    expect(stateOfSession(arrived).ahead).toBe(ahead);
    expect(arrived.keep).not.toHaveBeenCalled();
  });

  test('is kept as it is if the application cannot tell its owner now', () => {
    const fails = () => {
      throw new Error('not yet');
    };
    const arrived = known({ owner: bob }, 'alice');
    start({ identify: fails }).hooks.arrived(arrived, undefined);
    expect(stateOfSession(arrived).owner).toBeUndefined();
    expect(arrived.keep).toHaveBeenCalledWith(arrived.data);
  });

  test.each([
    ['its body has come', (arrived: HttpSession) => stateOfSession(arrived).letGo?.()],
    ['its answer is over', (arrived: ReturnType<typeof session>) => arrived.res.emit('close')],
  ])('is not ended by the sweep until %s, also if it arrives twice', (_when, finish) => {
    const { hooks } = start();
    const arrived = session('alice', {}, { complete: false });
    for (const _time of [1, 2]) {
      hooks.arrived(arrived, undefined);
      expect(held.has(key)).toBe(true);
    }
    finish(arrived);
    expect(held.has(key)).toBe(false);
  });

  test.each([
    ['the body has come', {}, {}],
    ['nobody knows of a body', {}, { complete: undefined }],
    ['the session is new', { origin: 'new' }, { complete: false }],
    ['no answer will tell when it is over', {}, { complete: false, res: undefined }],
    ['its connection is closed already', {}, { complete: false, res: { closed: true, once: jest.fn(), locals: {} } }],
  ])('is not held if %s', (_why, http, req) => {
    const arrived = session('alice', http, req);
    start().hooks.arrived(arrived, undefined);
    expect(held.has(key)).toBe(false);
    expect(stateOfSession(arrived).letGo).toBeUndefined();
    expect(stateOfSession(arrived).cameAt).toBe('res' in req && !req.res ? undefined : clock.now());
  });
});

describe('a kept session object', () => {
  test('may be written only if its owner is the same', async () => {
    const { hooks, end } = start();
    records.set(key, open);
    expect(await hooks.savingKept(known({ owner: alice }, 'bob'), 'a', data('alice'))).toBe(true);
    expect(await hooks.savingKept(session('alice'), 'a', data('alice'))).toBe(true);
    expect(await hooks.savingKept(known({ owner: nobody }), 'a', data())).toBe(true);
    expect(await hooks.savingKept(known({ owner: nobody }), 'a', data('alice'))).toBe(false);
    expect(await hooks.savingKept(known({ owner: bob }), 'a', data('alice'))).toBe(false);
    expect(end).not.toHaveBeenCalled();
  });

  test('ends the session if it signs the user out', async () => {
    const { hooks, end } = start();
    records.set(key, open);
    expect(await hooks.savingKept(known({ owner: alice }), 'a', data())).toBe(false);
    expect(end.mock.calls).toEqual([[key, 'signed-out', { user: 'alice' }]]);
  });

  test.each([
    ['its request may store no session', { withholdsAll: true }, {}, 'a'],
    ['the session has been destroyed', {}, { isDestroyed: true }, 'a'],
    ['the request has another session by now', {}, {}, 'b'],
  ])('may not be written if %s', async (_why, state, http, sessionId) => {
    const { hooks, end } = start();
    records.set(key, open);
    const given = known({ owner: alice, ...state }, 'alice', http);
    expect(await hooks.savingKept(given, sessionId, data('alice'))).toBe(false);
    expect(await hooks.savingKept(given, sessionId, data())).toBe(false);
    expect(end).not.toHaveBeenCalled();
  });
});

describe('data that a job writes', () => {
  const stored = (row: unknown) => ({ read: jest.fn(async (_id: string) => row), delete: jest.fn(async () => true) });
  const cookie = { originalMaxAge: null };

  test('may be written if it has no user, or if its session has a timeline', async () => {
    const { hooks, read } = start();
    const rows = stored(data(undefined, { cookie }));
    expect(await hooks.savingData('a', data(), rows)).toBe(true);
    expect(read).not.toHaveBeenCalled();
    records.set(key, open);
    expect(await hooks.savingData('a', data('bob'), rows)).toBe(true);
    expect(rows.read).not.toHaveBeenCalled();
  });

  test.each([
    ['there was no row', undefined],
    ['express-session could not use the row', data(undefined, {})],
    ['the row had the same user', data('alice', { cookie })],
  ])('may be written if %s', async (_why, row) => {
    const { hooks, endSilently } = start();
    const rows = stored(row);
    expect(await hooks.savingData('a', data('alice'), rows)).toBe(true);
    expect(rows.read).toHaveBeenCalledWith('a');
    expect(endSilently).not.toHaveBeenCalled();
    expect(rows.delete).not.toHaveBeenCalled();
    expect(warnings).toEqual([]);
  });

  test.each([
    ['nobody', undefined],
    ['another user', 'bob'],
  ])('ends the session if it signs somebody in under the id of %s, with a warning', async (_who, user) => {
    const { hooks, endSilently } = start();
    const rows = stored(data(user, { cookie }));
    expect(await hooks.savingData('a', data('alice'), rows)).toBe(false);
    expect(endSilently.mock.calls).toEqual([[key, 'replaced']]);
    expect(rows.delete.mock.calls).toEqual([['a']]);
    expect(warnings).toEqual([
      'Something signed somebody in by writing to the session store, under a session id that was in use before ' +
        '(session fixation). The session was ended. Sign users in on req.session.',
    ]);
  });
});

test('a session has ended if it ended here, or if the ledger says so', async () => {
  const { hooks, read } = start();
  expect(await hooks.isEnded('a')).toBe(false);
  records.set(key, open);
  expect(await hooks.isEnded('a')).toBe(false);
  records.set(key, ofOther);
  expect(await hooks.isEnded('a')).toBe(true);
  read.mockClear();
  recent.set(key, 'idle');
  expect(hooks.isEnded('a')).toBe(true);
  expect(read).not.toHaveBeenCalled();
});

describe('a session that somebody destroys', () => {
  test('is signed out', async () => {
    const { hooks, end, insistOn } = start();
    records.set(key, open);
    expect(await hooks.destroying('a')).toBe(true);
    expect(end.mock.calls).toEqual([[key, 'signed-out', { user: 'alice' }]]);
    expect(insistOn).toHaveBeenCalledWith(key, expect.any(Function));
  });

  test('is not ended again, and only a known end is noted', async () => {
    const { hooks, end, noted, insistOn } = start();
    for (const record of [undefined, { state: 'ended', reason: 'bored' }, ofOther]) {
      expect(noted).not.toHaveBeenCalled();
      if (record) records.set(key, record);
      expect(await hooks.destroying('a')).toBe(false);
    }
    expect(noted.mock.calls).toEqual([[key, 'revoked', false, { isCertain: true }]]);
    recent.set(key, 'idle');
    insistOn.mockClear();
    expect(hooks.destroying('a')).toBeUndefined();
    expect(insistOn).not.toHaveBeenCalled();
    expect(end).not.toHaveBeenCalled();
  });
});

describe('a store that somebody clears', () => {
  const ids = ['a', 'b', 'c'];

  test('ends all sessions as revoked', async () => {
    const { hooks, end } = start();
    for (const id of ids) records.set(sessionKey(id), open);
    expect(await hooks.clearing(ids)).toBeUndefined();
    expect(end.mock.calls).toEqual(ids.map((id) => [sessionKey(id), 'revoked', { user: 'alice' }]));
  });

  test('ends the other sessions also if one end fails, and tells the first error', async () => {
    const { hooks, end, read } = start();
    for (const id of ids) records.set(sessionKey(id), open);
    read.mockRejectedValueOnce(new Error('first')).mockRejectedValueOnce(new Error('second'));
    await expect(hooks.clearing(ids)).rejects.toThrow('first');
    expect(end.mock.calls).toEqual([[sessionKey('c'), 'revoked', { user: 'alice' }]]);
  });
});

describe('a session that somebody regenerates', () => {
  test('is replaced, and goes on for its listeners, if its user is still there, unless its end fails', async () => {
    const { hooks, end, awaitNewId, insistOn } = start();
    const current = live();
    const given = known({ session: current }, 'alice');
    end.mockRejectedValueOnce(new Error('down'));
    await expect(hooks.regenerating(given)).rejects.toThrow('down');
    expect(stateOfSession(given).session).toBe(current);
    for (const each of [end, awaitNewId]) each.mockClear();
    expect(await hooks.regenerating(given)).toBe(true);
    expect(end.mock.calls).toEqual([[key, 'replaced', current]]);
    expect(awaitNewId.mock.calls).toEqual([[key]]);
    expect(insistOn).not.toHaveBeenCalled();
    const ended = { kind: 'ended', key, user: 'alice', reason: 'replaced', ended: 'here', first: true };
    expect(stateOfSession(given).session).toEqual({ ...ended, sessionId: undefined });
  });

  test('is signed out for sure if its user is gone', async () => {
    const { hooks, end, awaitNewId, insistOn } = start();
    const current = live();
    const given = known({ session: current });
    expect(await hooks.regenerating(given)).toBe(true);
    expect(end.mock.calls).toEqual([[key, 'signed-out', current]]);
    expect(insistOn).toHaveBeenCalledWith(key, expect.any(Function));
    expect(awaitNewId).not.toHaveBeenCalled();
    expect(stateOfSession(given).session).toMatchObject({ kind: 'ended', reason: 'signed-out', ended: 'here' });
  });

  test.each(['anonymous', 'ended'])('has nothing to end if it is %s', async (kind) => {
    const { hooks, end } = start();
    records.set(key, open);
    expect(await hooks.regenerating(known({ session: { kind, sessionId: 'a' }, owner: alice }))).toBe(true);
    expect(end).not.toHaveBeenCalled();
  });

  test('is judged first if it was loaded, and nobody has judged it', async () => {
    const { hooks, end, outside } = start();
    const given = known({});
    const state = stateOfSession(given);
    const ownerBefore = state.owner ?? expect.anything();
    outside.judge.mockImplementation(async () => void (state.session = live()));
    expect(await hooks.regenerating(given)).toBe(true);
    expect(outside.judge.mock.calls).toEqual([[state]]);
    expect(state.ownerBefore).toEqual(ownerBefore);
    expect(end.mock.calls).toEqual([[key, 'signed-out', live()]]);
    await hooks.regenerating(given);
    expect(outside.judge).toHaveBeenCalledTimes(1);
  });

  test('is not regenerated if it cannot be judged, and the session stays as it was', async () => {
    const { hooks, end, outside } = start();
    const given = known({});
    outside.judge.mockImplementation(() => Promise.reject(new Error('away')));
    await expect(hooks.regenerating(given)).rejects.toThrow('away');
    expect(stateOfSession(given).ownerBefore).toBeUndefined();
    expect(end).not.toHaveBeenCalled();
  });

  test.each([
    ['it is new', { origin: 'new' }, {}],
    ['nobody gets an answer', {}, { res: undefined }],
  ])('is not judged first if %s', async (_case, http, req) => {
    const { hooks, outside } = start();
    const given = session(undefined, http, req);
    expect(await hooks.regenerating(given)).toBe(false);
    expect(outside.judge).not.toHaveBeenCalled();
    expect(stateOfSession(given).ownerBefore).toBeUndefined();
  });

  test.each([
    ['its user is gone', alice, undefined, 'signed-out'],
    ['its user is there', alice, 'alice', 'replaced'],
    ['another user is there', alice, 'bob', 'replaced'],
    ['it had no user', nobody, undefined, 'replaced'],
    ['its owner is not known', undefined, undefined, 'replaced'],
  ])('ends before anybody has judged it, too: %s', async (_case, owner, user, reason) => {
    const { hooks, end } = start();
    const given = known({ owner }, user);
    expect(await hooks.regenerating(given)).toBe(false);
    records.set(key, open);
    expect(await hooks.regenerating(given)).toBe(true);
    expect(end.mock.calls).toEqual([[key, reason, { user: 'alice' }]]);
    expect(stateOfSession(given).session).toBeUndefined();
  });

  test.each([
    ['has taken the user off the request', { hadUser: true }, undefined, 'signed-out'],
    ['has left the user on the request', { hadUser: true }, { id: 1 }, 'replaced'],
    ['had put no user on the request', { hadUser: false }, undefined, 'replaced'],
    ['was asked before anybody judged the session', undefined, undefined, 'replaced'],
  ])('without identify, is ended as passport says, which %s', async (_case, change, user, reason) => {
    const { hooks, end, awaitNewId } = start({ identify: undefined });
    records.set(key, open);
    const current = change && live({ ...change, user: undefined });
    expect(await hooks.regenerating(known({ session: current }, undefined, {}, { user }))).toBe(true);
    expect(end).toHaveBeenCalledWith(key, reason, current ?? { user: 'alice' });
    expect(awaitNewId).not.toHaveBeenCalled();
  });

  test('waits for a change under way', async () => {
    const { hooks, end } = start();
    const given = known({ session: live() }, 'alice');
    const state = stateOfSession(given);
    state.changing = Promise.resolve().then(() => {
      state.changing = undefined;
      state.session = { ...live(), kind: 'anonymous' };
    });
    const regenerated = hooks.regenerating(given);
    expect(end).not.toHaveBeenCalled();
    expect(await regenerated).toBe(true);
    expect(end).not.toHaveBeenCalled();
  });
});
