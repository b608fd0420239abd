import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import { anyRedis } from '../../../instances/support/redis-server.js';

/** The libraries, and the names of their clients in {@link Clients}. */
export const LIBRARIES = {
  'redis 6': 'nodeRedis',
  'redis 5': 'nodeRedis5',
  'ioredis 6': 'ioRedis',
  'ioredis 5': 'ioRedis5',
} as const;

/** A client of each library on any Redis. */
export type Clients = Awaited<ReturnType<typeof connectAll>>;

/** Connects a client of each library to any Redis. */
export async function connectAll() {
  const redis = await anyRedis();
  const { url } = redis;
  const nodeRedis = createClient({ url });
  const nodeRedis5 = createClient5({ url });
  await Promise.all([nodeRedis.connect(), nodeRedis5.connect()]);
  const ioRedis = new Redis(url);
  const ioRedis5 = new Redis5(url);
  return {
    url,
    nodeRedis,
    nodeRedis5,
    ioRedis,
    ioRedis5,

    /** Deletes the keys under a prefix, and others, and closes everything. */
    async close(prefix: string, ...others: string[]): Promise<void> {
      const keys = [...(await nodeRedis.keys(`${prefix}*`)), ...others];
      if (keys.length > 0) await nodeRedis.del(keys);
      nodeRedis.destroy();
      nodeRedis5.destroy();
      ioRedis.disconnect();
      ioRedis5.disconnect();
      await redis.stop();
    },
  };
}
