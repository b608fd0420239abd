import { initialState } from '../../../src/client/state/session-state.js';
import { askAt } from '../../../src/client/state/schedule.js';
import { MINUTE, SECOND } from '../../support/time.js';

const idleTimeout = 10 * MINUTE;

/** A page whose server last saw its user at 0, and that last heard of the server at `answeredAt`. */
const page = (activeAt: number, answeredAt: number) => ({
  ...initialState,
  phase: 'active' as const,
  idleTimeout,
  warnBefore: MINUTE,
  idleAt: idleTimeout,
  activeAt,
  answeredAt,
});

describe('activity is reported', () => {
  test('a tenth of the idle limit after the last answer', () => {
    expect(askAt(page(30 * SECOND, 0), 0)).toBe(MINUTE);
  });

  test('hardly later if other requests are answered, like those of a page that polls', () => {
    for (let answeredAt = 0; answeredAt < 5 * MINUTE; answeredAt += 5 * SECOND) {
      expect(askAt(page(answeredAt + SECOND, answeredAt), 0)).toBeLessThanOrEqual(75 * SECOND);
    }
  });

  test('at once after a time without activity', () => {
    expect(askAt(page(5 * MINUTE, 0), 0)).toBeLessThan(5 * MINUTE);
  });
});
