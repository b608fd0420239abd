import { createClient } from 'redis';
import { anyRedis } from '../../test/instances/support/redis-server.js';
import { inShort, withServers } from '../apps/subjects.js';
import type { Effort } from '../support/effort.js';
import { Network } from '../support/network.js';
import { median } from '../support/statistics.js';
import { percent, table } from '../support/table.js';

/** The time of a round trip to Redis, in milliseconds. */
const ROUND_TRIP = 4;
/** Requests per turn. */
const REQUESTS = 20;
const PINGS = 50;

/** Compares how long one user waits for an answer if Redis is 4 ms away. */
export async function networkDelay(effort: Effort, older?: string): Promise<void> {
  const redis = await anyRedis();
  const network = await Network.before(redis.url);
  const subjects = inShort(older);
  const times: number[][][] = [];
  const roundTrips = subjects.map(() => 0);
  try {
    await withServers(subjects, { redisUrl: network.url }, async (servers) => {
      for (const server of servers) await server.cost('/active', effort.warmUp);
      network.delay(ROUND_TRIP);
      console.log(`\nPING to Redis: ${(await pingOf(network.url)).toFixed(2)} ms\n`);
      for (let round = 0; round < effort.rounds; round += 1) {
        const found: number[][] = [];
        for (let turn = 0; turn < servers.length; turn += 1) {
          const i = (turn + round) % servers.length;
          const before = network.roundTrips;
          found[i] = (await servers[i]?.latencies('/active', REQUESTS)) as number[];
          roundTrips[i]! += network.roundTrips - before;
        }
        times.push(found);
      }
    });
  } finally {
    await network.stop();
    await redis.stop();
  }
  const rows = subjects.map(({ name }, i) => [
    name,
    `${median(times.flatMap((round) => round[i]!)).toFixed(2)} ms`,
    i === 0 ? '' : percent(median(times.map((round) => median(round[i]!) / median(round[0]!)))),
    (roundTrips[i]! / (effort.rounds * REQUESTS)).toFixed(2),
  ]);
  console.log(table(['', 'time of a request', 'to (a)', 'round trips'], rows));
}

/** The median time of a `PING`, in milliseconds. */
async function pingOf(url: string): Promise<number> {
  const client = await createClient({ url }).connect();
  const times: number[] = [];
  while (times.length < PINGS) {
    const startedAt = performance.now();
    await client.ping();
    times.push(performance.now() - startedAt);
  }
  client.destroy();
  return median(times);
}
