import { seconds, secondsOrNull } from '../../src/wire/seconds.js';

describe('a duration on the wire', () => {
  test.each([
    [0, 0],
    [1, 0.001],
    [1234.9, 1.234],
    [-0.5, -0.001],
  ])('of %d ms is %d seconds, never more than is left', (milliseconds, expected) => {
    expect(seconds(milliseconds)).toBe(expected);
    expect(secondsOrNull(milliseconds)).toBe(expected);
  });

  test.each([null, Infinity, NaN])('%p is null, because JSON has no such number', (value) => {
    expect(secondsOrNull(value)).toBeNull();
  });
});
