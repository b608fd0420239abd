import { randomUUID } from 'node:crypto';
import { anyRedis } from '../../test/instances/support/redis-server.js';
import { Server } from '../support/server.js';
import type { ServerOptions } from './server.js';

/** The database of all compared servers. */
export type Address = Pick<ServerOptions, 'redisUrl' | 'postgresUrl'>;

/** A variant with a store, as named in the tables. */
export interface Subject extends Omit<ServerOptions, keyof Address | 'prefix'> {
  readonly name: string;
  /** The folder of the build; this one by default. */
  readonly tree?: string | undefined;
}

const ALONE: Subject = { name: '(a) express-session alone', variant: 'bare' };
const ONCE_MORE: Subject = { name: '(a) once more: the noise', variant: 'bare' };
const BY_HAND: Subject = { name: '(b) guard written by hand', variant: 'byHand' };
const ROLLING: Subject = { name: '(c) rolling cookie', variant: 'rolling' };
const OURS: Subject = { name: '(d) this package', variant: 'ours' };

const WITHOUT_TOUCH: readonly Subject[] = [
  { name: '(a) express-session alone, disableTouch', variant: 'bare', disableTouch: true },
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

/**
 * Stores as they come. The others are compared with the first.
 *
 * @param older the folder of an older build to compare as well
 */
export function asTheyCome(older?: string): readonly Subject[] {
  const before: Subject = { name: '(e) this package, the older build', variant: 'ours', tree: older };
  return [ALONE, ONCE_MORE, BY_HAND, ROLLING, OURS, ...(older === undefined ? [] : [before])];
}

/** Also with the options of connect-redis and node-redis that save commands. */
export function onRedis(older?: string): readonly Subject[] {
  return [...asTheyCome(older), ...WITHOUT_TOUCH, ...CACHED];
}

/** Without what is of no interest where nothing but a wait or a count is measured. */
export function inShort(older?: string): readonly Subject[] {
  return asTheyCome(older).filter(({ variant }) => variant !== 'rolling');
}

/** Compares the variants in memory, then on Redis. */
export async function onEachStore(
  older: string | undefined,
  compare: (subjects: readonly Subject[], address: Address) => Promise<void>,
): Promise<void> {
  console.log('\n### In memory (MemoryStore)\n');
  await compare(asTheyCome(older), {});
  console.log('\n### On Redis (connect-redis)\n');
  const redis = await anyRedis();
  try {
    await compare(onRedis(older), { redisUrl: redis.url });
  } finally {
    await redis.stop();
  }
}

/** Starts a server for each, and stops them at the end. */
export async function withServers(
  subjects: readonly Subject[],
  address: Address,
  work: (servers: readonly Server[]) => Promise<void>,
  nodeOptions?: readonly string[],
): Promise<void> {
  const servers: Server[] = [];
  try {
    for (const { name: _, tree, ...options } of subjects) {
      const prefix = `bench_${randomUUID().replaceAll('-', '')}`;
      servers.push(await Server.start({ ...options, ...address, prefix }, { tree, nodeOptions }));
    }
    await work(servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
