import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { compile } from './support/compiler.js';
import { moduleOf } from './support/fragment.js';
import { pages, root } from './support/pages.js';
import { readersProject } from './support/project.js';

const PLATFORM = ['not-installed', 'session-data'].map((name) => `${root}test/docs/support/types/${name}.d.ts`);
const isTypeScript = (language: string) => language === 'ts' || language === 'tsx';
/** Whole files are compiled together with the other files of their page, by another spec. */
const fragments = pages.flatMap(({ name, blocks }) =>
  blocks
    .filter(({ language, file }) => isTypeScript(language) && file === undefined)
    .map(({ language, code }, i) => ({
      name,
      file: `${name.replaceAll(/\W/g, '-')}/${i}.${language}`,
      language,
      code,
    })),
);
let problems: string[];

beforeAll(async () => {
  const folder = await readersProject('.pages-');
  try {
    for (const { file, language, code } of fragments) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), moduleOf(code, language === 'tsx'));
    }
    const files = fragments.map(({ file }) => join(folder, file));
    problems = compile([...PLATFORM, ...files], { emits: false });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('all types of the platform are known', () => {
  expect(problems.filter((problem) => !problem.startsWith('.pages-'))).toEqual([]);
});

test.each([...new Set(fragments.map(({ name }) => name))])('the TypeScript on %s is right', (name) => {
  expect(problems.filter((problem) => problem.includes(`/${name.replaceAll(/\W/g, '-')}/`))).toEqual([]);
});

const others = pages.flatMap(({ name, blocks }) => blocks.map((block) => ({ name, ...block })));

test.each(others.filter(({ language }) => language === 'js'))('the JavaScript on $name can be read', ({ code }) => {
  const { diagnostics } = ts.transpileModule(code, { fileName: 'block.js', reportDiagnostics: true });
  expect(diagnostics).toEqual([]);
});

test.each(others.filter(({ language }) => language === 'json'))('the JSON on $name can be read', ({ code }) => {
  // A single line of a configuration stands without the braces around it.
  const text = code.startsWith('"') ? `{${code.trimEnd().replace(/,$/, '')}}` : code;
  expect(() => JSON.parse(text)).not.toThrow();
});

test('all blocks say what language they are in', () => {
  const known = new Set(['ts', 'tsx', 'js', 'json', 'html', 'css', 'sh', 'http', 'text', 'mermaid']);
  expect(others.filter(({ language }) => !known.has(language))).toEqual([]);
  const fences = pages.flatMap(({ text }) => text.match(/^ *```/gm) ?? []);
  expect(fences).toHaveLength(others.length * 2);
});
