import { jest } from '@jest/globals';
import type { RequestState } from '../../../../src/enforcement/lifecycle/request-session.js';
import { SessionJudge } from '../../../../src/enforcement/lifecycle/session-judge.js';
import { sessionKey } from '../../../../src/express-session/session-key.js';
import { LedgerUnavailableError } from '../../../../src/ledger/ledger-unavailable.error.js';
import type { Settings } from '../../../../src/options/settings.js';
import { ManualClock } from '../../../../src/testing/index.js';
import { MINUTE } from '../../../support/time.js';
import { limits } from './support/live-session.js';

const nobody = { isTracked: false, user: undefined };
const alice = { isTracked: true, user: 'alice' };
const bob = { isTracked: true, user: 'bob' };
const open = { state: 'open', sessionAge: 5 * MINUTE, idleFor: MINUTE, user: 'alice' };
const lost = (sessionId: string, fault: string) => ({ kind: 'expire', sessionId, reason: 'lost', subject: {}, fault });
const anonymous = { kind: 'anonymous' };

const clock = new ManualClock();
const started = (ago: number, run?: string) => ({ startedAt: clock.now() - ago, run });
const idleFor = () => undefined;
const identify = (data: object) => (data as { user?: string }).user;

/** The class itself, and the parts that it works with. `find` and `read` answer for the ledger. */
function start(change: object = {}, answer: (key: string) => unknown = () => undefined) {
  const limitsFor = jest.fn((..._given: unknown[]): unknown => limits);
  const find = jest.fn((key: string, ..._given: unknown[]) => answer(key));
  const read = jest.fn(answer);
  const defaults = { mode: 'enforce', sweepInterval: MINUTE, ledger: { shared: true, users: {} } };
  const settings = { clock, identify, limitsFor, ...defaults, ...change };
  const parts = [settings, { findOrAdopt: find, read, runId: 'this run' }];
  const judge = new SessionJudge(...(parts as unknown as ConstructorParameters<typeof SessionJudge>));
  return { judge, find, read, limitsFor };
}

/** How many sessions the user may have, if the session is adopted. */
const maxOf = (call: unknown[] = []) => (call[3] as { maxFor: () => unknown }).maxFor();

const marked = (marker: object | string) => ({
  readMarker: (key: string) => (key === 'key of a' ? marker : undefined),
});

function request(http: object = {}, change: object = {}) {
  const known = { id: 'a', key: 'key of a', origin: 'loaded', isReused: true, isReadable: true, presentedId: 'a' };
  const user = { user: 'alice' };
  const given = { ...known, data: user, loaded: user, readMarker: () => undefined, ...http };
  return { http: given, req: {}, isRegenerated: false, canChangeId: true, ...change } as unknown as RequestState;
}

/** Judges a request, if the ledger has this record of each session. */
const decide = (state: RequestState, record?: object, change?: Partial<Settings> | object) =>
  start(change, () => record).judge.judge(state, idleFor);

describe('a session that cannot be read', () => {
  test('is lost, under the id of the cookie', () => {
    const faulty = request({ fault: 'SyntaxError', presentedId: 'x' }, { isRegenerated: true });
    expect(decide(faulty, open)).toEqual(lost('x', 'SyntaxError'));
  });

  test('is lost if its marker is malformed', () => {
    expect(decide(request(marked('malformed')), open)).toEqual(lost('a', 'malformed marker'));
    const unreadable = request({ ...marked(started(0)), isReadable: false });
    expect(decide(unreadable, open)).toEqual(lost('a', 'malformed marker'));
  });
});

