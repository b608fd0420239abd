import { jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Owner } from '../../../../src/enforcement/lifecycle/identity.js';
import type { EndedSession, RequestState } from '../../../../src/enforcement/lifecycle/request-session.js';
import { SessionBinder } from '../../../../src/enforcement/lifecycle/session-binder.js';
import type { Beginning } from '../../../../src/enforcement/timelines/beginning.js';
import { log } from '../../../../src/enforcement/timelines/events/log.js';
import { sessionKey } from '../../../../src/express-session/session-key.js';
import type { LedgerRecord } from '../../../../src/index.js';
import type { Settings } from '../../../../src/options/settings.js';
import { ManualClock } from '../../../../src/testing/index.js';
import { MINUTE, SECOND } from '../../../support/time.js';
import { limits, liveSession } from './support/live-session.js';

const alice: Owner = { isTracked: true, user: 'alice' };
const somebody: Owner = { isTracked: true, user: undefined };
const KEY = sessionKey('a');
const open = (change: object = {}) => ({ state: 'open', sessionAge: 0, idleFor: 0, ...change }) as LedgerRecord;
const ended = (reason: string) => ({ state: 'ended', reason, endedFor: 1, user: 'bob' }) as LedgerRecord;

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});
afterEach(() => {
  jest.restoreAllMocks();
});

type Begin = (key: string, subject: object, beginning: Beginning) => Promise<LedgerRecord>;

/** The parts that it works with, and the class itself. */
function start(settings: Partial<Settings> = {}, begin?: Begin) {
  const parts = {
    begin: jest.fn(
      begin ??
        (async (_key, _subject, { store }) => {
          await store?.(open() as never);
          return open();
        }),
    ),
    advance: jest.fn(async () => undefined),
    silently: jest.fn(async (_key: string, _reason: string) => true),
    isUnfinished: jest.fn(() => true),
    learn: jest.fn(),
    follow: jest.fn(),
    expectNoNewId: jest.fn(),
    note: jest.fn(),
    delete: jest.fn(async (_http: object, _id: string) => undefined),
  };
  const binder = new SessionBinder(
    { clock, mode: 'enforce', limitsFor: async () => limits, identify: () => 'alice', ...settings } as never,
    {
      begin: parts.begin,
      advance: parts.advance,
      endSilently: parts.silently,
      openings: { isUnfinished: parts.isUnfinished },
      runId: 'run',
    } as never,
    { endSilently: parts.silently } as never,
    { learn: parts.learn } as never,
    { follow: parts.follow, expectNoNewId: parts.expectNoNewId } as never,
    { note: parts.note, delete: parts.delete } as never,
  );
  return { ...parts, binder };
}

function request(http: object = {}, rest: object = {}) {
  const given = {
    exists: true,
    id: 'a',
    key: KEY,
    origin: 'new',
    isReused: false,
    data: {},
    writeMarker: jest.fn(),
    markRow: jest.fn(async () => undefined),
    write: jest.fn(async () => undefined),
    replace: jest.fn(() => {
      given.id = 'fresh';
    }),
    ...http,
  };
  const state = { http: given, req: { user: 'alice' }, hasResponse: false, arrivedAt: performance.now(), ...rest };
  return Object.assign(state as unknown as RequestState, { with: given });
}
const replaced = (user?: string) => ({ kind: 'ended', reason: 'replaced', key: 'old', user }) as EndedSession;

