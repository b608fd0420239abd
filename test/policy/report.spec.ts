import fc from 'fast-check';
import { mergeReport } from '../../src/policy/activity.js';
import { decodeIdleFor } from '../../src/wire/activity-report.js';

describe('a report on the wire', () => {
  test.each([
    ['0', 0],
    ['12', 12_000],
    ['3.25', 3250],
    ['0.001', 1],
    ['9999999999', 9_999_999_999_000],
  ])('%j is %d ms', (text, milliseconds) => {
    expect(decodeIdleFor(text)).toBe(milliseconds);
  });

  test.each([
    '',
    ' 1',
    '-1',
    '+1',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    '1.',
    '.5',
    '1,5',
    '1 000',
    '٣',
    '99999999999',
    '1'.repeat(10_000),
  ])('%j is none', (text) => {
    expect(decodeIdleFor(text)).toBeUndefined();
  });

  test.each([undefined, null, 5, ['1'], { idleFor: '1' }])('%j is none', (value) => {
    expect(decodeIdleFor(value)).toBeUndefined();
  });

  test('property: it only ever moves activity forward, and not past now', () => {
    const duration = fc.double({ min: 0, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(duration, fc.double({ min: -1e12, max: 1e12, noNaN: true }), (idleFor, reported) => {
        const merged = mergeReport(idleFor, reported);
        expect(merged).toBeLessThanOrEqual(idleFor);
        expect(merged).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
