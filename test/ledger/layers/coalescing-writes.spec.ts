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
  jest.restoreAllMocks();
});

/** The sessions of each write. */
const written = () => shared.calls.map((activities) => activities.map(({ key }) => key).join());

/** A session whose activity was just written, because it was opened. */
const open = (key: string) => ledger.open(key, { keepFor: DAY });

test('each session is written when its own time has come', async () => {
  await open('a');
  await pass(500);
  await open('b');
  await pass(100);
  await ledger.advance([...active('a'), ...active('b')]);
  await pass(400);
  expect(written()).toEqual(['a']);
  await pass(500);
  expect(written()).toEqual(['a', 'b']);
});

test('a session that another instance has opened is written when the activity of that opening is old', async () => {
  await shared.open('a', { keepFor: DAY });
  await pass(500);
  await open('a');
  await ledger.advance(active('a'));
  await pass(499);
  expect(written()).toEqual([]);
  await pass(1);
  expect(written()).toEqual(['a']);
});

test('a session whose stored times cannot be read is written at once', async () => {
  const unreadable = { state: 'open', sessionAge: NaN, idleFor: NaN } as const;
  jest.spyOn(shared, 'open').mockReturnValue(unreadable);
  expect(await open('a')).toEqual(unreadable);
  await ledger.advance(active('a'));
  expect(written()).toEqual(['a']);
});

test('a report without a time does not replace activity that waits', async () => {
  await open('a');
  await pass(100);
  await ledger.advance(active('a'));
  await ledger.advance(active('a', NaN));
  await pass(WITHIN);
  expect(written()).toEqual(['a']);
});

test('a session that the ledger does not know stays unknown, although activity waits', async () => {
  await open('a');
  await ledger.advance(active('a', -1));
  await pass(100);
  await ledger.advance(active('a'));
  jest.spyOn(shared, 'read').mockReturnValue(undefined);
  expect(await ledger.read('a')).toBeUndefined();
});

test('once it is closed, every activity is written at once', async () => {
  await ledger.close();
  await ledger.advance(active('a'));
  await ledger.advance(active('a'));
  expect(written()).toEqual(['a', 'a']);
});

test('a ledger that has nothing to close can be closed', async () => {
  const { open: opens, read, advance, end } = shared;
  const inner = { shared: true as const, open: opens, read, advance, end };
  await expect(new CoalescingLedger(inner, { within: WITHIN, clock }).close()).resolves.toBeUndefined();
});

test('up to 100,000 sessions can wait; activity of others is written at once', async () => {
  for (let index = 1; index < 100_000; index += 1) await open(`session ${index}`);
  await open('last');
  await open('other');
  await pass(100);
  await ledger.advance(active('last'));
  expect(written()).toEqual([]);
  await ledger.advance(active('other'));
  await ledger.advance(active('other'));
  expect(written()).toEqual(['other', 'other']);
});

describe('a write that is under way', () => {
  let answer: () => void;

  beforeEach(async () => {
    await open('b');
    await pass(900);
    await shared.open('a', { keepFor: DAY });
    shared.answer = new Promise((resolve) => (answer = resolve));
    void ledger.advance(active('a'));
    await ledger.advance(active('b'));
    shared.answer = Promise.resolve();
  });
  afterEach(() => answer());

  test('is not repeated when another session is due', async () => {
    await pass(100);
    expect(written()).toEqual(['a', 'b']);
  });

  test('does not keep the timer busy', async () => {
    const timers = jest.spyOn(globalThis, 'setTimeout');
    await pass(10 * SECOND);
    expect(timers.mock.calls.length).toBeLessThan(10);
  });
});

describe('after a failed write', () => {
  const failed = () => expect(ledger.advance(active('a', 0, 0))).rejects.toThrow('down');

  test('nothing is written before the next attempt is due', async () => {
    await open('b');
    await pass(500);
    await ledger.advance(active('b'));
    shared.down = true;
    for (let count = 0; count < 4; count += 1) await failed();
    shared.down = false;
    await pass(799);
    expect(written()).toEqual(['a', 'a', 'a', 'a']);
    await pass(1);
    expect(written()).toEqual(['a', 'a', 'a', 'a', 'b', 'a']);
  });

  test('the next attempt is for a session that waits', async () => {
    await open('b');
    shared.down = true;
    await failed();
    await pass(100);
    expect(written()).toEqual(['a', 'a']);
  });

  test('there is no next attempt if the session has ended', async () => {
    await shared.open('a', { keepFor: DAY });
    const idle = jest.getTimerCount();
    shared.down = true;
    await failed();
    shared.down = false;
    await ledger.end('a', { reason: 'signed-out', keepFor: DAY });
    await open('b');
    await pass(100);
    await ledger.advance(active('b'));
    await pass(10 * SECOND);
    expect(written()).toEqual(['a', 'b']);
    expect(jest.getTimerCount()).toBe(idle);
  });
});
