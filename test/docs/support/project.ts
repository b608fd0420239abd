import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './pages.js';

/**
 * Makes a project inside the package that has the build among its packages, as a reader has it. So the compiler cannot
 * name a type by a path into the build, as it could from the package itself. All other packages are those of ours.
 *
 * @param prefix what the name of its folder begins with
 * @returns its folder
 */
export async function readersProject(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(root, prefix));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await installBuild(folder);
  return folder;
}

/** Puts the build among the packages of a project. */
export async function installBuild(project: string): Promise<void> {
  const target = join(project, 'node_modules/nestjs-session-timeout');
  await mkdir(target, { recursive: true });
  for (const name of ['package.json', 'dist']) await cp(join(root, name), join(target, name), { recursive: true });
}
