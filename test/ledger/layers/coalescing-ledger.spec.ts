import { jest } from '@jest/globals';
import { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { DAY, SECOND } from '../../support/time.js';
import { clock, pass, SharedLedger } from './support/shared-ledger.js';
import { active, WITHIN } from './support/waiting-activity.js';

let shared: SharedLedger;
let ledger: CoalescingLedger;

beforeEach(() => {
  jest.useFakeTimers();
  shared = new SharedLedger();
  ledger = new CoalescingLedger(shared, { within: WITHIN, clock });
});
afterEach(async () => {
  shared.down = false;
  await ledger.close();
  jest.useRealTimers();
});

/** A session that began long enough ago that its first activity is written at once. */
async function begin(...keys: string[]) {
  for (const key of keys) await shared.open(key, { keepFor: DAY });
  await pass(10 * SECOND);
}

test('writes the first activity at once', async () => {
  await begin('a');
  await ledger.advance(active('a'));
  expect(shared.read('a')).toMatchObject({ idleFor: 0 });
});

test('writes later activity once per interval, and always writes the last', async () => {
  await begin('a');
  await ledger.advance(active('a'));
  for (let i = 0; i < 9; i += 1) {
    await pass(100);
    await ledger.advance(active('a'));
  }
  expect(shared.calls).toHaveLength(1);
  await pass(100);
  expect(shared.calls).toHaveLength(2);
  expect(shared.read('a')).toMatchObject({ idleFor: 100 });
  await pass(60 * SECOND);
  expect(shared.calls).toHaveLength(2);
});

test('counts the sign-in as the first activity', async () => {
  await ledger.open('a', { keepFor: DAY });
  await pass(100);
  await ledger.advance(active('a'));
  expect(shared.calls).toHaveLength(0);
  await pass(WITHIN);
  expect(shared.read('a')).toMatchObject({ idleFor: WITHIN });
});

test('does not delay activity after an old report: the session might end elsewhere meanwhile', async () => {
  await begin('a');
  await pass(9 * SECOND);
  await ledger.advance(active('a', 18 * SECOND));
  await pass(100);
  await ledger.advance(active('a'));
  expect(shared.read('a')).toMatchObject({ idleFor: 0 });
});

test('lets activity wait only if what is written is at most two intervals older', async () => {
  await begin('a');
  await pass(9 * SECOND);
  await ledger.advance(active('a', 9 * WITHIN));
  await ledger.advance(active('a', 7 * WITHIN));
  expect(shared.read('a')).toMatchObject({ idleFor: 9 * WITHIN });
  await ledger.advance(active('a', 7 * WITHIN - 1));
  expect(shared.read('a')).toMatchObject({ idleFor: 7 * WITHIN - 1 });
  await ledger.advance(active('a'));
  expect(shared.read('a')).toMatchObject({ idleFor: 0 });
});

test('writes the pending activity of several sessions in one call', async () => {
  const keys = Array.from({ length: 20 }, (_, index) => `session ${index}`);
  await begin(...keys);
  await ledger.advance(keys.flatMap((key) => active(key)));
  await pass(100);
  for (const key of keys) await ledger.advance(active(key));
  await pass(WITHIN);
  expect(shared.calls.map(({ length }) => length)).toEqual([20, 20]);
});

test('writes once for requests at the same time, and they wait for it', async () => {
  await begin('a');
  let answer = () => {};
  shared.answer = new Promise((resolve) => (answer = resolve));
  let answered = 0;
  const requests = Array.from({ length: 50 }, async () => {
    await ledger.advance(active('a'));
    answered += 1;
  });
  await pass(1);
  expect([shared.calls.length, answered]).toEqual([1, 0]);
  answer();
  await Promise.all(requests);
  expect(shared.calls).toHaveLength(1);
});

test('writes activity that may not wait after a write that began before it, before the request goes on', async () => {
  await begin('a');
  let answer = () => {};
  shared.answer = new Promise((resolve) => (answer = resolve));
  const first = ledger.advance(active('a', 0, 0));
  await pass(10);
  const later = Array.from({ length: 10 }, () => ledger.advance(active('a', 0, 0)));
  answer();
  await Promise.all([first, ...later]);
  expect(shared.read('a')).toMatchObject({ idleFor: 0 });
  expect(shared.calls).toHaveLength(2);
});

test('refuses an unusable key at once, so that it does not hold up the activity of others', async () => {
  await begin('a');
  expect(() => ledger.advance(active('x\n'))).toThrow(/hash of a session/);
  await ledger.advance(active('a'));
  await pass(10 * WITHIN);
  expect(shared.calls.flat().map(({ key }) => key)).toEqual(['a']);
});

test('fails for a request whose activity cannot be written, and writes it later', async () => {
  await begin('a');
  shared.down = true;
  await expect(ledger.advance(active('a'))).rejects.toThrow('down');
  shared.down = false;
  await pass(300);
  expect(shared.read('a')).toMatchObject({ idleFor: 300 });
});

test('includes pending activity in what it reads', async () => {
  await begin('a');
  await ledger.advance(active('a'));
  await pass(500);
  await ledger.advance(active('a'));
  await pass(100);
  expect(shared.read('a')).toMatchObject({ idleFor: 600 });
  expect(await ledger.read('a')).toMatchObject({ idleFor: 100, sessionAge: 10_600 });
});

test('sees at once that a session was ended elsewhere, even with pending activity', async () => {
  await begin('a');
  await ledger.advance(active('a'));
  await pass(100);
  await ledger.advance(active('a'));
  shared.end('a', { reason: 'revoked', keepFor: DAY });
  expect(await ledger.read('a')).toMatchObject({ state: 'ended', reason: 'revoked' });
  await pass(10 * SECOND);
  expect(shared.read('a')).toMatchObject({ state: 'ended', reason: 'revoked' });
  expect(shared.calls).toHaveLength(1);
});

test('writes pending activity, with its own time, when it is closed; later activity at once', async () => {
  await begin('a', 'b');
  await ledger.advance([...active('a'), ...active('b')]);
  await pass(100);
  await ledger.advance(active('a'));
  await pass(300);
  await ledger.close();
  expect(shared.read('a')).toMatchObject({ idleFor: 300 });
  expect(shared.read('b')).toMatchObject({ idleFor: 400 });
  await ledger.advance(active('b'));
  expect(shared.read('b')).toMatchObject({ idleFor: 0 });
});

test('closes even if the ledger is down', async () => {
  await begin('a');
  await ledger.advance(active('a'));
  await pass(100);
  await ledger.advance(active('a'));
  shared.down = true;
  await ledger.close();
});

describe('while the ledger is down', () => {
  const keys = Array.from({ length: 1200 }, (_, index) => `session ${index}`);

  beforeEach(async () => {
    await begin(...keys);
    await ledger.advance(keys.flatMap((key) => active(key)));
    await pass(100);
    for (const key of keys) await ledger.advance(active(key));
    shared.down = true;
    shared.calls.length = 0;
  });

  test('it tries less and less often, with one activity', async () => {
    await pass(60 * SECOND);
    const [first, ...later] = shared.calls;
    expect(first).toHaveLength(500);
    expect(later.length).toBeGreaterThan(10);
    expect(later.length).toBeLessThan(20);
    expect(new Set(later.map(({ length }) => length))).toEqual(new Set([1]));
  });

  test('it keeps the newest activity of each session, and writes all of it when the ledger is back', async () => {
    await pass(20 * SECOND);
    shared.down = false;
    await pass(5 * SECOND);
    for (const key of keys) expect(shared.read(key)).toMatchObject({ idleFor: 25 * SECOND });
    expect(Math.max(...shared.calls.map(({ length }) => length))).toBe(500);
  });
});

test('writes pending activity as soon as a request finds that the ledger answers again', async () => {
  await begin('a', 'b');
  await ledger.advance(active('a'));
  await pass(100);
  await ledger.advance(active('a'));
  shared.down = true;
  await pass(30 * SECOND);
  shared.down = false;
  shared.calls.length = 0;
  await ledger.advance(active('b'));
  await pass(1);
  expect(shared.calls.map(([activity]) => activity?.key)).toEqual(['b', 'a']);
});

test('keeps no timer and no session once everything is written', async () => {
  await begin('a');
  const idle = jest.getTimerCount();
  await ledger.advance(active('a'));
  await ledger.advance(active('a'));
  expect(jest.getTimerCount()).toBe(idle + 1);
  await pass(3 * WITHIN);
  expect(jest.getTimerCount()).toBe(idle);
});

test('is not affected by a clock that is set back', async () => {
  let reading = 0;
  const stepping = { now: () => reading };
  const under = new CoalescingLedger(shared, { within: WITHIN, clock: stepping });
  await begin('a');
  await under.advance(active('a'));
  reading += 100;
  await under.advance(active('a'));
  reading -= 60 * 60 * SECOND;
  expect(await under.read('a')).toMatchObject({ idleFor: 0 });
  await pass(400);
  reading += 400;
  expect(await under.read('a')).toMatchObject({ idleFor: 400 });
  await under.close();
  expect(shared.read('a')).toMatchObject({ idleFor: 400 });
});

test('writes the longest limits of the activity that waited', async () => {
  await begin('a');
  await ledger.advance(active('a'));
  const limits = (idleTimeout: number | false) => ({ idleTimeout, absoluteTimeout: DAY });
  for (const idleTimeout of [20 * SECOND, false, 30 * SECOND] as const) {
    await pass(10);
    await ledger.advance([{ key: 'a', idleFor: 0, keepFor: DAY, within: WITHIN, limits: limits(idleTimeout) }]);
  }
  await pass(WITHIN);
  expect(shared.calls.at(-1)).toEqual([expect.objectContaining({ key: 'a', limits: limits(false) })]);
});

test('tries again after a tenth of a second, then twice as long each time, up to five seconds', async () => {
  await begin('a');
  shared.down = true;
  const startedAt = performance.now();
  const times: number[] = [];
  shared.noted = () => void times.push(performance.now() - startedAt);
  await expect(ledger.advance(active('a'))).rejects.toThrow('down');
  await pass(17 * SECOND);
  const pauses = times.slice(1).map((time, index) => time - (times[index] as number));
  expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

test('starts again with short pauses after the ledger was back', async () => {
  await begin('a');
  shared.down = true;
  await expect(ledger.advance(active('a'))).rejects.toThrow('down');
  await pass(10 * SECOND);
  shared.down = false;
  await pass(10 * SECOND);
  shared.down = true;
  await expect(ledger.advance(active('a'))).rejects.toThrow('down');
  shared.down = false;
  await pass(100);
  expect(shared.read('a')).toMatchObject({ idleFor: 100 });
});

test('ignores activity without a time, and counts activity in the future as now', async () => {
  await begin('a');
  expect(ledger.advance(active('a', NaN))).toBeUndefined();
  expect(ledger.advance(active('a', Infinity))).toBeUndefined();
  expect(shared.calls).toEqual([]);
  await ledger.advance(active('a', -5 * SECOND));
  expect(shared.calls).toEqual([[expect.objectContaining({ key: 'a', idleFor: 0 })]]);
});

test('uses its own interval for activity without one', async () => {
  await begin('a');
  const plain = [{ key: 'a', idleFor: 0, keepFor: DAY }];
  await ledger.advance(plain);
  await pass(WITHIN - 100);
  expect(ledger.advance(plain)).toBeUndefined();
  await pass(100);
  expect(shared.calls).toHaveLength(2);
});

test('does not count the opening of an ended session as activity', async () => {
  shared.end('a', { reason: 'revoked', keepFor: DAY });
  expect(await ledger.open('a', { keepFor: DAY })).toMatchObject({ state: 'ended' });
  expect(await ledger.read('a')).toMatchObject({ state: 'ended' });
  await pass(10 * WITHIN);
  expect(shared.calls).toEqual([]);
});

test('says whether it has ended a session, and writes nothing of it any more', async () => {
  await begin('a');
  await ledger.advance(active('a'));
  await pass(100);
  await ledger.advance(active('a'));
  expect(await ledger.end('a', { reason: 'signed-out', keepFor: DAY })).toBe(true);
  expect(await ledger.end('a', { reason: 'signed-out', keepFor: DAY })).toBe(false);
  await pass(10 * WITHIN);
  expect(shared.calls).toHaveLength(1);
});

test('waits for a flush that is under way when it is closed', async () => {
  await begin('a');
  await ledger.advance(active('a'));
  await pass(100);
  await ledger.advance(active('a'));
  let answer = () => {};
  shared.answer = new Promise((resolve) => (answer = resolve));
  await pass(WITHIN);
  let closed = false;
  const closing = ledger.close().then(() => (closed = true));
  await pass(10);
  expect(closed).toBe(false);
  answer();
  await closing;
  expect(shared.calls).toHaveLength(2);
});
