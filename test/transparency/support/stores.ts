import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session, { MemoryStore, type Store } from 'express-session';
import createMemoryStore from 'memorystore';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import sessionFileStore from 'session-file-store';
import { poolOn } from '../../instances/support/postgres-server.js';
import { PrivateStore } from './private-store.js';

/** The rows of a store, by session id. */
export type Rows = Map<string, Record<string, unknown>>;

/** A store, and how to look behind it. */
export interface Shelf {
  readonly store: Store;
  rows(): Promise<Rows>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

const parsed = (entries: readonly (readonly [string, string])[]): Rows =>
  new Map(entries.map(([id, row]) => [id, JSON.parse(row) as Record<string, unknown>]));
const nothing = async () => {};

/** express-session's own store. */
export async function memoryShelf(): Promise<Shelf> {
  const store = new MemoryStore() as MemoryStore & { sessions: Record<string, string> };
  return {
    store,
    rows: async () => parsed(Object.entries(store.sessions)),
    clear: async () => void (store.sessions = Object.create(null) as Record<string, string>),
    close: nothing,
  };
}

/** memorystore, whose rows expire by themselves. */
export async function memorystoreShelf(): Promise<Shelf> {
  const Memorystore = createMemoryStore(session);
  const store = new Memorystore({}) as unknown as Store & { readonly store: Table; stopInterval(): void };
  return {
    store,
    async rows() {
      const entries: [string, string][] = [];
      store.store.forEach((row, id) => entries.push([id, row]));
      return parsed(entries.toSorted());
    },
    clear: async () => store.store.reset(),
    close: async () => store.stopInterval(),
  };
}

/** The LRU cache in which memorystore keeps its rows. */
interface Table {
  forEach(each: (row: string, id: string) => void): void;
  reset(): void;
}

/** A store whose rows are in private fields and expire by themselves. */
export async function privateShelf(): Promise<Shelf> {
  const store = new PrivateStore();
  return { store, rows: async () => parsed(store.entries()), clear: async () => store.clearAll(), close: nothing };
}

/** session-file-store, which has a file for each session. */
export async function fileShelf(): Promise<Shelf> {
  const folder = await mkdtemp(join(tmpdir(), 'sessions-'));
  const FileStore = sessionFileStore(session);
  const names = async () => (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  return {
    // It would try six times to read a file that is missing.
    store: new FileStore({ path: folder, retries: 0, reapInterval: -1, logFn: () => {} }),
    async rows() {
      const files = await names();
      const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
      const rows = parsed(files.map((name, i) => [name.slice(0, -'.json'.length), texts[i] as string]));
      // The time of the last access, which differs with each run.
      for (const row of rows.values()) delete row['__lastAccess'];
      return rows;
    },
    async clear() {
      for (const name of await names()) await rm(join(folder, name), { force: true });
    },
    close: () => rm(folder, { recursive: true }),
  };
}

/** connect-redis over one connection. */
export async function redisShelf(url: string, prefix: string): Promise<Shelf> {
  const client = createClient({ url });
  await client.connect();
  const keys = async () => (await client.keys(`${prefix}*`)).toSorted();
  return {
    store: new RedisStore({ client, prefix }),
    async rows() {
      const found = await keys();
      if (found.length === 0) return new Map();
      const texts = await client.mGet(found);
      return parsed(found.map((key, i) => [key.slice(prefix.length), texts[i] as string]));
    },
    async clear() {
      const found = await keys();
      if (found.length > 0) await client.del(found);
    },
    close: async () => void (await client.close()),
  };
}

/** connect-pg-simple over one connection, so that statements are answered in their order. */
export async function postgresShelf(url: string, tableName: string): Promise<Shelf> {
  const pool = poolOn(url, 1);
  const PgStore = connectPgSimple(session);
  await pool.query(
    `CREATE TABLE ${tableName} (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp NOT NULL)`,
  );
  const store = new PgStore({ pool, tableName, pruneSessionInterval: false } as never) as Store & {
    close(): Promise<void>;
  };
  return {
    store,
    async rows() {
      const { rows } = await pool.query(`SELECT sid, sess FROM ${tableName} ORDER BY sid`);
      return new Map((rows as { sid: string; sess: Record<string, unknown> }[]).map(({ sid, sess }) => [sid, sess]));
    },
    clear: async () => void (await pool.query(`DELETE FROM ${tableName}`)),
    async close() {
      await store.close();
      await pool.end();
    },
  };
}
