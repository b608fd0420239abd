import { anyRedis } from '../../test/instances/support/redis-server.js';
import { ON_REDIS, withServers } from '../apps/subjects.js';
import { roundTrips, type Traffic, trafficOf } from '../support/redis-traffic.js';
import { table } from '../support/table.js';

const REQUESTS = 1000;

/** Counts the commands and bytes that a request sends to Redis, as reported by Redis itself. */
export async function storeTraffic(): Promise<void> {
  const subjects = ON_REDIS.filter(({ name }) => !name.includes('once more'));
  const redis = await anyRedis();
  const rows = { '/active': [] as string[][], '/passive': [] as string[][] };
  try {
    for (const subject of subjects) {
      await withServers([subject], redis.url, async ([server]) => {
        for (const path of ['/active', '/passive'] as const) {
          // The first requests write data that later ones do not need to write.
          await server!.cost(path, 100);
          const traffic = await trafficOf(redis.url, () => server!.cost(path, REQUESTS));
          rows[path].push([subject.name, ...cellsOf(traffic)]);
        }
      });
    }
  } finally {
    await redis.stop();
  }
  const head = ['', 'commands per request', 'which, those of scripts included', 'to Redis', 'from Redis'];
  for (const [path, some] of Object.entries(rows)) console.log(`\n\`GET ${path}\`\n\n${table(head, some)}`);
}

function cellsOf(traffic: Traffic): string[] {
  const each = (count: number, digits = 0) => (count / REQUESTS).toFixed(digits);
  const commands = [...traffic.commands].filter(([, calls]) => calls >= REQUESTS / 100);
  return [
    each(roundTrips(traffic), 2),
    commands.map(([name, calls]) => `${name} ${each(calls, 2)}`).join(', '),
    `${each(traffic.received)} B`,
    `${each(traffic.sent)} B`,
  ];
}
