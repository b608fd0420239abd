import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { attw, lint } from './support/checks.js';
import { pack, root } from './support/tarball.js';

const KILOBYTE = 1024;
const MINUTE = 60_000;

/** The path of the source that the map of a declaration names. */
async function sourceOf(declaration: string): Promise<string> {
  const map = JSON.parse(await readFile(join(root, `${declaration}.map`), 'utf8')) as { sources: [string] };
  return posix.join(posix.dirname(declaration), map.sources[0]);
}

let packed: Awaited<ReturnType<typeof pack>>;

beforeAll(async () => {
  packed = await pack();
}, MINUTE);

describe('the package', () => {
  test('contains the build, its sources and documents, and nothing else', () => {
    const others = packed.files.filter((file) => !/^(dist\/.+\.(c?js|d\.c?ts(\.map)?)|src\/.+\.(ts|cjs))$/.test(file));
    expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    expect(packed.files).toContain('dist/client/session-timeout.min.js');
    expect(packed.files).not.toContain('dist/client/auto.js');
  });

  // 270 kB of them are the sources, which editors show in place of the declarations.
  test('is small', () => {
    expect(packed.size).toBeLessThan(740 * KILOBYTE);
  });

  test('leads from each declaration to its source', async () => {
    const declarations = packed.files.filter((file) => /\.d\.c?ts$/.test(file));
    const sources = await Promise.all(declarations.map(async (file) => sourceOf(file)));
    expect(sources.filter((source) => !packed.files.includes(source))).toEqual([]);
  });

  test('tells bundlers that the parts of the client come from the server', async () => {
    const loader = await readFile(join(root, 'dist/client/load-extras.js'), 'utf8');
    expect(loader).toMatch(/import\(\/\* webpackIgnore: true \*\/ \/\* @vite-ignore \*\/ [\w +]+\)/);
  });

  test('passes publint', async () => {
    expect(await lint(packed.path)).toEqual([]);
  });

  test(
    'has types for every way to import it, according to attw',
    async () => {
      const entries = ['.', './client', './package.json', './postgres', './redis', './sockets', './testing'];
      expect(await attw(packed.path)).toEqual(entries);
    },
    MINUTE,
  );
});
