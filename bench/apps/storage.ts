import { RedisStore } from 'connect-redis';
import { MemoryStore, type Store } from 'express-session';
import type { ActivityLedger } from 'nestjs-session-timeout';
import { RedisLedger } from 'nestjs-session-timeout/redis';
import { createClient } from 'redis';
import { openPostgres } from './postgres-storage.js';

/** Where a server keeps its sessions; in memory without a URL. */
export interface StorageOptions {
  readonly redisUrl?: string | undefined;
  readonly postgresUrl?: string | undefined;
  /** The prefix of the keys in Redis, or the name of the schema in Postgres. */
  readonly prefix?: string | undefined;
  /** connect-redis: whether requests leave the time to live of a row unchanged. */
  readonly disableTouch?: boolean | undefined;
  /** node-redis: whether the client caches what it has read. */
  readonly cache?: boolean | undefined;
}

/** A store, and the ledger beside it. */
export interface Storage {
  readonly store: Store;
  /** That of the module by default. */
  readonly ledger?: ActivityLedger;
  /** How many statements were sent to Postgres, by kind. It grows. */
  readonly statements?: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { redisUrl, postgresUrl, prefix = '' } = options;
  if (postgresUrl !== undefined) return openPostgres(postgresUrl, prefix);
  if (redisUrl !== undefined) return openRedis(redisUrl, options);
  return { store: new MemoryStore(), close: async () => {} };
}

async function openRedis(url: string, { prefix = '', disableTouch = false, cache }: StorageOptions): Promise<Storage> {
  const connected = cache ? createClient({ url, RESP: 3, clientSideCache: {} }) : createClient({ url });
  const client = (await connected.connect()) as ReturnType<typeof createClient>;
  return {
    store: new RedisStore({ client, prefix: `${prefix}session:`, disableTouch }),
    ledger: new RedisLedger(client, { prefix: `${prefix}ledger:` }),
    close: async () => client.destroy(),
  };
}
