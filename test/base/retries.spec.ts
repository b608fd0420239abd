import { jest } from '@jest/globals';
import { Retries } from '../../src/base/retries.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const SECOND = 1000;

test('later work begins in a second, and is tried again until it succeeds', async () => {
  const retries = new Retries();
  let attempts = 0;
  retries.later('it', () => {
    attempts += 1;
    if (attempts < 3) throw new Error('away');
  });
  expect(attempts).toBe(0);
  await jest.advanceTimersByTimeAsync(SECOND);
  expect(attempts).toBe(1);
  await jest.advanceTimersByTimeAsync(10 * SECOND);
  expect(attempts).toBe(3);
});

test('later work replaces work of the same name', async () => {
  const retries = new Retries();
  const done: string[] = [];
  retries.later('it', () => done.push('first'));
  retries.later('it', () => done.push('second'));
  await jest.advanceTimersByTimeAsync(5 * SECOND);
  expect(done).toEqual(['second']);
});

test('work whose first attempt fails tells its caller, and is tried again', async () => {
  const retries = new Retries();
  const work = jest.fn<() => string>();
  work.mockImplementationOnce(() => {
    throw new Error('away');
  });
  await expect(retries.insistOn('it', work)).rejects.toThrow('away');
  await jest.advanceTimersByTimeAsync(SECOND);
  expect(work).toHaveBeenCalledTimes(2);
});

test('what is still open is tried once more when the application closes', async () => {
  const retries = new Retries();
  const work = jest.fn();
  retries.later('it', work);
  await retries.stop();
  await jest.advanceTimersByTimeAsync(5 * SECOND);
  expect(work).toHaveBeenCalledTimes(1);
});
