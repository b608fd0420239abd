import { PGlite } from '@electric-sql/pglite';
import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session, { MemoryStore, type Store } from 'express-session';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { FileStore } from './file-store.js';
import { PrivateStore } from './private-store.js';

/** The rows of a store, by session id. */
export type Rows = Map<string, Record<string, unknown>>;

/** A store, and how to look behind it. */
export interface Shelf {
  readonly store: Store;
  /** Whether it answers in the order in which it was asked, so that callbacks have one order. */
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

/** A store whose rows are in private fields and expire by themselves, as memorystore has them. */
export async function privateShelf(): Promise<Shelf> {
  const store = new PrivateStore();
  return { store, rows: async () => parsed(store.entries()), clear: async () => store.clearAll(), close: nothing };
}

/** A store with a file for each session, as session-file-store has them. */
export async function fileShelf(): Promise<Shelf> {
  const folder = await mkdtemp(join(tmpdir(), 'sessions-'));
  const names = async () => (await readdir(folder)).toSorted();
  return {
    store: new FileStore(folder),
    async rows() {
      const files = await names();
      const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
      return parsed(files.map((name, i) => [decodeURIComponent(name.slice(0, -5)), texts[i] as string]));
    },
    async clear() {
      for (const name of await names()) await rm(join(folder, name));
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

/** connect-pg-simple over a Postgres in this process. */
export async function postgresShelf(): Promise<Shelf> {
  const database = await PGlite.create();
  await database.exec('CREATE TABLE session (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL)');
  const PgStore = connectPgSimple(session);
  const query = (text: string, values: unknown[]) => database.query(text, values);
  const store = new PgStore({ pool: { query } as never, pruneSessionInterval: false });
  return {
    store,
    async rows() {
      const { rows } = await database.query<{ sid: string; sess: Record<string, unknown> }>(
        'SELECT sid, sess FROM session ORDER BY sid',
      );
      return new Map(rows.map(({ sid, sess }) => [sid, sess]));
    },
    clear: async () => void (await database.exec('DELETE FROM session')),
    close: async () => {
      await store.close();
      await database.close();
    },
  };
}
