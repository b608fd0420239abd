import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { root, run } from './tarball.js';

/** The package.json of a folder. */
export async function manifestOf(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

/** What publint finds in a tarball. */
export async function lint(path: string): Promise<(string | undefined)[]> {
  const tarball = await readFile(path);
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
  return messages.map((message) => formatMessage(message, pkg ?? {}));
}

/** The entries of a tarball. Throws if "Are the types wrong?" finds a fault in one. */
export async function attw(path: string): Promise<string[]> {
  const program = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const { stdout } = await run(process.execPath, [program, path, '--profile', 'esm-only', '--format', 'json']);
  const { analysis } = JSON.parse(stdout) as { analysis: { entrypoints: Record<string, unknown> } };
  return Object.keys(analysis.entrypoints).toSorted();
}
