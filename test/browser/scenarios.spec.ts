import { readdirSync, readFileSync } from 'node:fs';

const here = new URL('./', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, here), 'utf8');
const list = read('SCENARIOS.md');
const named = [...list.matchAll(/`([\w-]+\.spec\.ts) > ([^`]+)`/g)].map(([, file = '', name = '']) => ({ file, name }));

/** The names of the tests and groups in a spec file, as they are written. */
function namesIn(file: string): string[] {
  return [...read(file).matchAll(/\b(?:test|describe)(?:\.each\([\s\S]*?\))?\(\s*(['"])(.*?)\1,/g)].map(
    ([, , name = '']) => name,
  );
}

test('each test that the list names is there', () => {
  expect(named.length).toBeGreaterThan(80);
  expect(named.filter(({ file, name }) => !namesIn(file).some((known) => known.startsWith(name)))).toEqual([]);
});

test('each spec file of this folder is in the list', () => {
  const files = readdirSync(here).filter((file) => file.endsWith('.spec.ts') && file !== 'scenarios.spec.ts');
  expect(files.filter((file) => !list.includes(file))).toEqual([]);
});
