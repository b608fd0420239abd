import { decodeIdleFor, encodeReport } from '../../src/wire/activity-report.js';

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

describe('what a browser adds to a ping', () => {
  test('are the seconds since the activity, and the tag of the session', () => {
    expect(encodeReport({ idleFor: 1234.6, session: '3kTMd2Zl' })).toBe('&idleFor=1.235&session=3kTMd2Zl');
  });

  test('has an empty tag while the session is unknown', () => {
    expect(encodeReport({ idleFor: 0, session: undefined })).toBe('&idleFor=0.000&session=');
  });

  test('never says that the activity is still to come', () => {
    expect(encodeReport({ idleFor: -5, session: 'a' })).toBe('&idleFor=0.000&session=a');
  });

  test.each([0, 1, 999.4, 86_400_000, 1e12])('is read as %d ms by the server', (idleFor) => {
    const query = new URLSearchParams(encodeReport({ idleFor, session: 'a' }));
    expect(decodeIdleFor(query.get('idleFor'))).toBeCloseTo(idleFor, -1);
  });
});
