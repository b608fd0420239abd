import { jest } from '@jest/globals';
import type { SessionMoves } from '../../../../src/enforcement/lifecycle/session-moves.js';
import { PlaceLostError } from '../../../../src/enforcement/timelines/place.errors.js';
import { LedgerUnavailableError } from '../../../../src/ledger/ledger-unavailable.error.js';
import type { Reason } from '../../../../src/index.js';
import {
  alice,
  binder,
  bob,
  broken,
  done,
  ends,
  fail,
  known,
  live,
  nobody,
  over,
  request,
  reset,
  start,
  whats,
} from './support/moving.js';

/** Without `identify`, users have no names. */
const somebody = { isTracked: true, user: undefined };
const silent = new LedgerUnavailableError('silent');
const visitor = (sessionId: string) => ({ kind: 'anonymous', sessionId });

beforeEach(reset);
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a session that moves', () => {
  test('has its new id at once, and ends under the old one when the new one works', async () => {
    const state = request();
    const moves = start();
    const moving = moves.move(state, alice, alice);
    const atOnce = [state.http.id, ...moves.laterKeysOf('key of a')];
    expect(await moving).toEqual(live('key of b', { user: 'alice' }));
    expect(atOnce).toEqual(['b', 'key of b']);
    expect(done).toEqual([
      ['move'],
      ['begin', alice, known, 'key of a'],
      ['follow', 'key of a', live('key of b', { user: 'alice' })],
      ['end', 'key of a', 'replaced', { user: 'alice', goesOn: true }],
      ['delete', 'a'],
      ['report', 'key of b', 'alice', { continues: 'key of a', renewal: { restartsLimits: true } }],
    ]);
  });

  test('keeps the times that it is given', async () => {
    await start().move(request(), alice, alice, async () => ({ startedAt: 7, authAge: 3 }));
    expect(done[1]).toEqual(['begin', alice, { startedAt: 7, authAge: 3, isAnnounced: false }, 'key of a']);
    expect(done.at(-1)).toMatchObject(['report', 'key of b', 'alice', { renewal: { restartsLimits: false } }]);
  });

  const ended = ['end', 'key of a', 'replaced', { user: 'alice', goesOn: false }];
  const endedSilently = ['end silently', 'key of a', 'replaced'];
  test.each([
    ['a user', alice, true, [ended], 'key of a'],
    ['a user with a fresh id', alice, false, [ended], 'key of a'],
    ['a visitor', nobody, true, [endedSilently], 'key of a'],
    ['a visitor with a fresh id', nobody, false, [], undefined],
  ])('from %s to another user is no renewal, and nobody follows it', async (_, from, isReused, steps, continues) => {
    const moves = start();
    await moves.move(request({ isReused }), bob, from);
    const report = ['report', 'key of b', 'bob', { continues, renewal: undefined }];
    expect(done).toEqual([['move'], ['begin', bob, known, undefined], ...steps, ['delete', 'a'], report]);
    expect(moves.laterKeysOf('key of a')).toEqual([]);
  });

  test('from a user to nobody is tracked', async () => {
    await start().move(request(), nobody, alice);
    expect(done[1]).toEqual(['begin', nobody, known, undefined]);
  });

  test('without names is of the same user only if it was tracked', async () => {
    const moves = start();
    await moves.move(request(), somebody, nobody);
    expect(whats()).toEqual(['move', 'begin', 'end silently', 'delete', 'report']);
    expect(moves.laterKeysOf('key of a')).toEqual([]);
    await moves.move(request(), somebody, somebody);
    expect(moves.laterKeysOf('key of a')).toEqual(['key of b']);
  });

  test('goes on if another request has moved the same visitor', async () => {
    ends.set('key of a', 'replaced');
    expect(await start().move(request(), alice, nobody)).toMatchObject({ key: 'key of b' });
    expect(whats()).toEqual(['move', 'begin', 'end silently', 'delete', 'report']);
  });

  test('of a visitor is only stored, if there is data', async () => {
    const state = request();
    expect(await start().move(state, nobody, nobody)).toEqual(visitor('b'));
    expect(state.session).toEqual(visitor('b'));
    expect(done).toEqual([['move'], ['write'], ['delete', 'a']]);
    await start().move(request({ holdsData: false }), nobody, nobody);
    expect(done.slice(3)).toEqual([['move'], ['delete', 'a']]);
  });
});

