import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { access, constants, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

/** A Chromium that can be started, and what it needs in its environment. */
export interface Chromium {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

const INSTALLED = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

const run = promisify(execFile);

let found: Promise<Chromium> | undefined;

/** `CHROME_PATH`, else an installed Chrome or Chromium, else the one that npm has brought. */
export function findChromium(): Promise<Chromium> {
  found ??= (async () => {
    const executablePath = process.env['CHROME_PATH'] || (await installedChromium());
    return executablePath ? { executablePath, env: {} } : packagedChromium();
  })();
  return found;
}

async function installedChromium(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const file of [...INSTALLED.flatMap((name) => folders.map((folder) => join(folder, name))), MAC]) {
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return undefined;
}

/**
 * The Chromium of `@sparticuz/chromium`, inflated once. The package's own function writes to fixed
 * names in the temporary folder and takes a half-written file of another process for a whole one.
 */
async function packagedChromium(): Promise<Chromium> {
  const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../../bin');
  const { version } = JSON.parse(await readFile(join(packed, '../package.json'), 'utf8')) as { version: string };
  const folder = join(packed, '../../../.cache', `chromium-${version}`);
  if (!existsSync(folder)) await inflateInto(folder, packed);
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}

async function inflateInto(folder: string, packed: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  const inflate = async (name: string, mode = 0o644) => {
    const file = join(unfinished, name);
    await pipeline(
      createReadStream(join(packed, `${name}.br`)),
      createBrotliDecompress(),
      createWriteStream(file, { mode }),
    );
    return file;
  };
  const untar = async (name: string) => run('tar', ['-x', '-C', unfinished, '-f', await inflate(name)]);
  await Promise.all([inflate('chromium', 0o755), untar('al2023.tar'), untar('fonts.tar')]);
  const fonts = join(folder, 'fonts');
  await writeFile(
    join(unfinished, 'fonts/fonts.conf'),
    `<fontconfig><dir>${fonts}</dir><cachedir>${fonts}/cache</cachedir></fontconfig>`,
  );
  // Whoever is first wins; both have inflated the same.
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }));
}

/** The version that a Chromium says it has. */
export async function versionOf({ executablePath, env }: Chromium): Promise<string> {
  const { stdout } = await run(executablePath, ['--version'], { env: { ...process.env, ...env } });
  return stdout.trim();
}