describe('the owner of a session', () => {
  const observed = (state: RequestState) => {
    const decision = decide(state) as { owner?: object };
    expect(state.owner).toEqual(decision.owner);
    return decision.owner;
  };

  test('is the one who is known from its arrival, if it was loaded', () => {
    expect(observed(request({}, { owner: bob }))).toBe(bob);
    expect(observed(request({ origin: 'new' }, { owner: bob }))).toEqual(alice);
  });

  test('is found in the data that was loaded, and otherwise in the data as it is now', () => {
    const data = { user: 'bob' };
    expect(observed(request({ data }))).toEqual(alice);
    expect(observed(request({ data, isReused: false }))).toEqual(bob);
    expect(observed(request({ data, origin: 'new' }))).toEqual(bob);
  });
});

describe('a session with a user', () => {
  test('is tracked if it has neither a timeline nor a marker', () => {
    expect(decide(request())).toEqual({ kind: 'track', owner: alice, isMarked: true });
  });

  test('is looked up with all that is known about it', async () => {
    const maxSessions = jest.fn((..._given: unknown[]) => 3);
    const { judge, find, limitsFor } = start({ maxSessions }, () => open);
    limitsFor.mockReturnValue(Promise.resolve(limits));
    const marker = started(MINUTE, 'this run');
    const ahead = Promise.resolve();
    const state = request(marked(marker), { ahead });
    const subject = { user: 'alice', limits };
    const goesOn = { kind: 'continue', key: 'key of a', record: open, subject, isMarked: true };
    expect(await judge.judge(state, idleFor)).toEqual(goesOn);
    expect(limitsFor).toHaveBeenCalledWith(state.req, 'alice');
    const asking = { ahead, idleFor, maxFor: expect.any(Function) };
    expect(find).toHaveBeenCalledWith('key of a', subject, marker, asking);
    expect(maxOf(find.mock.lastCall)).toBe(3);
    expect(maxSessions).toHaveBeenCalledWith(state.req, 'alice');
  });

  test.each([
    ['a user', 'alice', undefined],
    ['no user', undefined, false],
  ])('may be adopted without a number of sessions for %s', (_who, user, max) => {
    const maxSessions = user === undefined ? () => 3 : undefined;
    const { judge, find } = start({ maxSessions }, () => open);
    void judge.judge(request(marked(started(0)), { owner: { isTracked: user !== undefined, user } }), idleFor);
    expect(maxOf(find.mock.lastCall)).toBe(max);
  });

  test('is lost if its row names a user whom no ledger can store, and is not adopted', () => {
    const unusable = { isTracked: true, user: 'a\nb' };
    const marker = started(0);
    const { judge, find } = start();
    expect(judge.judge(request({}, { owner: unusable }), idleFor)).toEqual(lost('a', 'unusable id of a user'));
    expect(judge.judge(request(marked(marker), { owner: unusable }), idleFor)).toMatchObject({ kind: 'expire' });
    expect(find.mock.calls.map(([, , adopted]) => adopted)).toEqual([undefined, undefined]);
  });

  test('is not lost if only this request names such a user, or nobody, or if it has a timeline', () => {
    const named = request({ origin: 'new', data: { user: 'a\nb' } });
    expect(decide(named)).toMatchObject({ kind: 'track' });
    expect(decide(request({}, { owner: { isTracked: true, user: undefined } }))).toMatchObject({ kind: 'track' });
    const record = { ...open, user: undefined };
    expect(decide(request({}, { owner: { isTracked: true, user: 'a\nb' } }), record)).toMatchObject({
      kind: 'continue',
    });
  });
});

describe('a session that goes on', () => {
  test.each([
    ['with the marker of this run', 'this run', true],
    ['with the marker of another run', 'earlier', false],
    ['without a marker', undefined, false],
  ])('%s', (_name, run, isMarked) => {
    const state = request(run === undefined ? {} : marked(started(0, run)));
    const subject = { user: 'alice', limits };
    expect(decide(state, open)).toEqual({ kind: 'continue', key: 'key of a', record: open, subject, isMarked });
  });

  test('belongs to the user of its timeline, if nothing tells the user of its row', () => {
    const given = { identify: undefined };
    expect(decide(request(), open, given)).toMatchObject({ kind: 'continue', subject: { user: 'alice' } });
    const record = { ...open, user: undefined };
    expect(decide(request(), record)).toMatchObject({ kind: 'continue', subject: { user: 'alice' } });
    expect(decide(request(), record, given)).toMatchObject({ kind: 'continue', subject: { user: undefined } });
  });
});

