import fc from 'fast-check';
import { addActivity, lastActivity, mergeReport, type Stretch } from '../../src/policy/activity.js';

test('property: a report moves activity forward only, and never past the present', () => {
  const duration = fc.double({ min: 0, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(duration, fc.double({ min: -1e12, max: 1e12, noNaN: true }), (idleFor, reported) => {
      const merged = mergeReport(idleFor, reported);
      expect(merged).toBeLessThanOrEqual(idleFor);
      expect(merged).toBeGreaterThanOrEqual(0);
    }),
  );
});

describe('activity that is judged afterwards', () => {
  const LIMIT = 100;
  const noted = (times: readonly number[]) =>
    times.reduce<Stretch[]>((stretches, at) => addActivity(stretches, at, LIMIT), []);

  test.each([
    ['connects to what was judged', 0, [50, 120, 200], 200],
    ['does not count after a pause as long as the limit', 0, [100], 0],
    ['counts just before that', 0, [99], 99],
    ['does not count after a pause in between', 0, [50, 150, 160], 50],
    ['connects to activity that another instance has written meanwhile', 145, [50, 150, 160], 160],
    ['is older than what was judged', 200, [50, 120], 200],
    ['may come in any order', 0, [60, 50, 140], 140],
  ])('%s', (_what, activeAt, times, last) => {
    expect(lastActivity(activeAt, noted(times))).toBe(last);
  });

  test('is kept as one stretch as long as there is no pause', () => {
    expect(noted([0, 60, 30, 120, 300])).toEqual([
      { from: 0, to: 120, idleTimeout: LIMIT },
      { from: 300, to: 300, idleTimeout: LIMIT },
    ]);
  });

  test('is judged by the limit of its request', () => {
    const short = addActivity([], 60, 50);
    expect(lastActivity(0, short)).toBe(0);
    expect(lastActivity(0, addActivity([], 60, false))).toBe(60);
    expect(lastActivity(0, addActivity(addActivity([], 40, 50), 100, 50))).toBe(40);
  });

  test('property: ends the same sessions as judging each request at its time', () => {
    const request = fc.record({ pause: fc.nat({ max: 60 }), limit: fc.constantFrom(20, 50, LIMIT, false as const) });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), (requests) => {
        let [now, alive, active] = [0, true, 0];
        let stretches: Stretch[] = [];
        for (const { pause, limit } of requests) {
          now += pause;
          alive &&= limit === false || now - active < limit;
          if (alive) active = now;
          stretches = addActivity(stretches, now, limit);
        }
        expect(lastActivity(0, stretches)).toBe(active);
      }),
      { numRuns: 1000 },
    );
  });
});
