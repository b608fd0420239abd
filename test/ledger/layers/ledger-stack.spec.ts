import { jest } from '@jest/globals';
import type { Activity } from '../../../src/ledger/activity-ledger.js';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { layered } from '../../../src/ledger/layers/ledger-stack.js';
import { ManualClock } from '../../../src/testing/index.js';
import { DAY } from '../../support/time.js';

const active = [{ key: 'a', idleFor: 0, keepFor: DAY }];

/** A ledger that answers later, and notes its writes. */
class LaterLedger extends MemoryLedger {
  override readonly runId = 'run';
  writes = 0;

  constructor(
    override readonly shared: never,
    readonly clock: ManualClock | undefined,
  ) {
    super({ clock });
  }

  override advance(activities: readonly Activity[]) {
    this.writes += 1;
    return Promise.resolve(super.advance(activities)) as never;
  }
}

/** A ledger with its layers. Two clocks: that of the ledger, if it has one, and that of the application. */
function stack(shared: boolean, hasClock = false) {
  const application = new ManualClock();
  const own = new ManualClock();
  const observed: string[] = [];
  const inner = new LaterLedger(shared as never, hasClock ? own : undefined);
  const ledger = layered(inner, {
    timeout: 100,
    onFailure: () => {},
    observe: (operation) => observed.push(operation),
    touchInterval: 1000,
    clock: application,
  });
  return { ledger, inner, application, own, observed };
}

test.each([true, false])('the layers show what the ledger is: shared is %j', (shared) => {
  const { ledger, own } = stack(shared, true);
  expect(ledger).toMatchObject({ shared, runId: 'run', clock: own });
});

test.each([
  [true, 1],
  [false, 2],
])('later activity waits only for a shared ledger: if that is %j, there are %d writes', async (shared, writes) => {
  const { ledger, inner, observed, application } = stack(shared);
  await ledger.open('a', { keepFor: DAY });
  application.advance(1000);
  await ledger.advance(active);
  await ledger.advance(active);
  expect(inner.writes).toBe(writes);
  expect(observed).toEqual(Array(writes).fill('advance'));
  await ledger.close?.();
});

test.each(['own', 'application'] as const)(
  'the waiting is timed by the clock of the ledger, or else that of the application: %s',
  async (which) => {
    const { ledger, inner, ...clocks } = stack(true, which === 'own');
    await ledger.open('a', { keepFor: DAY });
    clocks[which].advance(1000);
    await ledger.advance(active);
    clocks[which].advance(999);
    await ledger.advance(active);
    expect(inner.writes).toBe(1);
    clocks[which].advance(1);
    await ledger.advance(active);
    expect(inner.writes).toBe(2);
    await ledger.close?.();
  },
);

test('a ledger that nobody observes works the same', async () => {
  const inner = new LaterLedger(false as never, undefined);
  const ledger = layered(inner, { timeout: 100, onFailure: () => {}, touchInterval: 1, clock: new ManualClock() });
  await ledger.advance(active);
  expect(inner.writes).toBe(1);
});

test.each([true, false])('the layers close the ledger: shared is %j', async (shared) => {
  const { ledger, inner } = stack(shared);
  const close = jest.spyOn(inner, 'close');
  await ledger.close?.();
  expect(close).toHaveBeenCalledTimes(1);
});

test('the layers around a ledger that has nothing to close can be closed', async () => {
  const { ledger, inner } = stack(false);
  inner.close = undefined as never;
  expect(await ledger.close?.()).toBeUndefined();
});

test('a ledger that does not answer in time has failed, and that is told', async () => {
  const failures: string[] = [];
  const inner = new LaterLedger(false as never, undefined);
  inner.read = () => new Promise(() => {}) as never;
  const ledger = layered(inner, {
    timeout: 1,
    onFailure: ({ message }) => void failures.push(message),
    touchInterval: 1,
    clock: new ManualClock(),
  });
  await expect(ledger.read('a')).rejects.toThrow('did not answer within 1 ms');
  expect(failures).toEqual(['the session ledger did not answer within 1 ms']);
});