test('a session that names another user than its timeline, or nobody, is refused', () => {
  const refused = { kind: 'mismatch', key: 'key of a', record: open, subject: { user: 'alice', limits } };
  expect(decide(request({}, { owner: bob }), open)).toEqual({ ...refused, reason: 'revoked' });
  const state = request(marked(started(0)), { owner: nobody });
  expect(decide(state, open)).toEqual({ ...refused, reason: 'signed-out' });
});

describe('a session that has ended', () => {
  test('is removed', () => {
    const removed = { kind: 'remove', key: 'key of a', reason: 'revoked', user: 'bob' };
    expect(decide(request(), { state: 'ended', reason: 'revoked', endedFor: 0, user: 'bob' })).toEqual(removed);
  });

  test('is lost if nobody knows why, or if it has a marker but no timeline', () => {
    const subject = { user: 'alice', limits };
    const expired = { kind: 'expire', sessionId: 'a', reason: 'lost', subject, record: undefined };
    expect(decide(request(), { state: 'ended', reason: 'bored', endedFor: 0 })).toEqual(expired);
    expect(decide(request(marked(started(MINUTE))))).toEqual(expired);
  });
});

describe('a session that is past a limit', () => {
  const idle = { ...open, idleFor: 15 * MINUTE, sessionAge: 20 * MINUTE };

  test('expires', () => {
    const subject = { user: 'alice', limits };
    const expired = { kind: 'expire', sessionId: 'a', subject };
    expect(decide(request(), idle)).toEqual({ ...expired, reason: 'idle', record: idle });
    const old = { ...open, sessionAge: 60 * MINUTE };
    expect(decide(request(), old)).toEqual({ ...expired, reason: 'absolute', record: old });
    expect(decide(request({}, { cameAt: clock.now() }), { ...open, sessionAge: NaN })).toMatchObject({
      reason: 'lost',
    });
  });

  test.each([
    ['just in time', 16 * MINUTE, MINUTE + 1, 'continue'],
    ['at the limit', 16 * MINUTE, MINUTE, 'expire'],
    ['at once', 15 * MINUTE, 0, 'expire'],
    ['before the latest activity', 16 * MINUTE, 17 * MINUTE, 'continue'],
  ])('goes on if it was idle for less when its request came: %s', (_when, idleFor, ago, kind) => {
    const record = { ...idle, idleFor };
    const decision = decide(request({}, { cameAt: clock.now() - ago }), record);
    expect(decision).toMatchObject({ kind, record });
  });

  test('ends at its absolute limit, no matter when its request came', () => {
    const state = request({}, { cameAt: clock.now() - 30 * MINUTE });
    const both = { ...idle, idleFor: 20 * MINUTE, sessionAge: 61 * MINUTE };
    expect(decide(state, both)).toMatchObject({ kind: 'expire', reason: 'idle' });
    expect(decide(state, { ...both, idleFor: MINUTE })).toMatchObject({ kind: 'expire', reason: 'absolute' });
  });

  test('is lost if its timeline is not valid, no matter when its request came', () => {
    const state = request({}, { cameAt: clock.now() - MINUTE });
    expect(decide(state, { ...open, idleFor: -1 })).toMatchObject({ kind: 'expire', reason: 'lost' });
  });
});

