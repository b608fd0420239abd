import { initialState } from '../../../src/client/state/session-state.js';
import { askAt, backoff } from '../../../src/client/state/schedule.js';
import { MINUTE, SECOND } from '../../support/time.js';

const idleTimeout = 10 * MINUTE;

/** A page whose server last saw its user at 0, and that last heard of the server at `answeredAt`. */
const page = (activeAt: number, answeredAt: number) => ({
  ...initialState,
  phase: 'active' as const,
  idleTimeout,
  warnBefore: MINUTE,
  idleAt: idleTimeout,
  knownAt: 0,
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

describe('after failures', () => {
  const unknown = { ...initialState, idleTimeout: Infinity };
  const pauses = (state: typeof unknown, retryAfter = 0): number[] =>
    [1, 2, 3, 9].map((failures) => backoff({ ...state, failures }, 0, retryAfter, 1));

  test('it asks less and less often, and no sooner than the server wants', () => {
    expect(pauses(unknown)).toEqual([SECOND, 2 * SECOND, 4 * SECOND, 30 * SECOND]);
    expect(pauses(unknown, MINUTE)).toEqual([MINUTE, MINUTE, MINUTE, MINUTE]);
  });

  test('several attempts fit into the time that is left, more of them before the first answer', () => {
    expect(pauses(page(0, 0), 10 * MINUTE)).toEqual(Array(4).fill((10 * MINUTE) / 4));
    expect(pauses({ ...unknown, idleAt: MINUTE }, 10 * MINUTE)).toEqual(Array(4).fill(MINUTE / 16));
  });
});
