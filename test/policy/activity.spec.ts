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
    expect(lastActivity(activeAt, noted(times), LIMIT)).toBe(last);
  });

  test('does not count if its report comes after the end of the session', () => {
    expect(lastActivity(0, addActivity([], 60, LIMIT, 99), LIMIT)).toBe(60);
    expect(lastActivity(0, addActivity([], 60, LIMIT, 100), LIMIT)).toBe(0);
    expect(lastActivity(0, addActivity(addActivity([], 60, LIMIT, 90), 150, LIMIT, 160), LIMIT)).toBe(60);
  });

  test('is kept as one stretch as long as there is no pause', () => {
    expect(noted([0, 60, 30, 120, 300])).toEqual([
      { from: 0, to: 120, idleTimeout: LIMIT },
      { from: 300, to: 300, idleTimeout: LIMIT },
    ]);
  });

  test('is judged by the limit of its request', () => {
    const short = addActivity([], 60, 50);
    expect(lastActivity(0, short, LIMIT)).toBe(0);
    expect(lastActivity(0, addActivity([], 60, false), LIMIT)).toBe(60);
    expect(lastActivity(0, addActivity(addActivity([], 40, 50), 100, 50), LIMIT)).toBe(40);
  });

  test('is judged by the limit as it is known later, if nobody knew it', () => {
    const SHORTEST = 20;
    const times = [90, 100, 180];
    const stretches = times.reduce<Stretch[]>((so, at) => addActivity(so, at, undefined, at, SHORTEST), []);
    expect(stretches.map(({ from, to }) => [from, to])).toEqual([
      [90, 100],
      [180, 180],
    ]);
    expect(lastActivity(0, stretches, LIMIT)).toBe(180);
    expect(lastActivity(0, stretches, 80)).toBe(0);
    expect(lastActivity(50, stretches, 80)).toBe(100);
    expect(lastActivity(0, stretches, false)).toBe(180);
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
        expect(lastActivity(0, stretches, LIMIT)).toBe(active);
      }),
      { numRuns: 1000 },
    );
  });
});
