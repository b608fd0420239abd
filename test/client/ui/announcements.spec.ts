import { announcements } from '../../../src/client/ui/announcements.js';

describe('announcements', () => {
  /** What is said over a countdown, as pairs of what was left and what was said. */
  function said(from: number, step = 1): [number, number][] {
    const next = announcements();
    const told: [number, number][] = [];
    for (let left = from; left >= 0; left -= step) {
      const seconds = next(left);
      if (seconds !== undefined) told.push([left, seconds]);
    }
    return told;
  }

  test('begin at once and go on at the marks', () => {
    expect(said(118).map(([left]) => left)).toEqual([118, 60, 30, 20, 10]);
    expect(said(299).map(([left]) => left)).toEqual([299, 120, 60, 30, 20, 10]);
  });

  test('stop when no whole second is left', () => {
    expect(announcements()(0)).toBeUndefined();
  });

  test('leave out a mark that comes right after the beginning', () => {
    expect(said(62).map(([left]) => left)).toEqual([62, 30, 20, 10]);
  });

  test.each([1, 3, 7])('never say more than is left, with a tick of %d s', (step) => {
    for (let from = 1; from <= 300; from++) {
      const told = said(from, step);
      for (const [left, seconds] of told) expect(seconds).toBeLessThanOrEqual(left);
      expect(told.length).toBeLessThanOrEqual(6);
    }
  });
});
