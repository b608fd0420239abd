import fc from 'fast-check';
import type { Limits } from '../../src/policy/limits.js';
import { judge } from '../../src/policy/verdict.js';
import { HOUR, MINUTE } from '../support/time.js';

const limits: Limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR, warnBefore: 2 * MINUTE };

describe('the verdict', () => {
  test('is alive before the limit, and ended at it', () => {
    expect(judge({ sessionAge: HOUR, idleFor: 15 * MINUTE - 1 }, limits)).toMatchObject({ alive: true, expiresIn: 1 });
    expect(judge({ sessionAge: HOUR, idleFor: 15 * MINUTE }, limits)).toEqual({ alive: false, reason: 'idle' });
    expect(judge({ sessionAge: 12 * HOUR - 1, idleFor: 0 }, limits)).toMatchObject({ alive: true, expiresIn: 1 });
    expect(judge({ sessionAge: 12 * HOUR, idleFor: 0 }, limits)).toEqual({ alive: false, reason: 'absolute' });
  });

  test.each([
    ['the idle limit was reached first', { sessionAge: 12 * HOUR + 1, idleFor: 15 * MINUTE + 2 }, 'idle'],
    ['the absolute limit was reached first', { sessionAge: 12 * HOUR + 2, idleFor: 15 * MINUTE + 1 }, 'absolute'],
    ['both at once', { sessionAge: 12 * HOUR, idleFor: 15 * MINUTE }, 'absolute'],
  ])('names the limit that was reached first: %s', (_case, timeline, reason) => {
    expect(judge(timeline, limits)).toEqual({ alive: false, reason });
  });

  test('says which limit comes next and whether activity extends it', () => {
    expect(judge({ sessionAge: 0, idleFor: 0 }, limits)).toMatchObject({
      limit: 'idle',
      extendable: true,
      warning: false,
    });
    expect(judge({ sessionAge: 12 * HOUR - MINUTE, idleFor: 0 }, limits)).toMatchObject({
      limit: 'absolute',
      extendable: false,
      warning: true,
      idleLeft: 15 * MINUTE,
      absoluteLeft: MINUTE,
    });
  });

  test('warns when less than warnBefore is left', () => {
    expect(judge({ sessionAge: 0, idleFor: 13 * MINUTE }, limits)).toMatchObject({ warning: false });
    expect(judge({ sessionAge: 0, idleFor: 13 * MINUTE + 1 }, limits)).toMatchObject({ warning: true });
  });

  test('is never ended by a limit that is off, which has no time left to tell', () => {
    const aeon = 1e12;
    expect(judge({ sessionAge: 0, idleFor: aeon }, { ...limits, idleTimeout: false })).toMatchObject({
      alive: true,
      idleLeft: null,
    });
    expect(judge({ sessionAge: aeon, idleFor: 0 }, { ...limits, absoluteTimeout: false })).toMatchObject({
      alive: true,
      absoluteLeft: null,
    });
  });

  test('is ended for invalid times', () => {
    expect(judge({ sessionAge: NaN, idleFor: 0 }, limits)).toMatchObject({ alive: false });
    expect(judge({ sessionAge: 0, idleFor: NaN }, limits)).toMatchObject({ alive: false });
  });

  const anyLimits = fc
    .record({
      idleTimeout: fc.oneof(fc.constant(false as const), fc.integer({ min: 1, max: 1e9 })),
      absoluteTimeout: fc.oneof(fc.constant(false as const), fc.integer({ min: 1, max: 1e9 })),
      warnBefore: fc.integer({ min: 1, max: 1e9 }),
    })
    .filter(({ idleTimeout, absoluteTimeout }) => idleTimeout !== false || absoluteTimeout !== false);
  const anyTimeline = fc
    .tuple(fc.integer({ min: 0, max: 2e9 }), fc.integer({ min: 0, max: 2e9 }))
    .map(([a, b]) => ({ sessionAge: Math.max(a, b), idleFor: Math.min(a, b) }));

  test('property: is never early and never late', () => {
    fc.assert(
      fc.property(anyLimits, anyTimeline, (limits, timeline) => {
        const idleOver = limits.idleTimeout !== false && timeline.idleFor >= limits.idleTimeout;
        const absoluteOver = limits.absoluteTimeout !== false && timeline.sessionAge >= limits.absoluteTimeout;
        expect(judge(timeline, limits).alive).toBe(!idleOver && !absoluteOver);
      }),
    );
  });

  test('property: the end comes nearer by exactly the time that passes', () => {
    fc.assert(
      fc.property(
        anyLimits,
        anyTimeline,
        fc.integer({ min: 0, max: 1e9 }),
        (limits, { sessionAge, idleFor }, passed) => {
          const before = judge({ sessionAge, idleFor }, limits);
          const after = judge({ sessionAge: sessionAge + passed, idleFor: idleFor + passed }, limits);
          if (!before.alive) expect(after).toEqual(before);
          else if (after.alive) expect(after.expiresIn).toBe(before.expiresIn - passed);
          else expect(passed).toBeGreaterThanOrEqual(before.expiresIn);
        },
      ),
    );
  });
});
