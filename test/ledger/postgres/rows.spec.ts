import { dueIn, recordOf, type Row, storedLimit, userRecordOf } from '../../../src/ledger/postgres/rows.js';

const NOW = 1_700_000_000_000;
const open: Row = {
  now: NOW,
  started_at: NOW - 5000,
  active_at: NOW - 3000,
  ended_at: null,
  auth_at: null,
  reason: null,
  user_id: 'alice',
};
const ended: Row = { ...open, ended_at: NOW - 1000, reason: 'revoked' };
const listed = { key: 'a', device: null };

test('an open session', () => {
  expect(recordOf(open)).toEqual({ state: 'open', sessionAge: 5000, idleFor: 3000, user: 'alice', uncertainty: 0 });
  expect(recordOf({ ...open, user_id: null })).toMatchObject({ state: 'open', user: undefined });
});

test('an ended session', () => {
  expect(recordOf(ended)).toEqual({ state: 'ended', reason: 'revoked', endedFor: 1000, user: 'alice', uncertainty: 0 });
  expect(recordOf({ ...ended, auth_at: NOW - 2000 })).not.toHaveProperty('authAge');
});

test.each([
  [NOW - 2000, 2000],
  [NOW, 0],
  [NOW + 1, 0],
  [-Infinity, Infinity],
])('a user who authenticated at %p did so %p ms ago', (auth_at, authAge) => {
  expect(recordOf({ ...open, auth_at })).toMatchObject({ authAge });
});

test('a session on the list of its user', () => {
  expect(userRecordOf({ ...open, ...listed })).toMatchObject({ key: 'a', sessionAge: 5000, authAge: 5000 });
  expect(userRecordOf({ ...open, ...listed, auth_at: NOW - 2000 })).toMatchObject({ authAge: 2000 });
  expect(userRecordOf({ ...open, ...listed, device: '{"browser":"Firefox"}' })?.device).toEqual({ browser: 'Firefox' });
  expect(userRecordOf({ ...ended, ...listed })).toBeUndefined();
});

test.each([
  [false, Infinity],
  [0, 0],
  [900, 900],
  [Infinity, Infinity],
  [-1, null],
  [NaN, null],
  [undefined, null],
])('the limit %p is stored as %p', (limit, stored) => {
  expect(storedLimit(limit as number)).toBe(stored);
});

test.each([
  [undefined, 0, null],
  [{ idleTimeout: 900, absoluteTimeout: 3000 }, 0, 900],
  [{ idleTimeout: 900, absoluteTimeout: 3000 }, 2500, 500],
  [{ idleTimeout: 900, absoluteTimeout: false }, 2500, 900],
  [{ idleTimeout: false, absoluteTimeout: false }, 2500, null],
] as const)('with the limits %p, a session of age %p is due in %p ms', (limits, age, due) => {
  expect(dueIn(limits, age)).toBe(due);
});
