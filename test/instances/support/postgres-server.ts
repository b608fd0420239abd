import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { describeIf, eventually, findBinary, freePort } from './binaries.js';

const run = promisify(execFile);
const initdb = findBinary('initdb');
const postgres = findBinary('postgres');
// Postgres refuses to run as root; anybody else will do.
const NOBODY = 65534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** `describe` for what needs a Postgres: that of `POSTGRES_URL`, or one of its own. */
export const describeWithPostgres = describeIf(
  process.env['POSTGRES_URL'] ?? (initdb && postgres),
  'neither POSTGRES_URL is set nor is there a Postgres on this machine (Debian: apt-get install postgresql)',
);

/** A Postgres for the tests of one file. */
export interface TestPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** One that a test does as it likes with. */
export interface OwnPostgres extends TestPostgres {
  /** Stops it at once, as a crash does, and starts it again. What was committed stays. */
  restart(): Promise<void>;
}

/** The Postgres of `POSTGRES_URL`, or one that is started for this and stopped with it. */
export async function anyPostgres(): Promise<TestPostgres> {
  const url = process.env['POSTGRES_URL'];
  return url ? { url, stop: async () => {} } : startPostgres();
}

/** Connections that the server may cut: it stops before it has noticed that they are closed. */
export function poolOn(url: string, max = 10): pg.Pool {
  return new pg.Pool({ connectionString: url, max }).on('error', () => {});
}

export async function startPostgres(): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'test', '--auth', 'trust', '--no-sync', '-E', 'UTF8'];
  await run(initdb as string, init, { cwd: folder, ...user });
  // Only now, because others may take the port while the files are made.
  const port = await freePort();
  const settings = { fsync: 'off', listen_addresses: '127.0.0.1', unix_socket_directories: '', port };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const start = () => spawn(postgres as string, ['-D', data, ...options], { stdio: 'ignore', cwd: folder, ...user });
  let server = start();
  const url = `postgres://test@127.0.0.1:${port}/postgres`;
  await eventually(() => connects(url));
  return {
    url,
    async restart() {
      const exited = once(server, 'exit');
      server.kill('SIGQUIT');
      await exited;
      server = start();
      await eventually(() => connects(url));
    },
    async stop() {
      const exited = once(server, 'exit');
      // Fast shutdown: whoever is connected.
      server.kill('SIGINT');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connects(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.end();
}
