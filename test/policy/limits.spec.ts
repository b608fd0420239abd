import {
  clampWarning,
  extendsTenTimes,
  keepRecordFor,
  keepTombstoneFor,
  longerLimits,
  mayGoUntouched,
  shorterLimit,
  touchIntervalFor,
  warnsLongEnough,
} from '../../src/policy/limits.js';
import { DAY, HOUR, MINUTE, SECOND } from '../support/time.js';

const both = { idleTimeout: MINUTE, absoluteTimeout: HOUR };
const idleOnly = { idleTimeout: MINUTE, absoluteTimeout: false } as const;
const absoluteOnly = { idleTimeout: false, absoluteTimeout: HOUR } as const;
const none = { idleTimeout: false, absoluteTimeout: false } as const;

test('the shorter limit is the one that is on', () => {
  expect(shorterLimit(both)).toBe(MINUTE);
  expect(shorterLimit({ idleTimeout: HOUR, absoluteTimeout: MINUTE })).toBe(MINUTE);
  expect(shorterLimit(idleOnly)).toBe(MINUTE);
  expect(shorterLimit(absoluteOnly)).toBe(HOUR);
  expect(shorterLimit(none)).toBe(Infinity);
});

describe('the longer of two pairs of limits', () => {
  test('has the longer of each, and no limit is longer than any', () => {
    const others = { idleTimeout: 2 * MINUTE, absoluteTimeout: MINUTE };
    expect(longerLimits(both, others)).toEqual({ idleTimeout: 2 * MINUTE, absoluteTimeout: HOUR });
    expect(longerLimits(others, both)).toEqual({ idleTimeout: 2 * MINUTE, absoluteTimeout: HOUR });
    expect(longerLimits(both, idleOnly)).toEqual(idleOnly);
    expect(longerLimits(idleOnly, both)).toEqual(idleOnly);
    expect(longerLimits(both, none)).toEqual(none);
  });

  test('is the first pair itself if nothing in it changes', () => {
    expect(longerLimits(both, { ...both })).toBe(both);
    expect(longerLimits(both, { idleTimeout: 1, absoluteTimeout: 1 })).toBe(both);
    expect(longerLimits(none, both)).toBe(none);
  });
});

test('the warning takes at most half of the shorter limit', () => {
  expect(clampWarning(2 * MINUTE, both)).toBe(MINUTE / 2);
  expect(clampWarning(10 * SECOND, both)).toBe(10 * SECOND);
  expect(clampWarning(2 * MINUTE, absoluteOnly)).toBe(2 * MINUTE);
  expect(clampWarning(DAY, none)).toBe(DAY);
});

test('a record is kept a day longer than the shorter limit, and a tombstone as long as a session may last', () => {
  const warnBefore = SECOND;
  expect(keepRecordFor({ ...both, warnBefore })).toBe(DAY + MINUTE);
  expect(keepRecordFor({ idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR, warnBefore })).toBe(15 * MINUTE + DAY);
  expect(keepRecordFor({ ...none, warnBefore })).toBe(Infinity);
  expect(keepTombstoneFor({ absoluteTimeout: 2 * DAY })).toBe(2 * DAY);
  expect(keepTombstoneFor({ absoluteTimeout: 30 * DAY })).toBe(30 * DAY);
  expect(keepTombstoneFor({ absoluteTimeout: HOUR })).toBe(DAY);
  expect(keepTombstoneFor({ absoluteTimeout: false })).toBe(DAY);
});

test('activity is written twenty times in the idle limit, and every 30 seconds at least', () => {
  expect(touchIntervalFor(MINUTE)).toBe(3 * SECOND);
  expect(touchIntervalFor(HOUR)).toBe(30 * SECOND);
  expect(touchIntervalFor(false)).toBe(30 * SECOND);
  expect(touchIntervalFor(HOUR, SECOND)).toBe(SECOND);
});

test('a row may go untouched if it outlives the shorter limit after the longest pause between touches', () => {
  expect(mayGoUntouched(MINUTE + SECOND + 1, SECOND, both)).toBe(true);
  expect(mayGoUntouched(MINUTE + SECOND, SECOND, both)).toBe(false);
  expect(mayGoUntouched(DAY, SECOND, none)).toBe(false);
});

test('WCAG 2.2.1 asks for a warning of 20 seconds, and for ten extensions or more than 20 hours', () => {
  expect(warnsLongEnough({ warnBefore: 20 * SECOND })).toBe(true);
  expect(warnsLongEnough({ warnBefore: 20 * SECOND - 1 })).toBe(false);
  expect(extendsTenTimes({ idleTimeout: MINUTE, absoluteTimeout: 10 * MINUTE })).toBe(true);
  expect(extendsTenTimes({ idleTimeout: MINUTE, absoluteTimeout: 10 * MINUTE - 1 })).toBe(false);
  expect(extendsTenTimes({ idleTimeout: 10 * HOUR, absoluteTimeout: 20 * HOUR + 1 })).toBe(true);
  expect(extendsTenTimes({ idleTimeout: 10 * HOUR, absoluteTimeout: 20 * HOUR })).toBe(false);
  expect(extendsTenTimes(idleOnly)).toBe(true);
  expect(extendsTenTimes(absoluteOnly)).toBe(true);
});
