import {
  endOf,
  initialState,
  isConcealed,
  limitOf,
  isLive,
  type SessionState,
} from '../../../src/client/state/session-state.js';

const live: SessionState = {
  ...initialState,
  phase: 'active',
  seen: true,
  answeredAt: 0,
  idleAt: 600,
  absoluteAt: 900,
};

describe('the end of a session', () => {
  test('is the limit that comes first', () => {
    expect(endOf(live)).toBe(600);
    expect(endOf({ ...live, absoluteAt: 500 })).toBe(500);
    expect(endOf(initialState)).toBe(Infinity);
  });

  test('moves with activity only if that is the idle limit', () => {
    expect(limitOf(live)).toBe('idle');
    expect(limitOf({ ...live, absoluteAt: 600 })).toBe('absolute');
    expect(limitOf({ ...live, absoluteAt: 500 })).toBe('absolute');
  });
});

describe('a page', () => {
  test.each<[SessionState['phase'], boolean, boolean]>([
    ['unknown', false, false],
    ['anonymous', false, false],
    ['active', true, false],
    ['warning', true, false],
    ['signing-out', false, true],
    ['signing-out-elsewhere', false, true],
    ['expired', false, true],
  ])('in the phase %s: the session goes on: %j, the page is hidden: %j', (phase, goesOn, hidden) => {
    const state = { ...live, phase } as SessionState;
    expect(isLive(state)).toBe(goesOn);
    expect(isConcealed(state, 0)).toBe(hidden);
  });

  test('is hidden as soon as its session may have ended', () => {
    expect(isConcealed(live, 599)).toBe(false);
    expect(isConcealed(live, 600)).toBe(true);
    expect(isConcealed({ ...live, phase: 'unknown' }, 600)).toBe(true);
  });

  test('is hidden after a doubt, until a newer question is answered', () => {
    expect(isConcealed({ ...live, doubtedAt: 5 }, 10)).toBe(true);
    expect(isConcealed({ ...live, doubtedAt: 5, answeredAt: 5 }, 10)).toBe(false);
    expect(isConcealed({ ...initialState, doubtedAt: 5 }, 10)).toBe(true);
  });

  test('is not hidden by a doubt if nothing ends its session', () => {
    expect(isConcealed({ ...live, seen: false, doubtedAt: 5 }, 10)).toBe(false);
  });

  test('of visitors is never hidden', () => {
    expect(isConcealed({ ...live, phase: 'anonymous', doubtedAt: 5 }, 1000)).toBe(false);
  });
});
