import { jest } from '@jest/globals';
import type { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { DAY, HOUR, SECOND } from '../../support/time.js';
import { active, IDLE, instanceOn, limits, longer, usersOf, WITHIN } from './support/coalesced-users.js';
import { pass, SharedLedger } from './support/shared-ledger.js';

let shared: SharedLedger;
let here: CoalescingLedger;
let there: CoalescingLedger;

beforeEach(() => {
  jest.useFakeTimers();
  shared = new SharedLedger();
  here = instanceOn(shared);
  there = instanceOn(shared);
});
afterEach(async () => {
  shared.down = false;
  await Promise.all([here.close(), there.close()]);
  shared.close();
  jest.useRealTimers();
});

/** A session with activity that waits here: the last of it was just now. */
async function begin(key: string) {
  await here.open(key, { user: 'alice', limits, keepFor: DAY });
  await pass(5 * WITHIN);
  await here.advance(active(key));
  await pass(WITHIN / 2);
  await here.advance(active(key));
  shared.calls.length = 0;
}

test('counts activity that waits here when it lists the sessions of a user', async () => {
  await begin('a');
  await pass(WITHIN / 4);
  expect(await usersOf(here).ofUser('alice')).toMatchObject([{ key: 'a', idleFor: WITHIN / 4 }]);
  expect(await usersOf(there).ofUser('alice')).toMatchObject([{ key: 'a', idleFor: (WITHIN * 3) / 4 }]);
  expect(shared.calls).toEqual([]);
});

test('writes the activity of a session that waits before the session is judged', async () => {
  await begin('a');
  expect(await usersOf(here).expire('a', { keepFor: DAY })).toEqual({ dueIn: IDLE });
  expect(shared.calls).toHaveLength(1);
  expect(await usersOf(here).expire('a', { keepFor: DAY })).toEqual({ dueIn: IDLE });
  expect(shared.calls).toHaveLength(1);
});

test('waits for a write that is under way, and writes what came later, before the session is judged', async () => {
  await begin('a');
  await pass(11 * WITHIN);
  const first = here.advance(active('a'));
  await Promise.resolve();
  const second = here.advance([{ key: 'a', idleFor: 0, keepFor: DAY, within: 0, limits: longer }]);
  const expired = usersOf(here).expire('a', { keepFor: DAY });
  await Promise.all([first, second]);
  expect(await expired).toEqual({ dueIn: 10 * IDLE });
});

test('does not judge a session whose activity cannot be written', async () => {
  await begin('a');
  shared.down = true;
  await expect(usersOf(here).expire('a', { keepFor: DAY })).rejects.toThrow('down');
  expect(shared.read('a')).toMatchObject({ state: 'open' });
  shared.down = false;
  await pass(SECOND);
  expect(await usersOf(here).expire('a', { keepFor: DAY })).toMatchObject({ dueIn: expect.any(Number) });
});

test('forgets a session that the ledger has ended', async () => {
  await begin('a');
  await pass(IDLE + WITHIN);
  expect(await usersOf(here).expire('a', { keepFor: DAY })).toEqual({ ended: 'idle', user: 'alice' });
  shared.calls.length = 0;
  await pass(10 * IDLE);
  expect(shared.calls).toEqual([]);
  expect(await usersOf(here).expire('a', { keepFor: DAY })).toBeUndefined();
});

test('passes limits on with the activity, the longest that it was told of', async () => {
  await begin('a');
  await pass(11 * WITHIN);
  shared.calls.length = 0;
  await here.advance(active('a', { idleTimeout: 1, absoluteTimeout: false }));
  await here.advance(active('a', { idleTimeout: 2, absoluteTimeout: 1 }));
  await here.advance(active('a', { idleTimeout: 1, absoluteTimeout: 1 }));
  await pass(2 * WITHIN);
  expect(shared.calls.flat().map((activity) => activity.limits)).toEqual([
    { idleTimeout: 1, absoluteTimeout: false },
    { idleTimeout: 2, absoluteTimeout: false },
  ]);
});

test('writes longer limits at once: another instance would judge by the shorter ones', async () => {
  await begin('a');
  await here.advance(active('a', limits));
  shared.calls.length = 0;
  await here.advance(active('a', { ...limits }));
  expect(shared.calls).toEqual([]);
  await here.advance(active('a', longer));
  expect(shared.calls).toHaveLength(1);
  await here.advance(active('a', limits));
  expect(shared.calls).toHaveLength(1);
  expect(await usersOf(there).expire('a', { keepFor: DAY })).toEqual({ dueIn: 10 * IDLE });
});

test('writes the limits of a sign-in once', async () => {
  await here.open('a', { user: 'alice', limits, keepFor: DAY });
  await pass(WITHIN / 2);
  await here.advance(active('a', { ...limits }));
  expect(shared.calls).toEqual([]);
});

test('writes its limits at once if somebody else has opened the session', async () => {
  await there.open('a', { user: 'alice', limits: { idleTimeout: WITHIN, absoluteTimeout: HOUR }, keepFor: DAY });
  await pass(WITHIN / 2);
  await here.open('a', { user: 'alice', limits, keepFor: DAY });
  await here.advance(active('a', limits));
  expect(shared.calls).toHaveLength(1);
  await pass(WITHIN);
  expect(await usersOf(there).expire('a', { keepFor: DAY })).toMatchObject({ dueIn: expect.any(Number) });
});

test('writes newer activity at once if the activity that is written is near its limit', async () => {
  await here.open('a', { user: 'alice', limits, keepFor: DAY });
  await pass(IDLE - 500);
  await here.advance(active('a', limits, IDLE - 500 - 20));
  await pass(100);
  await here.advance(active('a', limits, IDLE - 400 - 300));
  await pass(500);
  expect(await usersOf(there).expire('a', { keepFor: DAY })).toEqual({ dueIn: 200 });
});

test('goes on to let activity wait after the ledger has found that the session is not due', async () => {
  await begin('a');
  await usersOf(here).expire('a', { keepFor: DAY });
  await pass(WITHIN / 4);
  await here.advance(active('a'));
  expect(shared.calls).toHaveLength(1);
});

test('keeps nothing of a session that the ledger has ended by its absolute limit', async () => {
  await here.open('a', { user: 'alice', limits: { idleTimeout: IDLE, absoluteTimeout: 5 * WITHIN }, keepFor: DAY });
  await pass(4.5 * WITHIN);
  await here.advance(active('a'));
  await pass(0.5 * WITHIN);
  expect(await usersOf(here).expire('a', { keepFor: DAY })).toMatchObject({ ended: 'absolute' });
  shared.calls.length = 0;
  await here.advance(active('a'));
  expect(shared.calls).toHaveLength(1);
});

test('writes nothing twice when the session is judged during a write', async () => {
  await begin('a');
  await pass(11 * WITHIN);
  shared.calls.length = 0;
  const advanced = here.advance(active('a'));
  expect(await usersOf(here).expire('a', { keepFor: DAY })).toEqual({ dueIn: IDLE });
  await advanced;
  expect(shared.calls).toHaveLength(1);
});

test('waits for all slow writes before the session is judged', async () => {
  await begin('a');
  await pass(11 * WITHIN);
  const slowly = () => (shared.answer = new Promise((resolve) => setTimeout(resolve, 50)));
  shared.noted = slowly;
  const first = here.advance(active('a'));
  const second = here.advance([{ key: 'a', idleFor: 0, keepFor: DAY, within: 0, limits: longer }]);
  const expired = usersOf(here).expire('a', { keepFor: DAY });
  await pass(200);
  await Promise.all([first, second]);
  // What is written counts from when it is stored here, halfway.
  expect(await expired).toEqual({ dueIn: 10 * IDLE - 50 });
});
