import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { ExtraDeclarations } from '../../src/options/session-timeout.extras.js';
import { OptionDeclarations } from '../../src/options/session-timeout.options.js';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const readme = read('README.md');

/** The rows of the option table: name, type, default. */
const rows = readme
  .slice(readme.indexOf('## Options'), readme.indexOf('`forRootAsync('))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

/** The options as the code declares them, with their defaults. */
const defaults = { ...new OptionDeclarations(), ...new ExtraDeclarations() };
const declared = Object.keys(defaults);

/** The code in the first column of the tables below a heading. */
function firstCells(heading: string): string[] {
  const [, chapter = ''] = readme.split(`\n## ${heading}\n`);
  const [table = ''] = chapter.split('\n## ');
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] as string);
}

/** The anchor that GitHub creates from a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

describe('the README', () => {
  test('explains each option below the table', () => {
    const [, edges = ''] = readme.split('### Each option with its edges');
    expect([...edges.matchAll(/^\*\*`(\w+)`\*\*:/gm)].map((match) => match[1])).toEqual(declared);
  });

  test('has no broken links', () => {
    const anchors = new Set([...readme.matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1] as string)));
    const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string);
    const broken = links.filter((link) =>
      link.startsWith('#')
        ? !anchors.has(link.slice(1))
        : !/^https?:/.test(link) && !existsSync(new URL(`../../${link}`, import.meta.url)),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(broken).toEqual([]);
  });

  test('quotes errors and warnings exactly as in the code', () => {
    const files = readdirSync(new URL('../../src/', import.meta.url), { recursive: true, encoding: 'utf8' });
    const code = files.filter((name) => name.endsWith('.ts')).map((name) => read(`src/${name}`));
    // Long messages are concatenated from several strings.
    const text = code.join('').replaceAll(/['`] \+\s+['`]/g, '');
    const quoted = firstCells('Errors and warnings');
    expect(quoted.length).toBeGreaterThan(20);
    expect(quoted.filter((message) => !text.includes(message))).toEqual([]);
  });

  test('has a row for each option, in the order of the code', () => {
    expect(rows.map(([, name]) => name?.replaceAll('`', ''))).toEqual(declared);
  });

  const plain = Object.entries(defaults).filter(([, value]) => typeof value !== 'object' || Array.isArray(value));
  test.each(plain.filter(([, value]) => value !== undefined))('names the default of %s', (name, value) => {
    const row = rows.find(([, cell]) => cell === `\`${name}\``);
    expect(row?.[3]).toContain(`\`${inspect(value)}\``);
  });
});
