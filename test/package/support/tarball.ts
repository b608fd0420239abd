import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const run = promisify(execFile);

/** The folder of the package. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Without what `npm test` tells its scripts: the npm started here works in another folder. */
export const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(config_local_prefix|lifecycle|package)/.test(name)),
);

/** A folder of its own for a test. */
export function temporaryFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `${name}-`));
}

/** What `npm publish` would send from a folder, as it is built now. */
export async function pack(from = root): Promise<{ path: string; files: string[]; size: number }> {
  const folder = await temporaryFolder('pack');
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: from,
    env,
  });
  const [{ files, size }] = JSON.parse(stdout) as [{ files: { path: string }[]; size: number }];
  const [name = ''] = await readdir(folder);
  return { path: join(folder, name), files: files.map(({ path }) => path), size };
}
