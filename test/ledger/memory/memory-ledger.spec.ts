import { jest } from '@jest/globals';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { ManualClock } from '../../../src/testing/index.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../support/time.js';

const keepFor = DAY;

describe('the memory ledger', () => {
  test('lengthens no session if the wall clock is set back', () => {
    const clock = new ManualClock();
    const ledger = new MemoryLedger({ clock });
    ledger.open('key', { keepFor });
    clock.advance(10 * MINUTE);
    ledger.read('key');
    clock.advance(-HOUR);
    expect(ledger.read('key')).toMatchObject({ sessionAge: 10 * MINUTE, idleFor: 10 * MINUTE });
    clock.advance(5 * MINUTE);
    expect(ledger.read('key')).toMatchObject({ sessionAge: 15 * MINUTE, idleFor: 15 * MINUTE });
  });

  test.each([
    ['a clock', new ManualClock()],
    ['nothing', null],
    ['a date as the clock', { clock: new Date() }],
    ['a number', 5],
  ])('refuses %s in place of its options', (_what, given) => {
    expect(() => new MemoryLedger(given as never)).toThrow(/^new MemoryLedger\(\{ clock \}\) takes/);
  });

  test('removes expired records by itself, some at a time, and then stops its timer', () => {
    jest.useFakeTimers();
    try {
      const clock = new ManualClock();
      const ledger = new MemoryLedger({ clock });
      for (let i = 0; i < 5000; i += 1) ledger.open(`short ${i}`, { keepFor: MINUTE });
      ledger.end('tombstone', { reason: 'idle', keepFor: HOUR });
      expect(jest.getTimerCount()).toBe(1);

      clock.advance(MINUTE);
      jest.advanceTimersByTime(SECOND);
      expect(ledger.size).toBeLessThan(5001);
      expect(ledger.size).toBeGreaterThan(4001);
      jest.advanceTimersByTime(MINUTE);
      expect(ledger.size).toBe(1);
      expect(ledger.read('tombstone')).toMatchObject({ state: 'ended', reason: 'idle' });

      clock.advance(HOUR);
      jest.advanceTimersByTime(MINUTE);
      expect(ledger.size).toBe(0);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test('clears its timer when it is closed, and can still be used', () => {
    jest.useFakeTimers();
    try {
      const ledger = new MemoryLedger({ clock: new ManualClock() });
      ledger.open('key', { keepFor });
      ledger.close();
      expect(jest.getTimerCount()).toBe(0);
      expect(ledger.read('key')).toMatchObject({ state: 'open' });
    } finally {
      jest.useRealTimers();
    }
  });

  test('does not return expired records that are not removed yet', () => {
    const clock = new ManualClock();
    const ledger = new MemoryLedger({ clock });
    ledger.open('key', { user: 'alice', keepFor: MINUTE });
    clock.advance(MINUTE);
    expect(ledger.read('key')).toBeUndefined();
    ledger.advance([{ key: 'key', idleFor: 0, keepFor }]);
    expect(ledger.read('key')).toBeUndefined();
    expect(ledger.open('key', { user: 'bob', keepFor })).toMatchObject({ sessionAge: 0, user: 'bob' });
    ledger.close();
  });

  test('says for how long a session has been over, and is not shared', () => {
    const clock = new ManualClock();
    const ledger = new MemoryLedger({ clock });
    ledger.open('a', { keepFor: DAY });
    ledger.end('a', { reason: 'idle', keepFor: DAY });
    clock.advance(MINUTE);
    expect(ledger.read('a')).toMatchObject({ state: 'ended', endedFor: MINUTE });
    expect(ledger.shared).toBe(false);
    ledger.close();
  });
});
