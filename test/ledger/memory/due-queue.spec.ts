import { DueQueue } from '../../../src/ledger/memory/due-queue.js';
import { drained } from './support/drained.js';

test('keeps the order of ten thousand rows, and can be used again when it was emptied or cleared', () => {
  const queue = new DueQueue();
  const times = Array.from({ length: 10_000 }, (_, row) => (row * 7919) % 10_007);
  for (let round = 0; round < 3; round += 1) {
    for (const [row, time] of times.entries()) queue.set(row, time);
    expect(queue.size).toBe(10_000);
    if (round === 1) queue.clear();
    else expect(drained(queue).map((row) => times[row])).toEqual(times.toSorted((a, b) => a - b));
    expect([queue.size, queue.first(Infinity)]).toEqual([0, undefined]);
  }
});

describe('a row', () => {
  let queue: DueQueue;
  beforeEach(() => (queue = new DueQueue()));

  test('is due at its time, and not before', () => {
    queue.set(7, 100);
    expect([queue.first(99), queue.first(100), queue.size]).toEqual([undefined, 7, 1]);
  });

  test('that is moved is there once', () => {
    queue.set(1, 100);
    queue.set(2, 200);
    queue.set(1, 300);
    expect([queue.size, drained(queue)]).toEqual([2, [2, 1]]);
  });

  test('that is never due is not there', () => {
    queue.set(1, 100);
    queue.set(1, Infinity);
    queue.set(2, Infinity);
    queue.set(3, NaN);
    expect([queue.size, queue.first(Infinity)]).toEqual([0, undefined]);
  });

  test('can be deleted twice, or without having been there', () => {
    for (const row of [1, 2, 3]) queue.set(row, row);
    queue.delete(2);
    queue.delete(2);
    queue.delete(9);
    expect([queue.size, drained(queue)]).toEqual([2, [1, 3]]);
  });

  test('from the middle leaves the others in order', () => {
    const times = [10, 50, 20, 60, 70, 30, 40];
    for (const gone of times.keys()) {
      const some = new DueQueue();
      for (const [row, time] of times.entries()) some.set(row, time);
      some.delete(gone);
      expect(drained(some).map((row) => times[row])).toEqual(
        times.filter((_time, row) => row !== gone).toSorted((a, b) => a - b),
      );
    }
  });
});
