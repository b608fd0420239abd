import { jest } from '@jest/globals';
import type { Decision } from '../../../../src/enforcement/lifecycle/decision.js';
import type {
  LiveSession,
  RequestSession,
  RequestState,
} from '../../../../src/enforcement/lifecycle/request-session.js';
import { RequestSessions } from '../../../../src/enforcement/lifecycle/request-sessions.js';
import { SessionMoves } from '../../../../src/enforcement/lifecycle/session-moves.js';
import { TooManySessionsError } from '../../../../src/enforcement/timelines/place.errors.js';
import { log } from '../../../../src/enforcement/timelines/events/log.js';
import type { HttpSession } from '../../../../src/express-session/http-session.js';
import type { Settings } from '../../../../src/options/settings.js';
import type { Reason } from '../../../../src/index.js';
import { ManualClock } from '../../../../src/testing/index.js';
import { MINUTE } from '../../../support/time.js';
import { limits, liveSession } from './support/live-session.js';

const alice = { isTracked: true, user: 'alice' };

let clock: ManualClock;
/** The ends that this process knows, and those that the ledger has. */
let recent: Map<string, Reason>;
let ended: Map<string, Reason>;
let later: string[];
let warnings: string[];

beforeEach(() => {
  clock = new ManualClock();
  recent = new Map();
  ended = new Map();
  later = [];
  warnings = [];
  jest.spyOn(log, 'warn').mockImplementation((text) => void warnings.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Ends a session once. */
const end = jest.fn((key: string, reason: Reason) => {
  if (ended.has(key)) return false;
  ended.set(key, reason);
  return true;
});
const removed = (session: object) => ({ kind: 'ended', ...session }) as RequestSession;
const binder = {
  track: jest.fn(async () => removed({ by: 'track' })),
  begin: jest.fn(async (): Promise<RequestSession | undefined> => removed({ by: 'begin' })),
  bind: jest.fn((_state: unknown, key: string, record: object, subject: object) => ({ key, record, subject })),
  mark: jest.fn(async () => undefined),
  noteRepeatedId: jest.fn(),
  remove: jest.fn(async (_state: unknown, sessionId: string, tombstone: object, first: boolean) =>
    removed({ sessionId, ...tombstone, first }),
  ),
  makeAnonymous: jest.fn((_state: unknown, tombstone: object, first: boolean, how?: string) =>
    removed({ ...tombstone, first, how }),
  ),
};
const rows = { delete: jest.fn(async () => undefined) };

const outlook = { left: 1, idleFor: 1, authAge: 2 };
/** The parts that it works with, and the class itself. */
function start(mode: Settings['mode'] = 'enforce', look: object = outlook) {
  const advanced: unknown[] = [];
  const looked: unknown[] = [];
  const timelines = {
    advance: (...given: unknown[]) => void advanced.push(given),
    look: async (...given: unknown[]) => {
      looked.push(given);
      return look;
    },
    end,
    reasonOfEnd: async (key: string, otherwise: Reason) => ended.get(key) ?? otherwise,
    recentEnd: (key: string) => recent.get(key),
  };
  const endings = {
    end: async (key: string, reason: Reason) => end(key, reason),
    insistOn: async (_key: string, work: () => boolean) => work(),
  };
  const moves = {
    toAnother: (...given: unknown[]) => ['toAnother', ...given],
    leave: (...given: unknown[]) => ['leave', ...given],
    cut: (...given: unknown[]) => ['cut', ...given],
    laterKeysOf: () => later,
    endWithNewIds: SessionMoves.prototype.endWithNewIds,
  };
  const settings = { clock, mode, limitsFor: () => limits } as unknown as Settings;
  const parts = [settings, timelines, endings, binder, moves, rows] as unknown as ConstructorParameters<
    typeof RequestSessions
  >;
  return Object.assign(new RequestSessions(...parts), { advanced, looked });
}

const live = (change: Partial<LiveSession> = {}) => liveSession(clock, change);

function request(http: Partial<Record<keyof HttpSession, unknown>> = {}, session?: RequestSession) {
  const given = {
    exists: true,
    id: 'a',
    key: 'key of a',
    origin: 'loaded',
    isReused: true,
    isDestroyed: false,
    holdsData: false,
    presentedId: undefined,
    replace: jest.fn(),
    hide: jest.fn(),
    repair: jest.fn(),
    ...http,
  };
  const req = {};
  const res = { getHeader: () => undefined };
  return { http: given, session, req, res, isWithheld: false } as unknown as RequestState & { http: typeof given };
}

describe('a decision is carried out', () => {
  const carryOut = async (decision: object, state = request()) =>
    (await start().carryOut(state, decision as Decision)) as unknown as Record<string, unknown>;

  test('by whom it concerns', async () => {
    const state = request();
    expect(await carryOut({ kind: 'anonymous' }, state)).toEqual({ kind: 'anonymous', sessionId: 'a' });
    expect(await carryOut({ kind: 'move', owner: alice, from: 'x' }, state)).toEqual(['toAnother', state, alice, 'x']);
    expect(await carryOut({ kind: 'leave', from: 'x' }, state)).toEqual(['leave', state, 'x']);
    const cut = { kind: 'cut', from: 'x' };
    expect(await carryOut(cut, state)).toEqual(['cut', state, cut]);
    expect(await carryOut({ kind: 'track', owner: alice, isMarked: true }, state)).toMatchObject({ by: 'track' });
    expect(binder.track).toHaveBeenLastCalledWith(state, alice, true);
    expect(await carryOut({ kind: 'begin', owner: alice }, state)).toMatchObject({ by: 'begin' });
  });

  test('for a session that goes on, which gets the marker of this run unless it has it', async () => {
    const record = { state: 'open' };
    const decision = { kind: 'continue', key: 'key of a', record, subject: { user: 'alice', limits } };
    binder.mark.mockClear();
    const bound = { key: 'key of a', record, subject: decision.subject };
    expect(await carryOut({ ...decision, isMarked: true })).toEqual(bound);
    expect(binder.mark).not.toHaveBeenCalled();
    expect(await carryOut({ ...decision, isMarked: false })).toEqual(bound);
    expect(binder.mark).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['new', 1],
    ['loaded', 0],
  ])('for a session that is %s: a repeated id is noted %d times', async (origin, times) => {
    binder.noteRepeatedId.mockClear();
    await carryOut({ kind: 'continue', key: 'a', record: {}, subject: {}, isMarked: true }, request({ origin }));
    expect(binder.noteRepeatedId).toHaveBeenCalledTimes(times);
  });

  test('for a session that has ended, once', async () => {
    const expire = { kind: 'expire', sessionId: 'a', reason: 'idle', subject: { user: 'alice', limits } };
    expect(await carryOut(expire)).toMatchObject({ sessionId: 'a', reason: 'idle', user: 'alice', first: true });
    expect(await carryOut({ ...expire, reason: 'absolute' })).toMatchObject({ reason: 'idle', first: false });
    expect(warnings).toEqual([]);
  });

  test('for a session that cannot be read, with a warning', async () => {
    await carryOut({ kind: 'expire', sessionId: 'a', reason: 'lost', subject: {}, fault: 'SyntaxError' });
    expect(warnings).toEqual([
      expect.stringMatching(/^The stored session .+ cannot be read \(SyntaxError\) and was ended$/),
    ]);
  });

  test('for a session that names another user, with a warning', async () => {
    const refuse = { kind: 'mismatch', key: 'key of a', reason: 'revoked', subject: { user: 'alice', limits } };
    expect(await carryOut(refuse)).toMatchObject({ reason: 'revoked', user: 'alice', first: true });
    expect(end).toHaveBeenLastCalledWith(expect.any(String), 'revoked', expect.objectContaining({ by: 'policy' }));
    expect(warnings).toEqual([
      'The stored session key of a names another user than its timeline, or no user. It was ended, because something ' +
        'other than this application has written it.',
    ]);
  });

  test('for a session that was ended before', async () => {
    const tombstone = { key: 'key of a', reason: 'revoked', user: 'alice' };
    expect(await carryOut({ kind: 'remove', ...tombstone })).toMatchObject({
      sessionId: 'a',
      ...tombstone,
      first: false,
    });
    expect(await carryOut({ kind: 'already-ended', ...tombstone })).toMatchObject({ ...tombstone, first: false });
  });

  test('for a user who may have no more sessions: before a guard, the request goes on without the user', async () => {
    const error = new TooManySessionsError(1);
    binder.begin.mockRejectedValue(error);
    binder.track.mockRejectedValue(error as never);
    try {
      for (const decision of [
        { kind: 'begin', owner: alice, isEarly: true },
        { kind: 'track', owner: alice },
      ]) {
        const state = request();
        expect(await carryOut(decision, state)).toEqual({ kind: 'anonymous', sessionId: 'a' });
        expect(state.turnedAway).toBe(error);
        expect(state.owner).toEqual({ isTracked: false, user: undefined });
        expect(state.http.replace).toHaveBeenCalledTimes(1);
      }
      await expect(carryOut({ kind: 'begin', owner: alice })).rejects.toBe(error);
      binder.begin.mockRejectedValue(new Error('down'));
      await expect(carryOut({ kind: 'begin', owner: alice, isEarly: true })).rejects.toThrow('down');
    } finally {
      binder.begin.mockResolvedValue(removed({ by: 'begin' }));
      binder.track.mockResolvedValue(removed({ by: 'track' }));
    }
  });

  test('for a handler that has given up the new session', async () => {
    binder.begin.mockResolvedValueOnce(undefined);
    expect(await carryOut({ kind: 'begin', owner: alice })).toEqual({ kind: 'anonymous', sessionId: 'a' });
    binder.begin.mockResolvedValueOnce(undefined);
    const session = live();
    expect(await carryOut({ kind: 'begin', owner: alice }, request({}, session))).toBe(session);
  });
});

describe('activity', () => {
  test('moves the time of a session forward only', async () => {
    const sessions = start();
    const session = live();
    clock.advance(MINUTE);
    await sessions.advance(session, 10);
    expect(session.activeAt).toBe(clock.now() - 10);
    await sessions.advance(session, MINUTE);
    expect(session.activeAt).toBe(clock.now() - 10);
    expect(sessions.advanced).toEqual([
      ['key of a', limits, 10],
      ['key of a', limits, MINUTE],
    ]);
  });
});

describe('a session that may have passed a limit since the request came', () => {
  const work = async () => removed({ by: 'work' });

  test('is looked at again, and its work is done if it goes on', async () => {
    const state = request({}, live());
    expect(start().isOver(state.session as LiveSession)).toBe(false);
    expect(await start().unlessOver(state, work)).toMatchObject({ by: 'work' });
    clock.advance(16 * MINUTE);
    expect(start().isOver(state.session as LiveSession)).toBe(true);
    expect(await start().unlessOver(state, work)).toMatchObject({ by: 'work' });
    expect(state.session).toMatchObject({ key: 'key of a', activeAt: clock.now() - 1, authAt: clock.now() - 2 });
  });

  test('gets nothing done if it has ended', async () => {
    const state = request({}, live());
    const over = start('enforce', { ended: 'idle' });
    expect(await over.unlessOver(state, work)).toMatchObject({ by: 'work' });
    clock.advance(16 * MINUTE);
    expect(await over.unlessOver(state, work)).toMatchObject({
      key: 'key of a',
      reason: 'idle',
      user: 'alice',
      first: false,
    });
  });

  test('is left alone in report mode, and so is a request without one', async () => {
    const state = request({}, live());
    clock.advance(16 * MINUTE);
    expect(await start('report', { ended: 'idle' }).unlessOver(state, work)).toMatchObject({ by: 'work' });
    for (const session of [undefined, { kind: 'anonymous', sessionId: 'a' } as const])
      expect(await start('enforce', { ended: 'idle' }).unlessOver(request({}, session), work)).toMatchObject({
        by: 'work',
      });
  });

  test('is looked at under the id that it has by now', async () => {
    const state = request({}, live());
    const sessions = start();
    Object.assign(state, { lasting: { watch: { session: { key: 'key of b', user: 'alice', startedAt: 7 } } } });
    expect(await sessions.lookAgain(state, live())).toMatchObject({ key: 'key of b', startedAt: 7 });
    expect(sessions.looked).toEqual([['key of b', { user: 'alice', limits }, 7, false]]);
    Object.assign(state, { lasting: {} });
    expect(await sessions.lookAgain(state, live())).toMatchObject({ key: 'key of a' });
  });

  test('is left alone while it is held, if the request came in time', async () => {
    const sessions = start();
    await sessions.lookAgain(request({}, live()), live(), true);
    expect(sessions.looked).toEqual([['key of a', expect.anything(), expect.anything(), true]]);
  });
});

describe('a sign-out', () => {
  test('ends the session of the request, and deletes its row', async () => {
    const state = request({}, live());
    expect(await start().signOut(state, 'signed-out')).toBe(true);
    expect(ended).toEqual(new Map([['key of a', 'signed-out']]));
    expect(rows.delete).toHaveBeenLastCalledWith(state.http, 'a');
    expect(state.http.replace).toHaveBeenCalled();
    const tombstone = { key: 'key of a', reason: 'signed-out', user: 'alice' };
    expect(binder.makeAnonymous).toHaveBeenLastCalledWith(state, tombstone, true, 'here');
  });

  test('tells why the session had already ended', async () => {
    const state = request({}, live());
    ended.set('key of a', 'revoked');
    expect(await start().signOut(state, 'signed-out')).toBe(false);
    const tombstone = { key: 'key of a', reason: 'revoked', user: 'alice' };
    expect(binder.makeAnonymous).toHaveBeenLastCalledWith(state, tombstone, false, 'here');
  });

  test('ends the session under the id that another request has given it', async () => {
    ended.set('key of a', 'replaced');
    later = ['key of b', 'key of c'];
    ended.set('key of b', 'replaced');
    expect(await start().signOut(request({}, live()), 'signed-out')).toBe(true);
    expect(ended.get('key of c')).toBe('signed-out');
    expect(end).toHaveBeenLastCalledWith('key of c', 'signed-out', { user: 'alice', limits, hasRequest: false });
    later = ['key of d'];
    expect(await start().signOut(request({}, live()), 'signed-out')).toBe(true);
    expect(await start().signOut(request({}, live()), 'signed-out')).toBe(false);
  });

  test('of a visitor ends nothing that is tracked', async () => {
    const state = request({}, { kind: 'anonymous', sessionId: 'a' });
    expect(await start().signOut(state, 'signed-out')).toBe(false);
    expect(ended).toEqual(new Map());
    ended.set('key of a', 'revoked');
    expect(await start().signOut(state, 'signed-out')).toBe(false);
    const tombstone = { key: 'key of a', reason: 'signed-out', user: undefined };
    expect(binder.makeAnonymous).toHaveBeenLastCalledWith(state, tombstone, false, 'here');
    expect(await start().signOut(request(), 'signed-out')).toBe(false);
  });

  test('of an ended session does nothing, unless the fresh one contains data', async () => {
    const over = removed({ sessionId: 'a', key: 'key of x' });
    rows.delete.mockClear();
    expect(await start().signOut(request({}, over), 'signed-out')).toBe(false);
    expect(rows.delete).not.toHaveBeenCalled();
    expect(await start().signOut(request({ holdsData: true }, over), 'signed-out')).toBe(false);
    expect(rows.delete).toHaveBeenCalledTimes(1);
  });
});

describe('before express-session stores and sends the session', () => {
  /** Whether the session is hidden. */
  const isHidden = (state: ReturnType<typeof request>) => {
    start().prepareCommit(state);
    const [hidden, repaired] = [state.http.hide, state.http.repair].map((each) => jest.mocked(each).mock.calls.length);
    expect(hidden! + repaired!).toBe(state.http.exists ? 1 : 0);
    return hidden === 1;
  };
  const over = (ending: string, change: object = {}) =>
    removed({ sessionId: 'a', key: 'key of a', ended: ending, ...change });

  test('a live session, and one of a visitor, are repaired', () => {
    expect(isHidden(request({}, live()))).toBe(false);
    expect(isHidden(request({}, { kind: 'anonymous', sessionId: 'a' }))).toBe(false);
    expect(isHidden(request())).toBe(false);
    expect(isHidden(request({ exists: false }, live()))).toBe(false);
  });

  test('a session that is withheld is hidden', () => {
    expect(isHidden(Object.assign(request({}, live()), { isWithheld: true }))).toBe(true);
  });

  test('a session that ended elsewhere is hidden', () => {
    recent.set('key of a', 'revoked');
    const state = request({}, live());
    expect(isHidden(state)).toBe(true);
    expect(state.session).toMatchObject({ ended: 'elsewhere', reason: 'revoked' });
  });

  test('a session that the handler has left ended here, because it has another one', () => {
    recent.set('key of a', 'replaced');
    const state = request({ id: 'b', key: 'key of b', holdsData: true }, live());
    expect(isHidden(state)).toBe(false);
    expect(state.session).toMatchObject({ ended: 'here', reason: 'replaced' });
    const gone = request({ exists: false }, live());
    isHidden(gone);
    expect(gone.session).toMatchObject({ ended: 'elsewhere' });
  });

  test('a session that the handler has destroyed was signed out, unless it had ended', () => {
    const state = request({ isDestroyed: true }, live());
    start().noticeEnd(state);
    expect(state.session).toMatchObject({ reason: 'signed-out', ended: 'here', first: true });
    recent.set('key of a', 'revoked');
    const late = request({ isDestroyed: true }, live());
    start().noticeEnd(late);
    expect(late.session).toMatchObject({ reason: 'revoked', ended: 'here' });
    const none = request({ isDestroyed: true });
    start().noticeEnd(none);
    expect(none.session).toBeUndefined();
  });

  test('the session of a visitor who has signed in with another request meanwhile is hidden', () => {
    const visitor = { kind: 'anonymous', sessionId: 'a' } as const;
    recent.set('key of a', 'replaced');
    expect(isHidden(request({}, visitor))).toBe(true);
    expect(isHidden(request({ isReused: false }, visitor))).toBe(false);
    expect(isHidden(request())).toBe(false);
  });

  test('a fresh session in place of an ended one is hidden unless a handler has filled it', () => {
    expect(isHidden(request({ holdsData: false }, over('before')))).toBe(true);
    expect(isHidden(request({ holdsData: true }, over('before')))).toBe(false);
    expect(isHidden(request({ holdsData: true }, over('elsewhere')))).toBe(true);
    expect(isHidden(request({ holdsData: false, id: 'b' }, over('before')))).toBe(false);
  });

  test('it is hidden if the handler that signed the user out has cleared the cookie', () => {
    const clears = (ending: string) => {
      const state = request({ holdsData: true, presentedId: 'x' }, over(ending));
      Object.assign(state.res, { getHeader: () => ['connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'] });
      Object.assign(state.res, { req: { headers: { cookie: 'connect.sid=s%3Ax.y' } } });
      return isHidden(state);
    };
    expect([clears('here'), clears('before')]).toEqual([true, false]);
  });

  test('the session of a user who was turned away is hidden unless a handler has filled it', () => {
    const visitor = { kind: 'anonymous', sessionId: 'a' } as const;
    const turned = (holdsData: boolean, session: RequestSession = visitor) =>
      isHidden(Object.assign(request({ holdsData }, session), { turnedAway: new TooManySessionsError(1) }));
    expect([turned(false), turned(true), turned(false, live())]).toEqual([true, false, false]);
    expect(isHidden(Object.assign(request(), { turnedAway: new TooManySessionsError(1) }))).toBe(false);
  });
});
