import type { LiveSession } from '../../../src/enforcement/lifecycle/request-session.js';
import { Touches } from '../../../src/enforcement/lifecycle/touches.js';
import type { Settings } from '../../../src/options/settings.js';
import { ManualClock } from '../../../src/testing/index.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../support/time.js';

const INTERVAL = 30 * SECOND;

let clock: ManualClock;
let touches: Touches;

beforeEach(() => {
  clock = new ManualClock();
  touches = new Touches({ clock, touchInterval: INTERVAL } as unknown as Settings);
});

const session = (idleTimeout: number | false = 15 * MINUTE, key = 'a') =>
  ({ key, limits: { idleTimeout, absoluteTimeout: 8 * HOUR } }) as LiveSession;

/** Whether the touch of a session whose row lives for a day is spared. */
const isSpared = (of = session(), lifetime = DAY) => touches.spares(of, lifetime);

test('the first touch is not spared', () => {
  expect(isSpared()).toBe(false);
});

test('for one interval after a touch, others of the same session are spared', () => {
  touches.note('a');
  expect([isSpared(), isSpared(session(undefined, 'b'))]).toEqual([true, false]);
  clock.advance(INTERVAL - 1);
  expect(isSpared()).toBe(true);
  clock.advance(1);
  expect(isSpared()).toBe(false);
});

test('a row that needs a touch gets it', () => {
  touches.note('a');
  touches.forget('a');
  expect(isSpared()).toBe(false);
});

test('a touch in the future, by a clock that was set back, spares nothing', () => {
  touches.note('a');
  clock.advance(-1);
  expect(isSpared()).toBe(false);
});

test('no touch is spared if the row might expire before the session', () => {
  touches.note('a');
  expect([isSpared(session(), 15 * MINUTE), isSpared(session(), HOUR)]).toEqual([false, true]);
  expect(isSpared(session(false), HOUR)).toBe(false);
});

test('a row lives for the longest idle limit that any request had', () => {
  touches.note('a');
  expect(isSpared(session(15 * MINUTE), HOUR)).toBe(true);
  expect(isSpared(session(2 * HOUR), HOUR)).toBe(false);
  expect(isSpared(session(15 * MINUTE), HOUR)).toBe(false);
});
