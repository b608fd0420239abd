import type { Request } from 'express';
import type { Limits, SessionLimits, SessionTimeoutOptions } from '../../src/index.js';
import { resolveSettings } from '../../src/options/resolve-settings.js';
import { HOUR, MINUTE, SECOND } from '../support/time.js';

const req = {} as Request;

/** Asks for the limits of one session after the other, with options whose `limitsFor` returns these results. */
function limitsWith(options: SessionTimeoutOptions = {}) {
  let result: unknown;
  const settings = resolveSettings({ ...options, limitsFor: () => result as SessionLimits });
  return (next: unknown): Limits => {
    result = next;
    return settings.limitsFor(req, undefined) as Limits;
  };
}

describe('the limits of one session', () => {
  test('keep the value of the options where limitsFor leaves them out', () => {
    const limitsFor = limitsWith({ idleTimeout: '30m', absoluteTimeout: false, warnBefore: '5m' });
    const everybody = { idleTimeout: 30 * MINUTE, absoluteTimeout: false, warnBefore: 5 * MINUTE };
    expect(limitsFor(undefined)).toEqual(everybody);
    expect(limitsFor({})).toEqual(everybody);
    expect(limitsFor({ idleTimeout: undefined })).toEqual(everybody);
    expect(limitsFor({ absoluteTimeout: '1h' })).toEqual({ ...everybody, absoluteTimeout: HOUR });
  });

  test('shorten every warning to half of the shorter limit, also the one of the options', () => {
    const limitsFor = limitsWith({ warnBefore: '10m' });
    expect(limitsFor(undefined).warnBefore).toBe(10 * MINUTE);
    expect(limitsFor({ absoluteTimeout: '8h' }).warnBefore).toBe(7.5 * MINUTE);
    expect(limitsFor({ idleTimeout: '1m' }).warnBefore).toBe(30 * SECOND);
    expect(limitsFor({ idleTimeout: '1m', warnBefore: '50s' }).warnBefore).toBe(30 * SECOND);
  });

  test.each<[unknown, string]>([
    [
      { idleTimeout: 'soon' },
      'limitsFor: idleTimeout must be a duration above 0, like "15m" (ms, s, m, h, d, w or y), or false to turn',
    ],
    [{ idleTimeout: NaN }, 'limitsFor: idleTimeout must be a duration'],
    [
      { absoluteTimeout: null },
      'limitsFor: absoluteTimeout must be a duration above 0, like "15m" (ms, s, m, h, d, w or y), or false',
    ],
    [{ warnBefore: false }, 'limitsFor: warnBefore must be a duration above 0'],
    [{ idle: '5m' }, 'limitsFor: idle is not a limit; the limits are idleTimeout, absoluteTimeout, warnBefore'],
    [{ cookieName: 'sid' }, 'limitsFor: cookieName is not a limit'],
    [{ idleTimeout: false, absoluteTimeout: false }, 'limitsFor: at least one of the two limits must be on'],
    ['5m', 'limitsFor: must return an object with limits, but returned "5m"'],
    [[], 'limitsFor: must return an object with limits, but returned an object (Array)'],
    [new Map([['idleTimeout', '5m']]), 'limitsFor: must return an object with limits, but returned an object (Map)'],
    [Object.create({ idleTimeout: 'soon' }), 'limitsFor: idleTimeout must be a duration'],
    [true, 'limitsFor: must return an object with limits, but returned true'],
  ])('are refused if limitsFor returns %j', (given, message) => {
    expect(() => limitsWith()(given)).toThrow(message);
  });

  test('are refused if only one limit is on for everybody and limitsFor turns it off', () => {
    expect(() => limitsWith({ idleTimeout: false })({ absoluteTimeout: false })).toThrow('must be on');
  });

  test('are refused after equal ones were accepted, if a value has another type or meaning', () => {
    const limitsFor = limitsWith();
    limitsFor({});
    limitsFor({ idleTimeout: undefined });
    limitsFor({ idleTimeout: 60_000 });
    expect(limitsFor({ idleTimeout: '60000' }).idleTimeout).toBe(60_000);
    for (const idleTimeout of [null, NaN, Infinity, [60_000], () => 60_000, { toJSON: () => 60_000 }]) {
      expect(() => limitsFor({ idleTimeout })).toThrow('limitsFor: idleTimeout must be a duration');
    }
    expect(() => limitsFor(true)).toThrow('limitsFor: must return an object');
  });

  test('are read once from what limitsFor returned, and do not become the limits of other sessions', () => {
    const limitsFor = limitsWith();
    let minutes = 1;
    const changing = {
      get idleTimeout() {
        return `${minutes++}m`;
      },
    };
    expect(limitsFor(changing).idleTimeout).toBe(MINUTE);
    expect(limitsFor({ idleTimeout: '1m' }).idleTimeout).toBe(MINUTE);
    expect(limitsFor(changing).idleTimeout).toBe(2 * MINUTE);
  });

  test('may be inherited, like those of a class with getters', () => {
    class Strict {
      get idleTimeout() {
        return '1m';
      }
    }
    const limitsFor = limitsWith();
    limitsFor({});
    expect(limitsFor(new Strict()).idleTimeout).toBe(MINUTE);
    expect(limitsFor(Object.create({ absoluteTimeout: '8h' })).absoluteTimeout).toBe(8 * HOUR);
  });

  test('of two applications are remembered apart', () => {
    expect(limitsWith({ absoluteTimeout: '8h' })({ idleTimeout: '1m' }).absoluteTimeout).toBe(8 * HOUR);
    expect(limitsWith({ absoluteTimeout: '9h' })({ idleTimeout: '1m' }).absoluteTimeout).toBe(9 * HOUR);
  });

  test('stay right when limitsFor returns more different limits than are remembered', () => {
    const limitsFor = limitsWith();
    for (let round = 0; round < 2; round++) {
      for (let seconds = 1; seconds <= 250; seconds++) {
        expect(limitsFor({ idleTimeout: `${seconds}s` }).idleTimeout).toBe(seconds * SECOND);
      }
    }
  });
});
