import { listingOf, storedIn } from '../../../src/ledger/redis/redis-record.js';

const start = '1767603600000000';
const active = '1767603601234567';
const open = { startedAt: 1_767_603_600_000, activeAt: 1_767_603_601_234.567, endedAt: undefined, reason: undefined };

describe('the record of a session in Redis', () => {
  test('may be missing', () => {
    expect(storedIn(null)).toBeUndefined();
    expect(storedIn(undefined)).toBeUndefined();
  });

  test.each<[string, object]>([
    [`o ${start} ${active}`, {}],
    [`o ${start} ${active} alice`, { user: 'alice' }],
    [`o ${start} ${active} `, { user: '' }],
    [`o ${start} ${active} Alice and\nBob `, { user: 'Alice and\nBob ' }],
    [`o ${start} ${active};;900000;- alice`, { user: 'alice' }],
    [`o ${start} ${active};;; alice`, { user: 'alice' }],
    [`o ${start} ${active};-;;`, { authAt: -Infinity }],
    [`o ${start} ${active};${start};-;900000`, { authAt: 1_767_603_600_000 }],
    [`o ${start} ${active};0;;`, { authAt: 0 }],
  ])('%j is an open session', (text, change) => {
    const expected = { ...open, authAt: undefined, user: undefined, ...change };
    expect(storedIn(text)).toEqual(expected);
    expect(storedIn(Buffer.from(text))).toEqual(expected);
  });

  test.each<[string, object]>([
    [`e ${start} idle`, { reason: 'idle', user: undefined }],
    [`e ${start} signed-out alice b`, { reason: 'signed-out', user: 'alice b' }],
    [`e ${start} idle;a-_1`, { reason: 'idle', user: undefined }],
    [`e ${start} revoked;a-_1 alice b`, { reason: 'revoked', user: 'alice b' }],
    ['e soon idle', { endedAt: NaN, reason: 'idle' }],
    [`e ${'1'.repeat(17)} idle`, { endedAt: NaN }],
  ])('%j is an ended session', (text, change) => {
    expect(storedIn(text)).toMatchObject({ startedAt: NaN, activeAt: NaN, endedAt: 1_767_603_600_000, ...change });
  });

  test.each([
    '',
    'o',
    `x ${start} ${active}`,
    ` o ${start} ${active}`,
    `xo ${start} ${active}`,
    `o ${start}`,
    `o  ${active}`,
    `o ${start}x soon`,
    `o x${start} x${active}`,
    `o ${'1'.repeat(17)} ${'1'.repeat(17)}`,
    `o x ${active}x`,
    `o x ${active};`,
    `o x ${active};;`,
    `o x ${active};x;;`,
    `o x ${active};;x;`,
    `o x ${active};;;x`,
    `o x ${active};;;;`,
  ])('%j has no times', (text) => {
    expect(storedIn(text)).toMatchObject({ startedAt: NaN, activeAt: NaN, endedAt: undefined });
    expect(listingOf(text)).toEqual({ user: undefined, hasLimits: false });
  });

  test.each([
    [`o ${start} ${active}`, undefined, false],
    [`o ${start} ${active} alice b`, 'alice b', false],
    [`o ${start} ${active} `, '', false],
    [`o ${start} ${active};-;; alice`, 'alice', false],
    [`o ${start} ${active};;900000; alice`, 'alice', true],
    [`o ${start} ${active};;-;- alice`, 'alice', true],
    [`o soon ${active} alice`, undefined, false],
    [`o ${start} soon alice`, undefined, false],
    [`e ${start} idle alice`, 'alice', false],
    [`e ${start} idle`, undefined, false],
    [`e ${start} idle;a-_1 alice`, 'alice', false],
    [`e ${start} idle;a-_1`, undefined, false],
  ])('%j belongs to the list of the user %j; to that of due sessions: %j', (text, user, hasLimits) => {
    expect(listingOf(text)).toEqual({ user, hasLimits });
  });
});
