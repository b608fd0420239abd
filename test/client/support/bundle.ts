import { build, type BuildOptions } from 'esbuild';
import { gzipSync } from 'node:zlib';

/** A part of the client in one minified file, as browsers get it. */
export async function bundle(entry: string, options: BuildOptions = {}): Promise<Uint8Array> {
  const { outputFiles = [] } = await build({
    entryPoints: [`src/client/${entry}.ts`],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    ...options,
    write: false,
  });
  return outputFiles[0]!.contents;
}

/** How many bytes of it go over the network. */
export function gzipped(contents: Uint8Array): number {
  return gzipSync(contents, { level: 9 }).length;
}
