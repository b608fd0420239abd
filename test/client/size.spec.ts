import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';

const KILOBYTE = 1024;

/** The size of a bundle as it goes over the network, in bytes. */
async function sizeOf(entry: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [`src/client/${entry}`],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

test('the core is at most 4 kB', async () => {
  expect(await sizeOf('core.ts')).toBeLessThanOrEqual(4 * KILOBYTE);
});

test('everything is at most 8 kB', async () => {
  expect(await sizeOf('auto.ts')).toBeLessThanOrEqual(8 * KILOBYTE);
});
