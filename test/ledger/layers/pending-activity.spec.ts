import type { LedgerLimits } from '../../../src/index.js';
import { PendingActivity } from '../../../src/ledger/layers/pending-activity.js';

const limits: LedgerLimits = { idleTimeout: 2000, absoluteTimeout: 9000 };
const longer: LedgerLimits = { idleTimeout: 4000, absoluteTimeout: 9000 };

/** Activity at a time that may wait for a while. */
const note = (session: PendingActivity, activeAt: number, within = 100, by?: LedgerLimits, keepFor = 5000): void =>
  session.add(activeAt, { key: 'a', idleFor: 0, keepFor, limits: by }, within);

/** A session whose activity at 1000 was written at 1000. */
function written(): PendingActivity {
  const session = new PendingActivity('a', 100);
  session.written(1000, 1000, limits);
  session.limits = limits;
  return session;
}

test('activity waits until it is written', () => {
  const session = new PendingActivity('a', 100);
  expect(session.isWaiting).toBe(false);
  note(session, 1000);
  expect(session.isWaiting).toBe(true);
  expect(session.toWrite(1030)).toEqual({ key: 'a', idleFor: 30, keepFor: 5000, limits: undefined });
  session.written(1000, 1030, undefined);
  expect(session.isWaiting).toBe(false);
});

test('the first activity may not wait', () => {
  const session = new PendingActivity('a', 100);
  expect(session.mayWait(1000)).toBe(true);
  note(session, 1000);
  expect(session.mayWait(1000)).toBe(false);
});

test('later activity waits until the interval after the last write is over', () => {
  const session = written();
  note(session, 1050);
  expect(session.dueAt).toBe(1100);
  expect([session.mayWait(1099), session.mayWait(1100)]).toEqual([true, false]);
});

test('a write may come slightly early, so that sessions are written together', () => {
  expect([written().isDue(1097), written().isDue(1098)]).toEqual([false, true]);
});

test('activity waits if it is at most two intervals newer than what is written', () => {
  const waits = (activeAt: number) => {
    const session = new PendingActivity('a', 100);
    session.written(1000, 1950, undefined);
    note(session, activeAt);
    return session.mayWait(1960);
  };
  expect([waits(1200), waits(1201)]).toEqual([true, false]);
});

test('activity waits if what is written is at most fifteen intervals old when the waiting ends', () => {
  const waits = (wroteAt: number) => {
    const session = new PendingActivity('a', 100);
    session.written(1000, wroteAt, undefined);
    note(session, 1100);
    return session.mayWait(wroteAt + 10);
  };
  expect([waits(2400), waits(2401)]).toEqual([true, false]);
});

test('activity moves only forward, and takes its lifetime along', () => {
  const session = written();
  note(session, 1050, 100, undefined, 7000);
  note(session, 1040, 100, undefined, 6000);
  note(session, 1050, 100, undefined, 6000);
  expect(session.toWrite(1050)).toMatchObject({ idleFor: 0, keepFor: 7000 });
  session.written(900, 900, undefined);
  expect(session).toMatchObject({ activeAt: 1050, dueAt: 1100 });
  session.written(1200, 1200, undefined);
  expect(session).toMatchObject({ activeAt: 1200, isWaiting: false, dueAt: 1300 });
});

test('an older write does not make newer activity wait again', () => {
  const session = written();
  session.written(500, 1000, undefined);
  expect(session.isWaiting).toBe(false);
});

test('waiting activity keeps the shortest interval, and the next one counts anew', () => {
  const session = written();
  note(session, 1010, 300);
  expect(session.dueAt).toBe(1300);
  note(session, 1020, 50);
  note(session, 1030, 300);
  expect(session.dueAt).toBe(1050);
});

test('longer limits do not wait', () => {
  const session = written();
  note(session, 1010, 100, longer);
  expect(session.mayWait(1011)).toBe(false);
  expect(session.toWrite(1010).limits).toEqual(longer);
  session.written(1010, 1010, session.limits);
  expect(session).toMatchObject({ isWaiting: false, limits: longer });
});

test('shorter limits change nothing', () => {
  const session = written();
  note(session, 1000, 100, { idleTimeout: 1000, absoluteTimeout: 9000 });
  expect(session).toMatchObject({ limits, isWaiting: false });
});

test('a sign-in has written its activity and its limits', () => {
  const session = new PendingActivity('a', 100);
  session.opened(1000, limits);
  expect(session).toMatchObject({ activeAt: 1000, dueAt: 1100, isWaiting: false, limits });
});

test('a sign-in with shorter limits than those that are known leaves those to be written', () => {
  const session = new PendingActivity('a', 100);
  note(session, 1000, 100, longer);
  session.opened(1000, limits);
  expect(session).toMatchObject({ isWaiting: true, limits: longer });
});

test('a sign-in somewhere else has written activity, but perhaps other limits', () => {
  const session = new PendingActivity('a', 100);
  session.opened(1000, undefined);
  expect(session.isWaiting).toBe(false);
  note(session, 1000, 100, limits);
  expect(session.isWaiting).toBe(true);
});

test('limits that were written stay so if later activity has none', () => {
  const session = written();
  session.written(1050, 1050, undefined);
  expect(session.isWaiting).toBe(false);
});
