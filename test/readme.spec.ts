import { readFileSync } from 'node:fs';
import { defaults } from '../src/session-timeout.options.js';

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const readme = read('README.md');
const source = read('src/session-timeout.options.ts');

/** The rows of the option table: name, type, default. */
const rows = readme
  .slice(readme.indexOf('## Options'), readme.indexOf('`forRootAsync('))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

/** The options as the code declares them. */
const declared = ['SessionTimeoutOptions', 'SessionTimeoutExtras'].flatMap((name) => {
  const start = source.indexOf(`export interface ${name} {`);
  return [...source.slice(start, source.indexOf('\n}', start)).matchAll(/^ {2}readonly (\w+)\?:/gm)].map(
    (match) => match[1],
  );
});

describe('the README', () => {
  test('has a row for each option, in the order of the code', () => {
    expect(rows.map(([, name]) => name?.replaceAll('`', ''))).toEqual(declared);
  });

  test.each(Object.entries(defaults).filter(([name]) => name !== 'messages'))(
    'names the default of %s',
    (name, value) => {
      const row = rows.find(([, cell]) => cell === `\`${name}\``);
      expect(row?.[3]).toContain(typeof value === 'string' ? `\`'${value}'\`` : `\`${String(value)}\``);
    },
  );
});
