import fc from 'fast-check';
import { isCertain, standingOf } from '../../src/policy/standing.js';
import { MINUTE } from '../support/time.js';

const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 60 * MINUTE, warnBefore: MINUTE };
const open = (idleFor: number, sessionAge: number, uncertainty?: number) =>
  ({ state: 'open', idleFor, sessionAge, uncertainty }) as const;

describe('the standing of a session', () => {
  const LOST = { state: 'overdue', reason: 'lost' };
  const INVALID = [NaN, Infinity, -1, '1', undefined] as number[];

  test('is what the limits say, if its record is open', () => {
    const alive = standingOf(open(MINUTE, MINUTE), limits);
    expect(alive).toMatchObject({ state: 'alive', verdict: { alive: true, limit: 'idle' } });
    expect(standingOf(open(15 * MINUTE, 20 * MINUTE), limits)).toEqual({ state: 'overdue', reason: 'idle' });
    expect(standingOf(open(0, 60 * MINUTE), limits)).toEqual({ state: 'overdue', reason: 'absolute' });
    expect(standingOf(open(0, 0), limits)).toMatchObject({ state: 'alive' });
  });

  test('is the end that was recorded', () => {
    const ended = { state: 'ended', reason: 'revoked' } as const;
    expect(standingOf(ended, limits)).toBe(ended);
  });

  test.each([
    undefined,
    { state: 'ended', reason: 'bored' },
    { state: 'other', idleFor: 0, sessionAge: 0 },
    ...INVALID.flatMap((value) => [open(value, MINUTE), open(0, value)]),
  ])('is lost if there is no valid record: %j', (record) => {
    expect(standingOf(record as never, limits)).toEqual(LOST);
  });
});

describe('an uncertain record', () => {
  test.each([
    ['well before both limits', open(MINUTE, MINUTE, 20), true],
    ['so near the idle limit that it may have passed', open(15 * MINUTE - 20, 20 * MINUTE, 20), false],
    ['just outside of that', open(15 * MINUTE - 21, 20 * MINUTE, 20), true],
    ['so near the absolute limit that it may have passed', open(MINUTE, 60 * MINUTE - 20, 20), false],
    ['past a limit, even far: the clock may have been set', open(16 * MINUTE, 20 * MINUTE, 20), false],
    ['past a limit, but exact', open(16 * MINUTE, 20 * MINUTE), true],
    ['past a limit, with an uncertainty of 0', open(16 * MINUTE, 20 * MINUTE, 0), true],
    ['with an invalid uncertainty', open(MINUTE, MINUTE, NaN), false],
    ['of an ended session', { state: 'ended', reason: 'idle' } as const, true],
    ['that does not exist', undefined, true],
  ])('%s: certain is %s', (_what, record, certain) => {
    expect(isCertain(record, limits)).toBe(certain);
  });

  test('property: gives the verdict of the exact one if it is certain', () => {
    const duration = fc.integer({ min: 0, max: 70 * MINUTE });
    fc.assert(
      fc.property(
        duration,
        duration,
        fc.nat({ max: 1000 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (...given) => {
          const [idleFor, sessionAge, uncertainty, error] = given;
          const read = open(Math.max(0, idleFor + error * uncertainty), sessionAge + error * uncertainty, uncertainty);
          fc.pre(isCertain(read, limits) && read.sessionAge >= 0);
          expect(standingOf(read, limits).state).toBe(standingOf(open(idleFor, sessionAge), limits).state);
        },
      ),
    );
  });
});