describe('a session that begins', () => {
  test('is stored with its marker, and is the session of the request', async () => {
    const { binder, begin, learn, note } = start();
    const state = request();
    const session = await binder.begin(state, alice);
    expect(session).toEqual(liveSession(clock, { key: KEY }));
    expect([state.session, state.owner]).toEqual([session, alice]);
    expect(begin).toHaveBeenCalledWith(
      KEY,
      { user: 'alice', limits },
      expect.objectContaining({ continues: undefined }),
    );
    expect(state.with.writeMarker).toHaveBeenCalledWith(KEY, { startedAt: clock.now(), run: 'run' });
    expect(state.with.write).toHaveBeenCalledTimes(1);
    expect(learn).toHaveBeenCalledWith('a');
    expect(note).toHaveBeenCalledWith(KEY, state.http);
  });

  test('is stored once more if another request has begun it', async () => {
    const { binder } = start({}, async () => open());
    const state = request();
    await binder.begin(state, alice);
    expect(state.with.write).toHaveBeenCalledTimes(1);
  });

  test('says what is known: its start, its device, its place, and when the user authenticated', async () => {
    const authenticatedAt = (data: { at?: number }) => (data.at === undefined ? undefined : new Date(data.at));
    const settings = {
      authenticatedAt: authenticatedAt as never,
      maxSessions: () => 3,
      whenFull: 'refuse',
      describeDevice: () => ({ browser: 'Firefox' }),
    } as Partial<Settings>;
    const { binder, begin } = start(settings);
    const beginning = () => begin.mock.calls.at(-1)?.[2];
    const place = { max: 3, whenFull: 'refuse', replaces: 'old' };
    await binder.begin(request(), alice, { startedAt: 7, authAge: 9, isAnnounced: false }, 'old');
    expect(beginning()).toMatchObject({
      startedAt: 7,
      authAge: 9,
      isAnnounced: false,
      device: { browser: 'Firefox' },
      place,
    });
    await binder.begin(request({ data: { at: clock.now() - 5 } }), alice, { authAge: 9 });
    expect(beginning()).toMatchObject({ authAge: 5 });
    await binder.begin(request(), somebody);
    expect(beginning()).toMatchObject({ device: undefined, place: undefined });
    const without = start();
    await without.binder.begin(request(), alice);
    expect(without.begin.mock.calls.at(-1)?.[2]).toMatchObject({ device: undefined, place: undefined });
  });

  test.each([
    ['the same user', 'alice', 'follow'],
    ['another user', 'bob', 'expectNoNewId'],
    ['nobody who is known', undefined, 'expectNoNewId'],
  ] as const)('after one of %s that the handler has regenerated, is waited for: %s', async (_who, user, what) => {
    const { binder, begin, ...parts } = start();
    const state = request({}, { session: replaced(user) });
    await binder.begin(state, user === undefined ? somebody : alice);
    expect(begin.mock.calls[0]?.[2].continues).toBe('old');
    expect(parts[what].mock.calls[0]?.[0]).toBe('old');
    expect(parts[what === 'follow' ? 'expectNoNewId' : 'follow']).not.toHaveBeenCalled();
  });

  test('after one that has ended otherwise does not continue it', async () => {
    const { binder, begin, follow, expectNoNewId } = start();
    await binder.begin(request({}, { session: { ...replaced('alice'), reason: 'idle' } }), alice);
    await binder.begin(request({}, { session: { kind: 'live', reason: 'replaced', key: 'old' } }), alice);
    expect(begin.mock.calls.map(([, , beginning]) => beginning.continues)).toEqual([undefined, undefined]);
    expect([follow.mock.calls, expectNoNewId.mock.calls]).toEqual([[], []]);
  });

  test('is taken off the request if it had ended', async () => {
    const { binder, delete: deleted } = start({}, async () => ended('revoked'));
    const state = request();
    expect(await binder.begin(state, alice)).toMatchObject({
      kind: 'ended',
      reason: 'revoked',
      user: 'alice',
      first: false,
    });
    expect(deleted).toHaveBeenCalledWith(state.http, 'a');
    expect(state.with.replace).toHaveBeenCalledTimes(1);
    expect(state.with.write).not.toHaveBeenCalled();
    expect(state.hasRepeatedId).toBe(true);
  });

  test.each([{ exists: false }, { key: 'another' }])(
    'ends if the handler has given it up meanwhile (%j)',
    async (change) => {
      const state = request();
      const { binder, silently } = start({}, async (_key, _subject, { store }) => {
        Object.assign(state.http, change);
        await store?.(open() as never);
        return open();
      });
      expect(await binder.begin(state, alice)).toBeUndefined();
      expect(silently).toHaveBeenCalledWith(KEY, 'replaced');
      expect(state.with.write).not.toHaveBeenCalled();
    },
  );
});