describe('a session that cannot move', () => {
  test.each([
    ['enforce', 'broken', broken],
    ['enforce', 'silent', silent],
    ['report', 'broken', broken],
  ] as const)('in mode %s because the ledger is %s has its old id again', async (mode, _, error) => {
    fail({ begin: error });
    const moves = start(mode);
    await expect(moves.move(request(), alice, alice)).rejects.toBe(error);
    expect(whats()).toEqual(['move', 'begin', 'restore']);
    expect(done[2]).toEqual(['restore', 'a']);
    expect(moves.laterKeysOf('key of a')).toEqual([]);
  });

  test('goes on without a timeline in report mode while the ledger is silent', async () => {
    fail({ begin: silent });
    expect(await start('report').move(request(), alice, alice)).toEqual(visitor('b'));
    expect(whats()).toEqual(['move', 'begin', 'write', 'delete']);
  });

  test('has its old id again if its times or its store fail', async () => {
    await expect(start().move(request(), alice, alice, () => Promise.reject(broken))).rejects.toBe(broken);
    fail({ write: broken });
    await expect(start().move(request(), nobody, nobody)).rejects.toBe(broken);
    expect(whats()).toEqual(['move', 'restore', 'move', 'write', 'restore']);
  });

  test('under its old id because the ledger fails has moved all the same', async () => {
    fail({ end: broken, 'end silently': broken });
    expect(await start().move(request(), alice, alice)).toMatchObject({ key: 'key of b' });
    expect(await start().move(request(), alice, nobody)).toMatchObject({ key: 'key of b' });
    expect(whats().filter((what) => what === 'report')).toHaveLength(2);
  });

  test('because its new id is of an ended session ends nothing else', async () => {
    binder.begun = ({ http }) => over(http.key);
    expect(await start().move(request(), alice, alice)).toEqual(over('key of b'));
    expect(whats()).toEqual(['move', 'begin']);
  });

  test('because it has ended meanwhile ends under the new id too', async () => {
    ends.set('key of a', 'revoked');
    expect(await start().move(request(), alice, alice)).toBe('removed');
    expect(done.slice(4)).toEqual([
      ['delete', 'a'],
      ['ask why', 'key of a', 'replaced'],
      ['end silently', 'key of b', 'revoked'],
      ['remove', 'b', { key: 'key of a', reason: 'revoked', user: undefined }, false],
    ]);
  });

  test.each([
    ['ask why', 'replaced'],
    ['end silently', 'revoked'],
  ])('because it has ended meanwhile is taken off the request, even if the ledger fails (%s)', async (at, reason) => {
    ends.set('key of a', 'revoked');
    fail({ [at]: broken });
    expect(await start().move(request(), alice, alice)).toBe('removed');
    expect(done.slice(-2)).toEqual([
      ['end silently', 'key of b', reason],
      ['remove', 'b', { key: 'key of a', reason, user: undefined }, false],
    ]);
  });
});

test.each([
  [true, alice, ['end', 'key of a', 'signed-out', { user: 'alice', goesOn: false }]],
  [false, alice, ['end', 'key of a', 'replaced', { user: 'alice', goesOn: false }]],
  [false, nobody, ['end silently', 'key of a', 'replaced']],
])('a handler that gives up the new session (destroyed: %s) ends the old one', async (isDestroyed, from, ended) => {
  binder.begun = () => undefined;
  const state = request({ isDestroyed });
  expect(await start().move(state, alice, from)).toEqual(visitor('b'));
  expect(state.session).toEqual(visitor('b'));
  expect(done.slice(2)).toEqual([ended, ['delete', 'a']]);
  const session = over('key of a');
  expect(await start().move(request({}, session), alice, from)).toBe(session);
});

describe('a session that has lost its place', () => {
  const lose = (isDisplaced: boolean, others = {}) => {
    const begin = new PlaceLostError(isDisplaced);
    fail({ begin, ...others });
    return begin;
  };
  const gone = (reason: Reason, first: boolean) => ['remove', 'a', { key: 'key of a', reason, user: 'alice' }, first];

  test.each(['enforce', 'report'] as const)('to another sign-in is displaced: %s', async (mode) => {
    lose(true);
    expect(await start(mode).move(request(), alice, alice)).toBe('removed');
    expect(done.slice(2)).toEqual([['restore', 'a'], ['end', 'key of a', 'displaced', alice], gone('displaced', true)]);
  });

  test.each([true, false])('has ended for the reason that the ledger has (displaced: %s)', async (isDisplaced) => {
    lose(isDisplaced);
    ends.set('key of a', 'revoked');
    await start().move(request(), alice, alice);
    const tried = isDisplaced ? [['end', 'key of a', 'displaced', alice]] : [];
    expect(done.slice(2)).toEqual([
      ['restore', 'a'],
      ...tried,
      ['ask why', 'key of a', undefined],
      gone('revoked', false),
    ]);
  });

  test('to another request of its own, which may fail, is as if the ledger were silent', async () => {
    const cause = lose(false);
    const error = { name: 'LedgerUnavailableError', message: 'the session is getting a new id', cause };
    await expect(start().move(request(), alice, alice)).rejects.toMatchObject(error);
    expect(whats().slice(2)).toEqual(['restore', 'ask why']);
  });

  test('fails if the ledger does', async () => {
    lose(true, { end: broken });
    await expect(start().move(request(), alice, alice)).rejects.toBe(broken);
  });
});

describe('the later keys of a session', () => {
  const move = (moves: SessionMoves, from: string, next: string, owner = alice) =>
    moves.move(request({ from, next }), owner, alice).catch(() => undefined);

  test('are those of all its moves, and of theirs', async () => {
    const moves = start();
    expect(moves.laterKeysOf('key of a')).toEqual([]);
    await move(moves, 'a', 'b');
    await move(moves, 'a', 'c');
    await move(moves, 'b', 'd');
    expect(moves.laterKeysOf('key of a')).toEqual(['key of b', 'key of c', 'key of d']);
    expect(moves.laterKeysOf('key of b')).toEqual(['key of d']);
    expect(moves.laterKeysOf('key of d')).toEqual([]);
  });

  test('are found if ids repeat', async () => {
    const moves = start();
    await move(moves, 'a', 'b');
    await move(moves, 'b', 'a');
    expect(moves.laterKeysOf('key of a')).toEqual(['key of b']);
    await move(moves, 'a', 'c');
    await move(moves, 'a', 'b');
    expect(moves.laterKeysOf('key of a')).toEqual(['key of c', 'key of b']);
  });

  test('do not contain that of a move that has failed', async () => {
    const moves = start();
    await move(moves, 'a', 'b');
    fail({ begin: broken });
    await move(moves, 'a', 'c');
    expect(moves.laterKeysOf('key of a')).toEqual(['key of b']);
    await move(moves, 'a', 'b', bob);
    expect(moves.laterKeysOf('key of a')).toEqual(['key of b']);
  });
});
