import { resolveSettings } from '../../src/options/resolve-settings.js';

const given = { ...process.env };
afterEach(() => {
  process.env = { ...given };
});

describe('the limits of the sample', () => {
  test('may be shorter than its usual warning', async () => {
    process.env['IDLE_TIMEOUT'] = '12s';
    const { limits } = await import('../../sample/src/limits.js');
    expect(resolveSettings(limits).limits).toMatchObject({ idleTimeout: 12_000, warnBefore: 6000 });
  });
});
