import { jest } from '@jest/globals';
import { ServerClock } from '../../../src/ledger/server/server-clock.js';
import { SECOND } from '../../support/time.js';

/** How far the server's clock is ahead. */
const AHEAD = 1_000_000;

let clock: ServerClock;
let ahead: number;

beforeEach(() => {
  jest.useFakeTimers();
  clock = new ServerClock();
  ahead = AHEAD;
});
afterEach(() => {
  jest.useRealTimers();
});

const serverTime = () => performance.now() + ahead;
const pass = (milliseconds: number) => jest.advanceTimersByTime(milliseconds);

/** A command and its answer. The server answers between the two ways. */
function ask(there = 1, back = 1): void {
  const askedAt = performance.now();
  pass(there);
  const time = serverTime();
  pass(back);
  clock.learn(askedAt, time);
}

/** How far the reading is off, and how far it says that it may be. */
function reading() {
  const { now, uncertainty } = clock.reading() ?? { now: NaN, uncertainty: NaN };
  return { error: Math.abs(now - serverTime()), uncertainty };
}

test('knows nothing before the first answer', () => {
  expect(clock.reading()).toBeUndefined();
  expect(clock.latest()).toBe(Infinity);
});

test.each([
  [0, 0],
  [1, 9],
  [9, 1],
  [20, 20],
])('is off by at most its uncertainty, with ways of %d and %d ms', (there, back) => {
  ask(there, back);
  for (let i = 0; i < 9; i += 1) {
    const { error, uncertainty } = reading();
    expect(error).toBeLessThanOrEqual(uncertainty + 1e-6);
    expect(uncertainty).toBeLessThanOrEqual((there + back) / 2 + i + 1e-6);
    expect(clock.latest()).toBeGreaterThanOrEqual(serverTime());
    pass(SECOND);
  }
});

test('allows for clocks that drift apart', () => {
  ask(0, 0);
  for (let i = 0; i < 9; i += 1) {
    pass(SECOND);
    ahead += 0.9;
    const { error, uncertainty } = reading();
    expect(error).toBeLessThanOrEqual(uncertainty);
  }
});

test('has to learn again after ten seconds', () => {
  ask();
  pass(10 * SECOND);
  expect(clock.reading()).toBeDefined();
  pass(1);
  expect(clock.reading()).toBeUndefined();
  ask();
  expect(clock.reading()).toBeDefined();
});

test('is of no use after a slow answer', () => {
  ask(50, 60);
  expect(clock.reading()).toBeUndefined();
});

test('learns nothing from an answer that is slower than what it knows', () => {
  pass(60 * SECOND);
  ask(1, 1);
  ask(10, 30);
  expect(reading().uncertainty).toBeLessThan(2);
});

test('does not stay fresh because of slow answers', () => {
  ask(1, 1);
  for (let i = 0; i < 11; i += 1) {
    pass(SECOND);
    if (i < 9) ask(60, 60);
  }
  expect(clock.reading()).toBeUndefined();
});

test.each([5 * SECOND, -5 * SECOND])('believes the next answer after the server was set by %d ms', (step) => {
  ask(1, 1);
  ahead += step;
  expect(reading().error).toBeCloseTo(5 * SECOND, 0);
  ask(10, 30);
  expect(reading().error).toBeLessThanOrEqual(20);
  expect(clock.latest()).toBeGreaterThanOrEqual(serverTime());
});

test('knows nothing after this machine was suspended, or its clock set', () => {
  ask();
  jest.setSystemTime(Date.now() + 60 * SECOND);
  expect(clock.reading()).toBeUndefined();
  expect(clock.latest()).toBe(Infinity);
  ask();
  expect(clock.reading()).toBeDefined();
});

test('ignores an answer without a time', () => {
  ask();
  clock.learn(performance.now(), NaN);
  expect(reading().error).toBeLessThanOrEqual(1);
});

describe('in detail', () => {
  test('a reading is in the middle of what is possible, which widens by a thousandth', () => {
    ask(1, 1);
    expect(reading().uncertainty).toBeCloseTo(1);
    expect(clock.latest()).toBeCloseTo(serverTime() + 1);
    pass(5 * SECOND);
    expect(reading().error).toBeCloseTo(0);
    expect(reading().uncertainty).toBeCloseTo(6);
    expect(clock.latest()).toBeCloseTo(serverTime() + 6);
  });

  test('a reading may be off by 50 ms', () => {
    ask(50, 50);
    expect(reading().uncertainty).toBe(50);
    ask(51, 50);
    pass(1);
    expect(clock.reading()).toBeUndefined();
  });

  test('a slow answer counts once the last one is too old', () => {
    ask(1, 1);
    pass(10 * SECOND);
    ask(10, 30);
    expect(reading().uncertainty).toBeCloseTo(20);
  });

  test.each([20, -20])('the clock of this machine may differ by %d ms', (step) => {
    ask();
    jest.setSystemTime(Date.now() + step);
    expect(clock.reading()).toBeDefined();
    jest.setSystemTime(Date.now() + Math.sign(step));
    expect(clock.reading()).toBeUndefined();
  });

  test.each([Infinity, -Infinity])('an answer with the time %d is ignored', (time) => {
    clock.learn(performance.now(), time);
    expect(clock.reading()).toBeUndefined();
    expect(clock.latest()).toBe(Infinity);
  });

  test.each([45, -45])('a slow answer is believed only if it contradicts what is known: set by %d ms', (step) => {
    ask(1, 1);
    ahead += step;
    ask(20, 20);
    expect(reading().uncertainty).toBeCloseTo(20);
    ask(1, 1);
    ahead += step / 5;
    ask(20, 20);
    expect(reading().uncertainty).toBeLessThan(2);
  });
});
