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
  ])('%j is no report', (text) => {
    expect(decodeIdleFor(text)).toBeUndefined();
  });

  test.each([undefined, null, 5, ['1'], { idleFor: '1' }])('%j is no report', (value) => {
    expect(decodeIdleFor(value)).toBeUndefined();
  });
});