describe('a session that could not be opened or stored', () => {
  const failing: Begin = async () => {
    throw new Error('down');
  };

  test('ends at once if nobody waits for an answer', async () => {
    const { binder, silently, delete: deleted } = start({}, failing);
    await expect(binder.begin(request(), alice)).rejects.toThrow('down');
    expect(silently).toHaveBeenCalledWith(KEY, 'lost');
    expect(deleted).toHaveBeenCalledWith(expect.anything(), 'a');
  });

  test('ends when the request is over, unless it has worked by then', async () => {
    const { binder, silently, isUnfinished } = start({}, failing);
    silently.mockRejectedValue(new Error('down'));
    const res = new EventEmitter();
    await expect(binder.begin(request({}, { hasResponse: true, res }), alice)).rejects.toThrow('down');
    expect(silently).not.toHaveBeenCalled();
    res.emit('close');
    expect(isUnfinished).toHaveBeenCalledWith(KEY);
    expect(silently).toHaveBeenCalledTimes(1);
    isUnfinished.mockReturnValue(false);
    await expect(binder.begin(request({}, { hasResponse: true, res }), alice)).rejects.toThrow('down');
    res.emit('close');
    expect(silently).toHaveBeenCalledTimes(1);
  });

  test('ends at once if the request is over', async () => {
    const { binder, silently } = start({}, failing);
    const res = Object.assign(new EventEmitter(), { closed: true });
    await expect(binder.begin(request({}, { hasResponse: true, res }), alice)).rejects.toThrow('down');
    expect(silently).toHaveBeenCalledTimes(1);
  });

  test('goes on in report mode', async () => {
    const { binder, silently } = start({ mode: 'report' }, failing);
    await expect(binder.begin(request(), alice)).rejects.toThrow('down');
    expect(silently).not.toHaveBeenCalled();
  });
});

describe('the id of a new session', () => {
  const isRepeated = (record: LedgerRecord, startedAt?: number, ago = 0) => {
    const state = request({}, { arrivedAt: performance.now() - ago });
    start().binder.noteRepeatedId(state, record, startedAt);
    return state.hasRepeatedId === true;
  };

  test('is repeated if its record is older than the request', () => {
    expect(isRepeated(open({ sessionAge: 0.9 * SECOND }))).toBe(false);
    expect(isRepeated(open({ sessionAge: 2 * SECOND }))).toBe(true);
    expect(isRepeated(open({ sessionAge: 2 * SECOND }), undefined, 5 * SECOND)).toBe(false);
    expect(isRepeated(ended('idle'))).toBe(true);
  });

  test('is not repeated if the session began earlier under another id', () => {
    expect(isRepeated(open({ sessionAge: MINUTE }), clock.now() - MINUTE)).toBe(false);
    expect(isRepeated(open({ sessionAge: 2 * MINUTE }), clock.now() - MINUTE)).toBe(true);
  });
});

describe('a session of another application, or from before this package was used', () => {
  test.each([
    ['loaded', true, 1, 0],
    ['new', false, 0, 1],
  ])('gets the marker (%s)', async (origin, isReused, marks, writes) => {
    const { binder, begin } = start({}, async () => open({ idleFor: 3, sessionAge: 5, authAge: 4 }));
    const state = request({ origin, isReused });
    expect(await binder.track(state, alice, true)).toMatchObject({
      kind: 'live',
      startedAt: clock.now() - 5,
      activeAt: clock.now() - 3,
      authAt: clock.now() - 4,
    });
    expect(state.owner).toBe(alice);
    expect(begin.mock.calls[0]).toEqual([
      KEY,
      { user: 'alice', limits },
      expect.objectContaining({ isFound: isReused }),
    ]);
    expect(state.with.markRow.mock.calls).toHaveLength(marks);
    expect(state.with.write.mock.calls).toHaveLength(writes);
    if (marks > 0) expect(state.with.markRow).toHaveBeenCalledWith(KEY, { startedAt: clock.now() - 5, run: 'run' });
  });

  test('that has ended is taken off the request', async () => {
    const { binder } = start({}, async () => ended('revoked'));
    const state = request();
    expect(await binder.track(state, alice, true)).toMatchObject({
      kind: 'ended',
      reason: 'revoked',
      user: 'bob',
      first: false,
    });
    expect(state.with.replace).toHaveBeenCalled();
  });

  test('stays as it is if it is only looked at', async () => {
    const { binder, advance, begin } = start({}, async () => open({ idleFor: 3 }));
    const state = request({ isReused: true });
    expect(await binder.track(state, alice, false)).toMatchObject({ kind: 'live', activeAt: clock.now() });
    expect(begin.mock.calls[0]?.[2].isFound).toBe(false);
    expect(advance).toHaveBeenCalledWith(KEY, limits, 0);
    expect([state.with.write.mock.calls, state.with.markRow.mock.calls]).toEqual([[], []]);
  });

  test('is not written again if it was active just now, and is left alone if it has ended', async () => {
    const { binder, advance } = start({}, async () => open());
    await binder.track(request(), alice, false);
    expect(advance).not.toHaveBeenCalled();
    const over = start({}, async () => ended('idle'));
    const state = request();
    expect(await over.binder.track(state, alice, false)).toEqual({ kind: 'anonymous', sessionId: 'a' });
    expect([over.advance.mock.calls, state.with.replace.mock.calls]).toEqual([[], []]);
  });
});

