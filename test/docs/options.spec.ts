import { inspect } from 'node:util';
import { ExtraDeclarations } from '../../src/options/session-timeout.extras.js';
import { OptionDeclarations } from '../../src/options/session-timeout.options.js';
import { presets } from '../../src/policy/presets.js';
import { chapter, codeIn, page, tableRows } from './support/pages.js';

const options = page('docs/options.md');
const [before = ''] = options.text.split('\n## Presets\n');
const rows = tableRows(before);

/** The options as the code declares them, with their defaults. */
const defaults = { ...new OptionDeclarations(), ...new ExtraDeclarations() };
const declared = Object.keys(defaults);

test('the table has a row for each option, in the order of the code', () => {
  expect(rows.map(([name]) => codeIn(name))).toEqual(declared);
});

test('each option is explained below the table, in the same order', () => {
  const headings = [...chapter(options, 'Each option').matchAll(/^### (\w+)$/gm)];
  expect(headings.map(([, name]) => name)).toEqual(declared);
});

test('each row leads to its explanation', () => {
  expect(rows.map(([name]) => name)).toEqual(declared.map((name) => `[\`${name}\`](#${name.toLowerCase()})`));
});

test('names all presets, with their limits', () => {
  const table = tableRows(chapter(options, 'Presets')).map(([name, sets]) => [codeIn(name), sets]);
  const known = Object.entries(presets).map(([name, limits]) => [
    name,
    Object.entries(limits)
      .map(([option, value]) => `\`${option}: ${inspect(value)}\``)
      .join(', '),
  ]);
  expect(table).toEqual(known);
});

const plain = Object.entries(defaults).filter(([, value]) => typeof value !== 'object' || Array.isArray(value));
test.each(plain.filter(([, value]) => value !== undefined))('names the default of %s', (name, value) => {
  const row = rows.find(([cell]) => codeIn(cell) === name);
  expect(row?.[2]).toContain(`\`${inspect(value)}\``);
});
