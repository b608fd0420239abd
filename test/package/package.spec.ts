import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { pack, root, run } from './support/tarball.js';

const KILOBYTE = 1024;
const MINUTE = 60_000;

let packed: Awaited<ReturnType<typeof pack>>;

beforeAll(async () => {
  packed = await pack();
}, MINUTE);

describe('the package', () => {
  test('contains the build, its documents, and nothing else', () => {
    const others = packed.files.filter((file) => !/^dist\/.+\.(c?js|d\.c?ts)$/.test(file));
    expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    expect(packed.files).toContain('dist/client/session-timeout.min.js');
    expect(packed.files).not.toContain('dist/client/auto.js');
  });

  test('is small', () => {
    expect(packed.size).toBeLessThan(350 * KILOBYTE);
  });

  test('passes publint', async () => {
    const tarball = await readFile(packed.path);
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(tarball).buffer },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  test(
    'has types for every way to import it, according to attw',
    async () => {
      const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
      const { stdout } = await run(process.execPath, [attw, packed.path, '--profile', 'esm-only', '--format', 'json']);
      const { analysis } = JSON.parse(stdout) as { analysis: { entrypoints: Record<string, unknown> } };
      const entries = ['.', './client', './package.json', './postgres', './redis', './sockets', './testing'];
      expect(Object.keys(analysis.entrypoints).toSorted()).toEqual(entries);
    },
    MINUTE,
  );
});
