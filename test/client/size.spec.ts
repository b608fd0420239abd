import { bundle, gzipped } from './support/bundle.js';

const KILOBYTE = 1024;

test('the core is at most 4 kB', async () => {
  expect(gzipped(await bundle('engine/core'))).toBeLessThanOrEqual(4 * KILOBYTE);
});

test('everything that every page loads is at most 9 kB', async () => {
  expect(gzipped(await bundle('auto'))).toBeLessThanOrEqual(9 * KILOBYTE);
});
