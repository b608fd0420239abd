import { decodeServerTiming, encodeServerTiming, isSharedAnswer } from '../../src/wire/server-timing.js';

const timing = { left: 899_000.7, state: 'active', session: '3kTMd2Zl', at: 1_767_603_600_999 } as const;

/** What a browser makes of a header with one metric. */
function metricOf(header: string): { name: string; duration: number; description: string } {
  const [, name, duration, description] = /^(\w+);dur=(\d+);desc="(.*)"$/.exec(header)!;
  return { name: name!, duration: Number(duration), description: description! };
}

describe('the metric of Server-Timing', () => {
  test('says the state, the tag, the seconds of the server and the milliseconds left', () => {
    expect(encodeServerTiming(timing)).toBe('session;dur=899000;desc="active 3kTMd2Zl 1767603600"');
  });

  test.each([
    ['active', undefined],
    ['warning', undefined],
    ['expired-idle', 'idle'],
    ['expired-signed-out', 'signed-out'],
  ] as const)('says %s: the browser reads the reason %j', (state, reason) => {
    expect(decodeServerTiming([metricOf(encodeServerTiming({ ...timing, state }))])).toEqual({
      left: 899_000,
      reason,
      session: '3kTMd2Zl',
      at: 1_767_603_600_000,
    });
  });

  test('is found among those of the application, even among those of the same name', () => {
    const ours = metricOf(encodeServerTiming(timing));
    const metrics = [
      { name: 'db', duration: 5, description: ours.description },
      { name: 'session', duration: 7, description: 'lookup' },
      { name: 'session', duration: 7, description: '' },
      ours,
    ];
    expect(decodeServerTiming(metrics)).toMatchObject({ left: 899_000, session: '3kTMd2Zl' });
    expect(decodeServerTiming(metrics.slice(0, 3))).toBeUndefined();
  });

  test.each([
    'active',
    'active  5',
    'active 3kTMd2Zl',
    'active 3kTMd2Zl soon',
    'active 3kTMd2Zl 5s',
    'active 3kTM d2Zl 5',
    'expired- 3kTMd2Zl 5',
    'expired 3kTMd2Zl 5',
    'inactive 3kTMd2Zl 5',
    'active 3kTMd2Zl 5 more',
  ])('with the description "%s" is not ours', (description) => {
    expect(decodeServerTiming([{ name: 'session', duration: 5, description }])).toBeUndefined();
  });

  test('is missing in browsers that show none', () => {
    expect(decodeServerTiming()).toBeUndefined();
    expect(decodeServerTiming([])).toBeUndefined();
  });
});

describe('an answer', () => {
  const isShared = (headers: Record<string, unknown>): boolean => {
    const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return isSharedAnswer((name) => byName.get(name));
  };

  test.each<[Record<string, unknown>]>([
    [{ 'Cache-Control': 'public' }],
    [{ 'Cache-Control': 'PUBLIC, max-age=60' }],
    [{ 'Cache-Control': 'no-transform,public' }],
    [{ 'Cache-Control': 'private, public' }],
    [{ 'Cache-Control': 'max-age=60' }],
    [{ 'Cache-Control': 'S-MaxAge=60' }],
    [{ 'Cache-Control': 'must-revalidate,max-age=60' }],
    [{ 'Cache-Control': ['no-transform', 'max-age=60'] }],
    [{ 'Cache-Control': 'max-age=60, private="set-cookie"' }],
    [{ 'Cache-Control': 'max-age=60, private = "set-cookie"' }],
    [{ 'Cache-Control': 'no-store', 'CDN-Cache-Control': 'max-age=60' }],
    [{ 'Cache-Control': 'no-store', 'Cloudflare-CDN-Cache-Control': 'max-age=60' }],
    [{ 'Cache-Control': 'no-store', 'Vercel-CDN-Cache-Control': 'max-age=60' }],
    [{ 'Cache-Control': 'no-store', 'Surrogate-Control': 'max-age=60' }],
    [{ Expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }],
    [{ Expires: 'THU, 01 JAN 2099 00:00:00 GMT' }],
  ])('with %j may be kept by a shared cache', (headers) => {
    expect(isShared(headers)).toBe(true);
  });

  test.each<[Record<string, unknown>]>([
    [{}],
    [{ 'Cache-Control': 'private' }],
    [{ 'Cache-Control': 'no-store' }],
    [{ 'Cache-Control': 'no-cache' }],
    [{ 'Cache-Control': 'private, max-age=60' }],
    [{ 'Cache-Control': 'max-age=60,private' }],
    [{ 'Cache-Control': 'max-age=60, No-Store' }],
    [{ 'Cache-Control': 'x-public' }],
    [{ 'Cache-Control': 'x-max-age=60' }],
    [{ 'Cache-Control': 'publicly' }],
    [{ 'CDN-Cache-Control': 'no-store' }],
    [{ Expires: '0' }],
    [{ Expires: '-1' }],
    [{ Expires: 0 }],
    [{ Expires: 'Thu, 01 Jan 2099 00:00:00 GMT', 'Cache-Control': 'private' }],
    [{ Expires: 'Thu, 01 Jan 2099 00:00:00 GMT', 'Cache-Control': 'no-store' }],
    [{ Expires: 'Thu, 01 Jan 2099 00:00:00 GMT', 'Cache-Control': 'No-Cache' }],
  ])('with %j is kept by no shared cache', (headers) => {
    expect(isShared(headers)).toBe(false);
  });
});
