import { randomUUID } from 'node:crypto';
import { anyRedis } from '../../test/instances/support/redis-server.js';
import { Server } from '../support/server.js';
import type { ServerOptions } from './server.js';

/** A variant with a store, as named in the tables. */
export interface Subject extends Omit<ServerOptions, 'redisUrl' | 'prefix'> {
  readonly name: string;
}

/** The others are compared with the first. */
export const IN_MEMORY: readonly Subject[] = [
  { name: '(a) express-session alone', variant: 'bare' },
  { name: '(a) once more: the noise', variant: 'bare' },
  { name: '(b) guard written by hand', variant: 'byHand' },
  { name: '(c) rolling cookie', variant: 'rolling' },
  { name: '(d) this package', variant: 'ours' },
];

const WITHOUT_TOUCH: readonly Subject[] = [
  { name: '(a) express-session alone, disableTouch', variant: 'bare', disableTouch: true },
  { name: '(b) guard written by hand, disableTouch', variant: 'byHand', disableTouch: true },
  { name: '(c) rolling cookie, disableTouch', variant: 'rolling', disableTouch: true },
  { name: '(d) this package, disableTouch', variant: 'ours', disableTouch: true },
];

/** With a client that caches what it has read until Redis reports a change. */
const CACHED: readonly Subject[] = [
  {
    name: '(a) express-session alone, disableTouch, client-side cache',
    variant: 'bare',
    disableTouch: true,
    cache: true,
  },
  { name: '(d) this package, disableTouch, client-side cache', variant: 'ours', disableTouch: true, cache: true },
];

export const ON_REDIS: readonly Subject[] = [...IN_MEMORY, ...WITHOUT_TOUCH, ...CACHED];

/** Compares the variants in memory, then on Redis. */
export async function onEachStore(
  compare: (subjects: readonly Subject[], redisUrl?: string) => Promise<void>,
): Promise<void> {
  console.log('\n### In memory (MemoryStore)\n');
  await compare(IN_MEMORY);
  console.log('\n### On Redis (connect-redis)\n');
  const redis = await anyRedis();
  try {
    await compare(ON_REDIS, redis.url);
  } finally {
    await redis.stop();
  }
}

/** Starts a server for each, and stops them at the end. */
export async function withServers(
  subjects: readonly Subject[],
  redisUrl: string | undefined,
  work: (servers: readonly Server[]) => Promise<void>,
  nodeOptions?: readonly string[],
): Promise<void> {
  const servers: Server[] = [];
  try {
    for (const { name: _, ...options } of subjects) {
      servers.push(await Server.start({ ...options, redisUrl, prefix: `bench-${randomUUID()}:` }, nodeOptions));
    }
    await work(servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
