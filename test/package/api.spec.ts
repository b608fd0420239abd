import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { reports } from '../../scripts/api-report.js';

const written = await reports();

test.each(written)('the types of $name are those that npm run api has written for the review', ({ file, text }) => {
  expect(text).toBe(readFileSync(file, 'utf8'));
});

test('every report is of an entry', () => {
  const names = readdirSync(new URL('./api', import.meta.url));
  expect(names.toSorted()).toEqual(written.map(({ file }) => basename(file)).toSorted());
});