describe('a session past its absolute limit that the ledger has forgotten', () => {
  const forgotten = (change: object = {}, ago = 60 * MINUTE, record?: object) =>
    decide(request(marked(started(ago))), record, change);

  test('was reported by the sweep, and is only removed', () => {
    const removed = { kind: 'remove', key: 'key of a', reason: 'absolute', user: 'alice' };
    expect(forgotten()).toEqual(removed);
    expect(forgotten({}, 90 * MINUTE)).toEqual(removed);
  });

  test.each([
    ['the limit has not come', {}, 60 * MINUTE - 1],
    ['it has no absolute limit', { limitsFor: () => ({ ...limits, absoluteTimeout: false }) }, 60 * MINUTE],
    ['sessions do not end', { mode: 'report' }, 60 * MINUTE],
    ['there is no sweep', { sweepInterval: false }, 60 * MINUTE],
    ['the ledger is not shared', { ledger: { shared: false, users: {} } }, 60 * MINUTE],
    ['the ledger finds no sessions', { ledger: { shared: true } }, 60 * MINUTE],
  ])('is lost if %s', (_why, change, ago) => {
    expect(forgotten(change, ago)).toMatchObject({ kind: 'expire', reason: 'lost' });
  });

  test('goes on if the ledger knows it, whatever its marker says', () => {
    expect(forgotten({}, 90 * MINUTE, open)).toMatchObject({ kind: 'continue' });
  });
});

describe('a request without a tracked session', () => {
  const visitor = (http: object = {}, change: object = {}) =>
    request({ presentedId: 'x', ...http }, { owner: nobody, ...change });
  const key = sessionKey('x');
  const over = (given: string) =>
    given === key ? { state: 'ended', reason: 'revoked', user: 'alice', endedFor: 0 } : undefined;
  const removed = { kind: 'already-ended', key, reason: 'revoked', user: 'alice' };
  const judge = (state: RequestState, answer: (key: string) => unknown = over) =>
    start({}, answer).judge.judge(state, idleFor);

  test('learns why the session in its cookie has ended', async () => {
    expect(judge(visitor())).toEqual(removed);
    expect(await judge(visitor(), async (given) => over(given))).toEqual(removed);
  });

  test('has no user if its cookie names no other session', () => {
    const { judge, find, read } = start({}, () => ({ state: 'ended', reason: 'revoked' }));
    expect(judge.judge(visitor({ presentedId: undefined }), idleFor)).toEqual(anonymous);
    expect(judge.judge(visitor({ presentedId: 'a' }), idleFor)).toEqual(anonymous);
    expect([find, read].map((each) => each.mock.calls)).toEqual([[], []]);
  });

  test('has no user if the other session has not ended, or nobody knows why', () => {
    expect(judge(visitor(), () => undefined)).toEqual(anonymous);
    expect(judge(visitor(), () => ({ ...open, reason: 'idle' }))).toEqual(anonymous);
    expect(judge(visitor(), () => ({ state: 'ended', reason: 'bored' }))).toEqual(anonymous);
  });

  test('is not told about the session that it has ended itself', () => {
    expect(judge(visitor({}, { session: { kind: 'ended', key } }))).toEqual(anonymous);
    expect(judge(visitor({}, { session: { kind: 'ended', key: 'another' } }))).toEqual(removed);
    expect(judge(visitor({}, { session: { kind: 'live', key } }))).toEqual(removed);
  });

  test('is served while the ledger is down, but other errors are told', async () => {
    const fails = (error: Error) => () => {
      throw error;
    };
    expect(judge(visitor(), fails(new LedgerUnavailableError('down')))).toEqual(anonymous);
    expect(await judge(visitor(), async () => fails(new LedgerUnavailableError('down'))())).toEqual(anonymous);
    expect(() => judge(visitor(), fails(new Error('a fault')))).toThrow('a fault');
  });
});

