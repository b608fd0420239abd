import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, run, temporaryFolder } from './tarball.js';

/** Whether packages can be had. */
export async function registryAnswers(): Promise<boolean> {
  try {
    await run('npm', ['view', 'ms', 'version', '--fetch-retries=0', '--fetch-timeout=10000'], { env });
    return true;
  } catch {
    return false;
  }
}

/** An empty project that installs the package beside a major version of Nest, as its users do. */
export async function consumer(nest: number, tarball: string): Promise<string> {
  const folder = await temporaryFolder(`nest-${nest}`);
  const nestPackages = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${nest}`);
  const others = ['express-session', 'class-validator', 'reflect-metadata', 'rxjs'];
  const types = ['@types/node@20', '@types/express', '@types/express-session'];
  await install(folder, [tarball].concat(nestPackages, others, types));
  return folder;
}

/** Makes a project of a folder, with these packages. */
export async function install(folder: string, packages: readonly string[]): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }));
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install'].concat(options, packages), { cwd: folder, env });
}
