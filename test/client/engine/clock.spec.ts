import { pageClock } from '../../../src/client/engine/clock.js';

/** Two clocks of a machine, and one that watches both. */
function machine() {
  const times = { monotonic: 5000, wall: 1_700_000_000_000 };
  const clock = pageClock(
    () => times.monotonic,
    () => times.wall,
  );
  const start = clock.now();
  return {
    clock,
    passed: () => clock.now() - start,
    pass(milliseconds: number, { wall = milliseconds } = {}) {
      times.monotonic += milliseconds;
      times.wall += wall;
    },
  };
}

test('counts time', () => {
  const { clock, pass, passed } = machine();
  pass(1500);
  expect(passed()).toBe(1500);
  expect(clock.jumped()).toBe(false);
});

test('counts sleep if only the wall clock goes on', () => {
  const { clock, pass, passed } = machine();
  pass(100, { wall: 3_600_100 });
  expect(passed()).toBe(3_600_100);
  expect(clock.jumped()).toBe(true);
  expect(clock.jumped()).toBe(false);
});

test('counts sleep if both clocks go on', () => {
  const { clock, pass, passed } = machine();
  pass(3_600_000);
  expect(passed()).toBe(3_600_000);
  expect(clock.jumped()).toBe(false);
});

test('loses no time when the clock is set back, then or later', () => {
  const { clock, pass, passed } = machine();
  pass(1000, { wall: -3_600_000 });
  expect(passed()).toBe(1000);
  expect(clock.jumped()).toBe(true);
  pass(500);
  expect(passed()).toBe(1500);
  pass(0, { wall: 60_000 });
  expect(passed()).toBe(61_500);
});

test('does not add up the rounding of the wall clock', () => {
  const { pass, passed } = machine();
  for (let step = 0; step < 1000; step++) pass(10, { wall: step % 2 === 0 ? 11 : 9 });
  expect(passed()).toBe(10_000);
});
