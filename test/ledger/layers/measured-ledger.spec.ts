import { describe, expect, jest, test } from '@jest/globals';
import type { ActivityLedger } from '../../../src/ledger/activity-ledger.js';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { MeasuredLedger } from '../../../src/ledger/layers/measured-ledger.js';

const opening = { keepFor: 1000 };

describe('a measured ledger', () => {
  test('does not measure immediate answers', () => {
    const observed: unknown[] = [];
    const ledger = new MeasuredLedger(new MemoryLedger(), (...what) => observed.push(what));
    expect(ledger.open('key', opening)).toMatchObject({ state: 'open' });
    expect(ledger.end('key', { reason: 'idle', keepFor: 1000 })).toBe(true);
    expect(ledger.read('key')).toMatchObject({ state: 'ended' });
    expect(observed).toEqual([]);
  });

  test('measures asynchronous answers and errors', async () => {
    const observed: unknown[] = [];
    const error = new Error('out of order');
    const users = { due: async () => ['key'], expire: () => Promise.reject(error) };
    const slow = { shared: true, read: async () => undefined, advance: () => Promise.reject(error), users };
    const ledger = new MeasuredLedger(slow as unknown as ActivityLedger, (...what) => observed.push(what));
    await expect(ledger.read('key')).resolves.toBeUndefined();
    await expect(ledger.advance([])).rejects.toBe(error);
    await expect(ledger.users?.due(10, 1000)).resolves.toEqual(['key']);
    await expect(ledger.users?.expire('key', opening)).rejects.toBe(error);
    expect(observed).toEqual([
      ['read', expect.any(Number)],
      ['advance', expect.any(Number), error],
      ['due', expect.any(Number)],
      ['expire', expect.any(Number), error],
    ]);
  });

  test('measures a failure at once, as of a ledger for which too many commands wait', () => {
    const observed: unknown[] = [];
    const error = new Error('too many commands');
    const full = {
      shared: true,
      read: () => {
        throw error;
      },
    };
    const ledger = new MeasuredLedger(full as unknown as ActivityLedger, (...what) => observed.push(what));
    expect(() => ledger.read('key')).toThrow(error);
    expect(observed).toEqual([['read', expect.any(Number), error]]);
  });

  test('measures each operation by its name', async () => {
    const observed: unknown[] = [];
    const later = async () => undefined;
    const users = { ofUser: later, claim: later, release: later, due: later, expire: later };
    const slow = { shared: true, open: later, read: later, advance: later, end: later, users };
    const ledger = new MeasuredLedger(slow as unknown as ActivityLedger, (operation) => observed.push(operation));
    await ledger.open('key', opening);
    await ledger.end('key', { reason: 'idle', keepFor: 1000 });
    await ledger.users?.ofUser('alice');
    await ledger.users?.claim('alice', 'key', { max: 1, evict: [] });
    await ledger.users?.release('alice', 'key');
    expect(observed).toEqual(['open', 'end', 'ofUser', 'claim', 'release']);
  });

  test('measures in seconds', async () => {
    jest.useFakeTimers();
    try {
      await jest.advanceTimersByTimeAsync(1000);
      const observed: unknown[] = [];
      const answer = (fails: boolean) => () =>
        new Promise<void>((resolve, reject) => setTimeout(fails ? () => reject(new Error('late')) : resolve, 250));
      const slow = { shared: true, read: answer(false), advance: answer(true) };
      const ledger = new MeasuredLedger(slow as unknown as ActivityLedger, (...what) => observed.push(what[1]));
      const failed = expect(ledger.advance([])).rejects.toThrow('late');
      const answered = ledger.read('key');
      await jest.advanceTimersByTimeAsync(250);
      await Promise.all([failed, answered]);
      expect(observed).toEqual([0.25, 0.25]);
    } finally {
      jest.useRealTimers();
    }
  });
});
