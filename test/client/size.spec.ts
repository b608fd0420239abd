import { bundle, gzipped } from './support/bundle.js';

const KILOBYTE = 1024;

test('the core is at most 4 kB', async () => {
  expect(gzipped(await bundle('engine/core'))).toBeLessThanOrEqual(4 * KILOBYTE);
});

test('the part that keeps drafts is at most 4 kB', async () => {
  expect(gzipped(await bundle('drafts/drafts'))).toBeLessThanOrEqual(4 * KILOBYTE);
});

test('everything that every page loads is at most 9 kB', async () => {
  expect(gzipped(await bundle('auto'))).toBeLessThanOrEqual(9 * KILOBYTE);
});

test('the part that signs in again is at most 4.5 kB', async () => {
  expect(gzipped(await bundle('ui/sign-in-here/sign-in-here'))).toBeLessThanOrEqual(4.5 * KILOBYTE);
});
