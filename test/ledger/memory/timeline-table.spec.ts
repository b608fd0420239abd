import { reasons } from '../../../src/policy/reason.js';
import { NO_TRAITS, type TimelineRow, TimelineTable } from '../../../src/ledger/memory/timeline-table.js';

test('the given number of calls visits every record once', () => {
  for (const parts of [1, 7, 60, 256]) {
    const table = new TimelineTable();
    const over: TimelineRow = {
      startedAt: 0,
      latestAt: 0,
      forgetAt: 1,
      authAt: 0,
      user: undefined,
      reason: undefined,
      traits: NO_TRAITS,
    };
    for (let i = 0; i < 3000; i += 1) table.add(`session ${i}`, over);
    for (let calls = 0; calls < parts; calls += 1) table.prune(1, parts);
    expect(table.size).toBe(0);
    expect(table.rowOf('session 1', 0)).toBeUndefined();
  }
});

const base: TimelineRow = {
  startedAt: 10,
  latestAt: 20,
  forgetAt: 100,
  authAt: 10,
  user: undefined,
  reason: undefined,
  traits: NO_TRAITS,
};
const limits = { idleTimeout: 5, absoluteTimeout: 50 };
const device = { browser: 'Firefox' };

describe('a timeline', () => {
  let table: TimelineTable;
  beforeEach(() => (table = new TimelineTable()));

  test('is there until it is to be forgotten', () => {
    const row = table.add('a', base);
    expect([table.rowOf('a', 99), table.rowOf('a', 100), table.rowOf('b', 0)]).toEqual([row, undefined, undefined]);
    expect([table.isOver(row, 99), table.isOver(row, 100)]).toEqual([false, true]);
    table.prune(99, 1);
    expect(table.size).toBe(1);
    table.prune(100, 1);
    expect(table.size).toBe(0);
  });

  test('moves only forward, and is kept for longer only', () => {
    const row = table.add('a', base);
    table.advance(row, 20, 300);
    table.advance(row, 19, 300);
    expect(table.get(row)).toEqual(base);
    table.advance(row, 21, 99);
    expect(table.get(row)).toEqual({ ...base, latestAt: 21 });
    table.advance(row, 22, 101);
    expect(table.get(row)).toEqual({ ...base, latestAt: 22, forgetAt: 101 });
  });

  test('gets longer limits only, and keeps its device', () => {
    const row = table.add('a', { ...base, traits: { device } });
    table.lengthen(row, limits, 99);
    expect(table.get(row)).toEqual({ ...base, traits: { limits, device } });
    const { traits } = table.get(row);
    table.lengthen(row, { idleTimeout: 4, absoluteTimeout: 50 }, 101);
    expect(table.get(row).traits).toBe(traits);
    table.lengthen(row, { idleTimeout: false, absoluteTimeout: 40 }, 101);
    const longer = { idleTimeout: false, absoluteTimeout: 50 };
    expect(table.get(row)).toEqual({ ...base, traits: { limits: longer, device }, forgetAt: 101 });
  });

  test('does not share its limits with another one that has other limits or another device', () => {
    const all = [
      { limits },
      { limits: { ...limits, idleTimeout: 6 } },
      { limits: { ...limits, absoluteTimeout: 51 } },
      { limits, device },
      { device },
      { device: { browser: 'Safari' } },
      NO_TRAITS,
    ];
    const rows = all.map((traits, index) => table.add(`${index}`, { ...base, traits }));
    expect(rows.map((row) => table.get(row).traits)).toEqual(all);
    table.lengthen(rows[0] as number, { idleTimeout: 9, absoluteTimeout: 99 }, 100);
    table.end(rows[3] as number, 'idle', 30, 100);
    expect(rows.slice(4).map((row) => table.get(row).traits)).toEqual(all.slice(4));
    expect(table.get(rows[1] as number).traits).toEqual(all[1]);
  });

  test('that has ended says why and when, and is due no more', () => {
    const row = table.add('a', { ...base, user: 'alice', traits: { limits } });
    table.due.set(row, 30);
    expect([table.isEnded(row), table.due.first(30)]).toEqual([false, row]);
    table.end(row, 'revoked', 40, 200);
    const ended = { ...base, user: 'alice', latestAt: 40, forgetAt: 200, reason: 'revoked' };
    expect([table.isEnded(row), table.get(row), table.due.size]).toEqual([true, ended, 0]);
  });

  test('that has ended changes no other one', () => {
    const rows = ['a', 'b', 'c'].map((key) => table.add(key, { ...base, traits: { limits } }));
    table.end(rows[1] as number, 'idle', 40, 200);
    const open = { ...base, traits: { limits } };
    const ended = { ...base, latestAt: 40, forgetAt: 200, reason: 'idle' };
    expect(rows.map((row) => table.get(row))).toEqual([open, ended, open]);
  });

  test('may begin as a tombstone, which belongs to no open session of its user', () => {
    const row = table.add('a', { ...base, user: 'alice', reason: 'idle' });
    expect([table.isEnded(row), table.get(row).reason, table.users.rowsOf('alice')]).toEqual([true, 'idle', []]);
  });

  test('of the first kind of reason is a tombstone as well', () => {
    const rows = reasons.map((reason) => table.add(reason, { ...base, reason }));
    expect(rows.map((row) => table.get(row).reason)).toEqual(reasons);
  });

  test('keeps when its user authenticated, also beside others that authenticated at the start', () => {
    const plain = table.add('a', base);
    const later = table.add('b', { ...base, startedAt: 5, authAt: 15 });
    const next = table.add('c', base);
    expect([plain, later, next].map((row) => table.get(row).authAt)).toEqual([10, 15, 10]);
  });

  test('that is replaced leaves nothing of the old one', () => {
    const row = table.add('a', { ...base, user: 'alice', authAt: 5, traits: { limits } });
    table.due.set(row, 30);
    expect(table.add('a', base)).toBe(row);
    expect([table.get(row), table.users.rowsOf('alice'), table.due.size, table.size]).toEqual([base, [], 0, 1]);
  });

  test('that is swept away leaves nothing behind, and its row is used again', () => {
    const kept = table.add('b', { ...base, forgetAt: Infinity });
    const row = table.add('a', { ...base, user: 'alice', traits: { limits } });
    table.due.set(row, 30);
    table.prune(100, 1);
    expect([table.size, table.due.size, table.users.rowsOf('alice'), table.rowOf('a', 0)]).toEqual([
      1,
      0,
      [],
      undefined,
    ]);
    expect(table.keyOf(row)).toBeUndefined();
    expect(table.add('c', base)).toBe(row);
    expect([table.keyOf(row), table.keyOf(kept), table.get(row)]).toEqual(['c', 'b', base]);
  });

  test('has a row of its own among thousands', () => {
    const rows = Array.from({ length: 2500 }, (_, index) => table.add(`${index}`, { ...base, startedAt: index }));
    expect(new Set(rows).size).toBe(2500);
    expect(rows.map((row) => table.get(row).startedAt)).toEqual(rows.map((_row, index) => index));
    expect(rows.map((row) => table.keyOf(row))).toEqual(rows.map((_row, index) => `${index}`));
  });

  test('starts again in an empty table', () => {
    table.due.set(table.add('a', base), 30);
    table.prune(100, 1);
    expect([table.size, table.due.size]).toEqual([0, 0]);
    const row = table.add('b', { ...base, user: 'bob' });
    expect([row, table.get(row).user, table.size]).toEqual([0, 'bob', 1]);
  });
});
