import { initialState, type SessionState } from '../../../src/client/state/session-state.js';
import { type SessionSnapshot, snapshotOf, unknownSnapshot } from '../../../src/client/state/snapshot.js';

const live: SessionState = {
  ...initialState,
  phase: 'active',
  seen: true,
  session: 'first',
  answeredAt: 1000,
  idleAt: 61_500,
  absoluteAt: 100_000,
};

/** What the page shows. The wall clock of the browser is a million milliseconds ahead. */
const shown = (change: Partial<SessionState> = {}, now = 5000, before?: SessionSnapshot): SessionSnapshot =>
  snapshotOf({ ...live, ...change } as SessionState, now, [], (time) => time + 1_000_000.4, before);

test('before the first answer, nothing is known', () => {
  expect(unknownSnapshot).toEqual({
    state: 'unknown',
    expiresIn: null,
    expiresAt: null,
    limit: null,
    extendable: false,
    concealed: false,
    stay: 'idle',
    unreachable: false,
    reason: null,
    session: null,
    user: null,
    drafts: false,
    holds: [],
  });
});

test('a living session has its end by the clock of the browser, and the time left at the last answer', () => {
  expect(shown()).toEqual({
    ...unknownSnapshot,
    state: 'active',
    expiresIn: 60_000,
    expiresAt: 1_061_500,
    limit: 'idle',
    extendable: true,
    session: 'first',
  });
});

test('the absolute limit cannot be extended', () => {
  expect(shown({ idleAt: 100_000 })).toMatchObject({ limit: 'absolute', extendable: false });
});

test('a session that nothing ends has no end', () => {
  const nothing = { expiresIn: null, expiresAt: null, limit: null, extendable: false };
  expect(shown({ idleAt: Infinity, absoluteAt: Infinity })).toMatchObject({ state: 'active', ...nothing });
});

test('the time left counts down during the warning, in whole seconds, down to zero', () => {
  const at = (now: number): number | null => shown({ phase: 'warning' }, now).expiresIn;
  expect([at(60_000), at(60_499), at(60_501), at(61_500), at(99_999)]).toEqual([1000, 1000, 0, 0, 0]);
  expect(shown({}, 60_000).expiresIn).toBe(60_000);
});

test.each(['signing-out', 'signing-out-elsewhere'] as const)('%s shows an ended session without a reason', (phase) => {
  expect(shown({ phase })).toMatchObject({
    state: 'expired',
    reason: null,
    concealed: true,
    expiresIn: null,
    expiresAt: null,
  });
});

test('an ended session says why, but not if another one has taken its place', () => {
  expect(shown({ phase: 'expired', ending: 'revoked' })).toMatchObject({ state: 'expired', reason: 'revoked' });
  expect(shown({ phase: 'expired', ending: 'other' })).toMatchObject({ state: 'expired', reason: null });
});

test('only an ended session has a reason', () => {
  expect(shown({ ending: 'revoked' } as never).reason).toBeNull();
});

test('the page learns whether the server answers, who the user is, and whether drafts can be kept', () => {
  const snapshot = shown({ failures: 1, user: 'tag', drafts: true, stay: 'failed' });
  expect(snapshot).toMatchObject({ unreachable: true, user: 'tag', drafts: true, stay: 'failed' });
});

test('the page learns what keeps the session going', () => {
  const holds = [{ why: 'a call' }, { why: 'an upload' }];
  expect(snapshotOf(live, 0, holds, Number).holds).toEqual(['a call', 'an upload']);
});

test('the snapshot stays the same object until something changes', () => {
  const before = shown();
  expect(shown({}, 6000, before)).toBe(before);
  expect(shown({ failures: 1 }, 6000, before)).not.toBe(before);
});