describe('the times of a session', () => {
  const bound = (record: object, subject: object, settings: Partial<Settings> = {}, req: object = {}) =>
    start(settings).binder.bind(request({}, { req }), KEY, open(record) as never, subject as never);

  test('come from its record', () => {
    expect(bound({ sessionAge: 5, idleFor: 2 }, { user: 'alice', limits })).toMatchObject({
      startedAt: clock.now() - 5,
      activeAt: clock.now() - 2,
      authAt: clock.now() - 5,
      user: 'alice',
    });
  });

  test('its user, too, if the data does not name one', () => {
    expect(bound({ user: 'bob' }, { user: undefined, limits }).user).toBe('bob');
  });

  test.each([
    [undefined, { user: {} }, true],
    [undefined, {}, false],
    [() => 'alice', { user: {} }, false],
  ])('without identify, it is known whether passport had put a user on the request', (identify, req, had) => {
    expect(bound({}, { limits }, { identify } as Partial<Settings>, req).hadUser).toBe(had);
  });
});

describe('a session that has ended', () => {
  const tombstone = { key: KEY, reason: 'idle', user: 'alice' } as const;

  test('leaves a request without a user, and a fresh session', async () => {
    const { binder, delete: deleted } = start();
    const state = request();
    expect(await binder.remove(state, 'a', tombstone, true)).toEqual({
      kind: 'ended',
      sessionId: 'fresh',
      ...tombstone,
      ended: 'before',
      first: true,
    });
    expect(deleted).toHaveBeenCalledWith(state.http, 'a');
    expect(state.req).not.toHaveProperty('user');
    expect(state.owner).toEqual({ isTracked: false, user: undefined });
  });

  test.each([{ id: 'b' }, { exists: false }])('stays on the request if that has another one: %j', async (change) => {
    const { binder } = start();
    const state = request(change);
    const { sessionId } = await binder.remove(state, 'a', tombstone, false);
    expect(state.with.replace).not.toHaveBeenCalled();
    expect(sessionId).toBe('exists' in change ? undefined : 'b');
  });

  test('may have ended by this request', () => {
    expect(start().binder.makeAnonymous(request(), tombstone, false, 'here')).toMatchObject({
      ended: 'here',
      first: false,
    });
  });
});

test('a marker that cannot be saved is saved by the next request', async () => {
  const warn = jest.spyOn(log, 'warn').mockImplementation(() => {});
  const error = new Error('down');
  const state = request({ origin: 'loaded', markRow: () => Promise.reject(error) });
  await start().binder.mark(state, open({ sessionAge: 1.6 }) as never);
  expect(warn).toHaveBeenCalledWith('The marker of a session could not be saved', error);
  const next = request();
  await start().binder.mark(next, open({ sessionAge: 1.6 }) as never);
  expect(next.with.writeMarker).toHaveBeenCalledWith(KEY, { startedAt: Math.round(clock.now() - 1.6), run: 'run' });
});
