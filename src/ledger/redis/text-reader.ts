import { quickest, type RedisClient } from './redis-client.js';

/** Reads what is stored under a key with a plain `GET`. */
export interface TextReader {
  /** Sends the command at once. Returns text or a buffer, or `null` if there is nothing. */
  read(key: string): Promise<unknown>;
  /** Drops a key from the client's cache. Only a client with a cache has it. */
  readonly forget?: ((key: string) => void) | undefined;
}

/** The part that is used of a node-redis client or pool. */
interface NodeRedisReader {
  get(key: string): Promise<unknown>;
  readonly clientSideCache?: { invalidate(key: string): void } | undefined;
}

/** The part that is used of an ioredis client. */
interface IoRedisReader {
  get(key: string): Promise<unknown>;
}

/**
 * Returns a reader for a client of one server. For clusters and sentinels, there is no reader: they may send reads to a
 * replica, which may not know yet that a session has ended, and each of their servers has its own clock. For a pool
 * with a cache, there is none either, because an answer on one connection does not show that the others are alive.
 */
export function textReaderFor(client: RedisClient): TextReader | undefined {
  if (isNodeRedisReader(client)) {
    const connected = quickest(client);
    const cache = client.clientSideCache;
    return {
      read: (key) => connected().get(key),
      forget: cache && ((key) => cache.invalidate(key)),
    };
  }
  return isIoRedisReader(client) ? { read: (key) => client.get(key) } : undefined;
}

function isNodeRedisReader(client: object): client is NodeRedisReader {
  const { get, clientSideCache, socketEpoch, totalClients } = client as Record<string, unknown>;
  const isSingle = typeof socketEpoch === 'number';
  const isPlainPool = typeof totalClients === 'number' && clientSideCache === undefined;
  return typeof get === 'function' && (isSingle || isPlainPool);
}

function isIoRedisReader(client: object): client is IoRedisReader {
  const { get, isCluster } = client as Record<string, unknown>;
  return typeof get === 'function' && isCluster === false;
}
