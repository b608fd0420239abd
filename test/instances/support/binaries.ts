import { accessSync, constants, readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** The path of a program on this machine: in PATH, or where Debian keeps those of Postgres. */
export function findBinary(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...postgresFolders()];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

const told = new Set<string>();

/**
 * `describe`, but skipped with one clear line if `found` is missing. With `CI=true` nothing is skipped: that fails.
 *
 * @param what what is missing, and how to get it
 */
export function describeIf(found: unknown, what: string): (name: string, tests: () => void) => void {
  return (name, tests) => {
    if (found) return describe(name, tests);
    if (process.env['CI'] === 'true') throw new Error(`${what}. With CI=true no test is skipped.`);
    if (!told.has(what)) process.stderr.write(`SKIPPED: ${what}\n`);
    told.add(what);
    describe.skip(name, tests);
  };
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Tries until it works. */
export async function eventually<T>(attempt: () => Promise<T> | T, timeout = 30_000): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(10);
    }
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function postgresFolders(): string[] {
  try {
    const versions = readdirSync(DEBIAN_POSTGRES).toSorted((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