describe('a session that is about to be written', () => {
  const judge = (state: RequestState) => start().judge.judgeWriting(state);
  /** The session of one user, which now has another. */
  const change = (from: object, user: string | undefined, http: object = {}, more: object = {}) =>
    request({ data: { user, cart: 1 }, ...http }, { owner: from, ...more });

  test('is left alone if its owner is the same', () => {
    expect(judge(request())).toBeUndefined();
    expect(judge(change(alice, 'alice', { loaded: { user: 'bob' } }))).toBeUndefined();
    expect(judge(change(nobody, undefined))).toBeUndefined();
    expect(judge(change(alice, 'alice', {}, { canChangeId: false }))).toBeUndefined();
  });

  test('is compared with the session as it was loaded, if its owner is not known', () => {
    expect(judge(request({ data: { user: 'bob' } }))).toEqual({ kind: 'move', owner: bob, from: alice });
  });

  test('begins if somebody signs in under a new id, also if the headers are out', () => {
    const began = { kind: 'begin', owner: alice };
    expect(judge(change(nobody, 'alice', { isReused: false }))).toEqual(began);
    expect(judge(change(nobody, 'alice', { isReused: false }, { canChangeId: false }))).toEqual(began);
  });

  test('gets a new id if its user changes', () => {
    expect(judge(change(nobody, 'alice'))).toEqual({ kind: 'move', owner: alice, from: nobody });
    expect(judge(change(bob, 'alice'))).toEqual({ kind: 'move', owner: alice, from: bob });
    expect(judge(change(bob, 'alice', { isReused: false }))).toEqual({ kind: 'move', owner: alice, from: bob });
    expect(judge(change(alice, undefined))).toEqual({ kind: 'leave', from: alice });
  });

  test.each([
    ['sign-in', nobody, 'alice'],
    ['switch', bob, 'alice'],
    ['sign-out', alice, undefined],
  ] as const)('is cut off if its id cannot change: %s', (name, from, user) => {
    const late = change(from, user, {}, { canChangeId: false });
    expect(judge(late)).toEqual({ kind: 'cut', change: name, from });
  });

  describe('and was regenerated since its request came', () => {
    const regenerated = (from: object, user: string | undefined, more: object = {}) =>
      change(from, user, { isReused: false, presentedId: 'x' }, { isRegenerated: true, ...more });
    const over = { state: 'ended', reason: 'replaced', endedFor: 0 };

    test('begins early if no guard has seen the request', () => {
      const began = { kind: 'begin', owner: alice };
      expect(decide(regenerated(nobody, 'alice'))).toEqual({ ...began, isEarly: true });
      const answered = regenerated(nobody, 'alice', { answerer: { tells: true } });
      expect(decide(answered)).toEqual({ ...began, isEarly: false });
    });

    test('is as ended as the session that a middleware before ours had regenerated, once', () => {
      const ended = {
        kind: 'ended',
        key: sessionKey('a'),
        reason: 'idle',
        user: 'alice',
        ended: 'before',
        sessionId: 'a',
        first: true,
      };
      const late = regenerated(nobody, 'alice', { ownerBefore: alice, session: ended });
      expect(decide(late)).toEqual({
        kind: 'already-ended',
        key: sessionKey('a'),
        reason: 'idle',
        user: 'alice',
        isEmptied: true,
      });
      expect(decide(late)).toMatchObject({ kind: 'begin' });
      const ofAnother = regenerated(nobody, 'alice', { ownerBefore: bob, session: { ...ended, user: 'bob' } });
      expect(decide(ofAnother)).toMatchObject({ kind: 'begin' });
    });

    test.each([
      ['was live', { kind: 'live' }],
      ['ended with the request', { kind: 'ended', ended: 'here' }],
    ])('begins if the session that a middleware before ours had regenerated %s', (_what, session) => {
      const late = regenerated(nobody, 'alice', { ownerBefore: alice, session });
      expect(decide(late)).toMatchObject({ kind: 'begin' });
    });

    test('is judged like any other change, or like a session without a user', () => {
      expect(decide(regenerated(alice, undefined), over)).toEqual({ kind: 'leave', from: alice });
      const removed = { kind: 'already-ended', key: sessionKey('x'), reason: 'replaced', user: undefined };
      expect(decide(regenerated(nobody, undefined), over)).toEqual(removed);
    });
  });
});
