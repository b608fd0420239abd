import { quickest, type RedisClient } from './redis-client.js';
import { type Hash, hashOf } from './redis-record.js';

/** Reads hashes with plain commands. */
export interface HashReader {
  /** Sends the command at once. */
  read(key: string): Promise<Hash>;
  /** Drops a key from the client's cache. Only a client with a cache has it. */
  readonly forget?: ((key: string) => void) | undefined;
}

/** The part that is used of a node-redis client or pool. */
interface NodeRedisReader {
  /** Returns what the type mapping of the client says. */
  hGetAll(key: string): Promise<Hash | ReadonlyMap<string, unknown> | readonly unknown[]>;
  readonly clientSideCache?: { invalidate(key: string): void } | undefined;
}

/** The part that is used of an ioredis client. */
interface IoRedisReader {
  hgetall(key: string): Promise<Hash>;
}

/**
 * Returns a reader for a client that talks to one server. For clusters and sentinels there is none: they may send
 * reads to a replica, which may not know yet that a session has ended, and each of their servers has its own clock.
 * There is none for a pool with a cache either: an answer on one connection does not show that the others are alive.
 */
export function hashReaderFor(client: RedisClient): HashReader | undefined {
  if (isNodeRedis(client)) {
    const connected = quickest(client);
    const cache = client.clientSideCache;
    return {
      read: (key) => connected().hGetAll(key).then(asHash),
      forget: cache && ((key) => cache.invalidate(key)),
    };
  }
  return isIoRedis(client) ? { read: (key) => client.hgetall(key) } : undefined;
}

function isNodeRedis(client: object): client is NodeRedisReader {
  const { hGetAll, clientSideCache, socketEpoch, totalClients } = client as Record<string, unknown>;
  const isSingle = typeof socketEpoch === 'number';
  const isPlainPool = typeof totalClients === 'number' && clientSideCache === undefined;
  return typeof hGetAll === 'function' && (isSingle || isPlainPool);
}

function isIoRedis(client: object): client is IoRedisReader {
  const { hgetall, isCluster } = client as Record<string, unknown>;
  return typeof hgetall === 'function' && isCluster === false;
}

function asHash(reply: Awaited<ReturnType<NodeRedisReader['hGetAll']>>): Hash {
  if (Array.isArray(reply)) return hashOf(reply);
  return reply instanceof Map ? Object.fromEntries(reply) : (reply as Hash);
}
