import { jest } from '@jest/globals';
import { authAgeInData, authAgeOf } from '../../../src/enforcement/lifecycle/authentication.js';
import type { LiveSession, RequestState } from '../../../src/enforcement/lifecycle/request-session.js';
import { log } from '../../../src/enforcement/timelines/events/log.js';
import type { Settings } from '../../../src/options/settings.js';
import { MINUTE } from '../../support/time.js';

const NOW = 1_000_000_000;
const clock = { now: () => NOW };
const settings = { clock, authenticatedAt: (data: { at?: Date }) => data.at } as unknown as Settings;
const live = { authAt: NOW - 7 * MINUTE } as LiveSession;

/** How long ago the user authenticated, if the session says this about it. */
const ageWith = (at: unknown, request: { exists?: boolean; hasOldData?: boolean } = {}, by = settings) => {
  const { exists = true, hasOldData = false } = request;
  return authAgeOf({ http: { exists, data: { at } }, hasOldData } as unknown as RequestState, live, by) / MINUTE;
};
const ago = (minutes: number) => new Date(NOW - minutes * MINUTE);

test('the data of a session says when its user authenticated', () => {
  expect(ageWith(ago(3))).toBe(3);
});

test.each([undefined, null])('if it says %p, the timeline knows', (at) => {
  expect(ageWith(at)).toBe(7);
});

test('the timeline knows it if the application does not say it', () => {
  expect(ageWith(ago(3), {}, { clock } as Settings)).toBe(7);
});

test('data that was read before the session got its id is too old', () => {
  expect(ageWith(ago(3), { hasOldData: true })).toBe(7);
});

test('a request whose session is gone has no data', () => {
  expect(ageWith(ago(3), { exists: false })).toBe(7);
});

test.each([
  [1, 0],
  [5, 0],
  [5.001, 7],
])('a clock that is %d minutes ahead makes it %d minutes', (ahead, age) => {
  expect(ageWith(ago(-ahead))).toBe(age);
});

test.each(['2026-11-27', NOW, new Date(NaN)])('%p is no date, and counts as never', (at) => {
  expect(ageWith(at)).toBe(Infinity);
});

test('a value that is no date is warned of once for each function', () => {
  const warn = jest.spyOn(log, 'warn').mockImplementation(() => {});
  for (const returned of ['today', 'today']) {
    const by = { clock, authenticatedAt: () => returned } as unknown as Settings;
    for (let count = 0; count < 2; count += 1) ageWith(undefined, {}, by);
  }
  const text =
    'authenticatedAt has returned "today" instead of a date, which counts as never. Stores keep dates as text. Return ' +
    'new Date(…) of what is stored in the session.';
  expect(warn.mock.calls).toEqual([[text], [text]]);
  warn.mockRestore();
});

test('a new session counts a time in the future as now', () => {
  const age = (at: unknown) => authAgeInData({ data: { at } } as never, settings);
  expect([age(ago(3)), age(ago(-60)), age(undefined)]).toEqual([3 * MINUTE, 0, undefined]);
});
