import { existsSync, readFileSync } from 'node:fs';
import { SessionTimeoutService } from '../../src/index.js';
import { presets } from '../../src/policy/presets.js';
import { requirements } from '../../src/compliance/requirements.js';
import { OptionDeclarations } from '../../src/options/session-timeout.options.js';

const file = (name: string) => new URL(`../../${name}`, import.meta.url);
const page = readFileSync(file('docs/standards.md'), 'utf8');

/** The rows of the tables: the standard in the heading, the requirement, what meets it, and the test files. */
const rows = page.split(/^## /m).flatMap((chapter) => {
  const [standard = '', ...lines] = chapter.split('\n');
  return lines
    .filter((line) => /^\| \d/.test(line))
    .map((line) => {
      const [, id = '', here = '', tests = ''] = line.split('|').map((cell) => cell.trim());
      return { standard, id, here, tests: [...tests.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string) };
    });
});

describe('the page about standards', () => {
  test('has a row for each requirement of describePolicy()', () => {
    expect(rows.map(({ standard, id }) => `${standard} ${id}`)).toEqual(
      requirements.map(({ standard, id }) => `${standard} ${id}`),
    );
  });

  test.each(rows)('$standard $id names tests that exist', ({ tests }) => {
    expect(tests).not.toEqual([]);
    expect(tests.filter((name) => !existsSync(file(name)))).toEqual([]);
  });

  test.each(requirements)(
    '$standard $id: its options exist, and the page names them',
    ({ standard, id, options: names }) => {
      const row = rows.find((one) => one.standard === standard && one.id === id);
      for (const name of names) {
        expect(new OptionDeclarations()).toHaveProperty(name);
        expect(row?.here).toContain(name);
      }
    },
  );

  test('names methods and presets that exist', () => {
    const named = [...page.matchAll(/`(?:presets\.(\w+)|(\w+)\((?:req|hash)?\))`/g)];
    const missing = named.filter(([, preset, method = '']) =>
      preset
        ? !(preset in presets)
        : !(method in SessionTimeoutService.prototype) && !/regenerate|signOut/.test(method),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(missing.map(([text]) => text)).toEqual([]);
  });
});
