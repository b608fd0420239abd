import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The folder of an older build to compare. It is a whole working tree: its `dist` is compared in its own applications,
 * as its options may be others.
 *
 * @throws Error if it is not built
 */
export function olderBuild(folder: string | undefined): string | undefined {
  if (!folder) return undefined;
  const tree = resolve(folder);
  for (const needed of ['dist/index.js', 'bench/apps/server.ts', 'node_modules']) {
    if (!existsSync(join(tree, needed))) throw new Error(`${tree} has no ${needed}: install and build it first.`);
  }
  return tree;
}
