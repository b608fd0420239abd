import { initialState } from '../../../src/client/state/session-state.js';
import {
  askAt,
  backoff,
  isUnreported,
  isWarningConfirmed,
  isWarningDue,
  patience,
  warnAt,
} from '../../../src/client/state/schedule.js';
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

test('after a failure, the server is asked again within an hour, whatever it says', () => {
  expect(backoff({ ...initialState, failures: 1 }, 0, Infinity, 1)).toBe(3_600_000);
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

describe('activity that the server does not know of', () => {
  test('is newer than what the server has said', () => {
    expect(isUnreported(page(1, 0))).toBe(true);
    expect(isUnreported(page(0, 0))).toBe(false);
  });

  test('matters only to a living session with an idle limit', () => {
    expect(isUnreported({ ...page(1, 0), phase: 'warning' })).toBe(true);
    expect(isUnreported({ ...page(1, 0), phase: 'anonymous' })).toBe(false);
    expect(isUnreported({ ...page(1, 0), idleTimeout: Infinity })).toBe(false);
  });
});

describe('the next question', () => {
  const quiet = page(0, 0);

  test('is when an answer is wanted, unless a newer question has been answered', () => {
    expect(askAt({ ...quiet, wantedAt: 5 }, 0)).toBe(5);
    expect(askAt({ ...page(0, 5), wantedAt: 5 }, 0)).toBe(9 * MINUTE);
    expect(askAt({ ...initialState, wantedAt: 5 }, 0)).toBe(5);
  });

  test('is never if nobody is signed in and nothing is wanted', () => {
    expect(askAt({ ...quiet, phase: 'anonymous' }, 0)).toBe(Infinity);
  });

  test('is before the warning, and again at the end', () => {
    expect(askAt(quiet, 0)).toBe(9 * MINUTE);
    expect(askAt(page(0, 9 * MINUTE), 0)).toBe(10 * MINUTE);
  });

  test('at the end is not sent again at once', () => {
    expect(askAt(page(0, 10 * MINUTE), 0)).toBe(10 * MINUTE + 250);
  });

  test('comes apart from those of other tabs, but by no more than a tenth of the warning', () => {
    expect(askAt(quiet, 800)).toBe(9 * MINUTE + 800);
    expect(askAt(quiet, MINUTE)).toBe(9 * MINUTE + 6 * SECOND);
  });

  test('reports activity a minute after the last answer at the latest', () => {
    expect(askAt({ ...page(SECOND, 0), idleTimeout: 60 * MINUTE, idleAt: 60 * MINUTE }, 0)).toBe(MINUTE);
    expect(askAt({ ...page(SECOND, 0), idleTimeout: 5 * MINUTE, idleAt: 5 * MINUTE }, 0)).toBe(30 * SECOND);
  });

  test('waits as long as a failure demands', () => {
    expect(askAt({ ...quiet, wantedAt: 5, retryAt: 7 * SECOND }, 0)).toBe(7 * SECOND);
  });
});

describe('an answer is waited for', () => {
  test.each([
    [10 * MINUTE, 3 * SECOND],
    [6 * SECOND, 2 * SECOND],
    [2 * SECOND, SECOND],
    [1, SECOND],
    [0, 3 * SECOND],
    [-5, 3 * SECOND],
  ])('with %d ms left, %d ms', (left, expected) => {
    expect(patience(page(0, 0), idleTimeout - left)).toBe(expected);
  });
});

describe('the pause after a failure', () => {
  const failing = { ...page(0, 0), failures: 1 };

  test('differs by chance, by a quarter at most', () => {
    expect(backoff(failing, 0, 0, 0)).toBe(750);
    expect(backoff(failing, 0, 0, 1)).toBe(SECOND);
  });

  test('is shorter with a short limit', () => {
    expect(backoff({ ...failing, idleTimeout: 4 * SECOND, idleAt: 4 * SECOND }, 0, 0, 1)).toBe(500);
  });

  test('is never shorter than the first one, however near the end', () => {
    expect(backoff({ ...failing, failures: 9 }, idleTimeout - SECOND, 0, 1)).toBe(SECOND);
  });

  test('is not limited any more once the end has passed', () => {
    expect(backoff({ ...failing, failures: 9 }, idleTimeout, 0, 1)).toBe(30 * SECOND);
    expect(backoff({ ...failing, failures: 9 }, idleTimeout + 1, 0, 1)).toBe(30 * SECOND);
  });
});

describe('the warning', () => {
  const due = 9 * MINUTE;
  /** A page that asked when the warning was due. */
  const asked = page(0, due);

  test('is due before the end', () => {
    expect(warnAt(asked)).toBe(due);
    expect(isWarningDue(asked, due - 1)).toBe(false);
    expect(isWarningDue(asked, due)).toBe(true);
  });

  test('needs an answer from about that time', () => {
    expect(isWarningConfirmed(page(0, due - 249))).toBe(true);
    expect(isWarningConfirmed(page(0, due - 250))).toBe(false);
    expect(isWarningDue(page(0, 0), due)).toBe(false);
  });

  test('comes without an answer if the server does not answer', () => {
    expect(isWarningDue({ ...page(0, 0), failures: 1 }, due)).toBe(true);
  });

  test.each(['warning', 'anonymous', 'unknown', 'signing-out', 'signing-out-elsewhere'] as const)(
    'does not come in the phase %s',
    (phase) => {
      expect(isWarningDue({ ...asked, phase }, due)).toBe(false);
    },
  );

  test('does not come while recent activity is on its way, unless that fails again and again', () => {
    const active = { ...asked, activeAt: due - SECOND };
    expect(isWarningDue(active, due)).toBe(false);
    expect(isWarningDue({ ...active, failures: 2 }, due)).toBe(false);
    expect(isWarningDue({ ...active, failures: 3 }, due)).toBe(true);
  });

  test('comes in spite of activity that would not move the end far enough', () => {
    expect(isWarningDue({ ...asked, activeAt: 1 }, due)).toBe(false);
    expect(isWarningDue({ ...asked, activeAt: 1 }, due + 1)).toBe(true);
  });

  test('comes in spite of activity before the absolute limit', () => {
    expect(isWarningDue({ ...asked, absoluteAt: idleTimeout, activeAt: due - SECOND }, due)).toBe(true);
  });
});
