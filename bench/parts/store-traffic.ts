import { anyRedis } from '../../test/instances/support/redis-server.js';
import { inShort, onRedis, withServers } from '../apps/subjects.js';
import type { Effort } from '../support/effort.js';
import { Network } from '../support/network.js';
import { type Commands, commandsOf, total } from '../support/redis-commands.js';
import { type Traffic, trafficOf } from '../support/redis-traffic.js';
import type { Server } from '../support/server.js';
import { median } from '../support/statistics.js';
import { percent, table } from '../support/table.js';

const PATHS = ['/active', '/passive'] as const;
/** The first requests write data that later ones do not need to write. */
const WARM_UP = 100;
/** Requests of one user whose round trips are counted, and how long each round trip then takes, in milliseconds. */
const ONE_BY_ONE = 50;
const ROUND_TRIP = 2;

/** Counts what a request asks of Redis, and the time that it takes Redis, as reported by Redis itself. */
export async function storeTraffic(effort: Effort, older?: string): Promise<void> {
  const redis = await anyRedis();
  const network = await Network.before(redis.url);
  try {
    await atFullSpeed(effort, redis.url, network, older);
    await atUsualSpeed(effort, redis.url, older);
  } finally {
    await network.stop();
    await redis.stop();
  }
}

async function atFullSpeed(effort: Effort, redisUrl: string, network: Network, older?: string): Promise<void> {
  const subjects = onRedis(older);
  await withServers(subjects, { redisUrl: network.url }, async (servers) => {
    for (const path of PATHS) {
      const commands: Commands[] = [];
      const roundTrips: number[] = [];
      for (const server of servers) {
        await server.cost(path, WARM_UP);
        commands.push(await commandsOf(redisUrl, () => server.cost(path, effort.requests)));
        roundTrips.push(await roundTripsOf(server, path, network));
      }
      const traffic = await inTurns(servers, effort, (server) =>
        trafficOf(redisUrl, () => server.cost(path, effort.requests)),
      );
      const times = traffic.map((rounds, i) => rounds.map((round) => sum(timesOf(round, commands[i]!).values())));
      const rows = subjects.map(({ name }, i) => {
        const perRequest = (of: (round: Traffic) => number) => median(traffic[i]!.map(of)) / effort.requests;
        const which = [...commands[i]!.sent].filter(([, calls]) => calls >= effort.requests / 100);
        return [
          name,
          (total(commands[i]!) / effort.requests).toFixed(2),
          which
            .map(([command, calls]) => {
              const time = perRequest((round) => timesOf(round, commands[i]!).get(command) ?? 0);
              return `${command} ${(calls / effort.requests).toFixed(2)} (${time.toFixed(1)} µs)`;
            })
            .join(', '),
          roundTrips[i]!.toFixed(2),
          `${(median(times[i]!) / effort.requests).toFixed(2)} µs`,
          i === 0 ? '' : percent(median(times[i]!.map((time, round) => time / times[0]![round]!))),
          `${perRequest(({ received }) => received).toFixed(0)} B`,
          `${perRequest(({ sent }) => sent).toFixed(0)} B`,
        ];
      });
      const head = ['', 'commands', 'which', 'round trips', 'time of Redis', 'to (a)', 'to Redis', 'from Redis'];
      console.log(`\n\`GET ${path}\`, per request\n\n${table(head, rows)}`);
    }
  });
}

/** Counts commands where each user sends one request per second: what is written twice a minute shows there. */
async function atUsualSpeed({ seconds }: Effort, redisUrl: string, older?: string): Promise<void> {
  const rows: string[][] = [];
  for (const subject of inShort(older)) {
    await withServers([subject], { redisUrl }, async ([server]) => {
      let requests = NaN;
      const commands = await commandsOf(redisUrl, async () => {
        requests = await server!.pace('/active', seconds);
      });
      const which = [...commands.sent].map(([command, calls]) => `${command} ${(calls / requests).toFixed(2)}`);
      rows.push([subject.name, (total(commands) / requests).toFixed(2), which.join(', ')]);
    });
  }
  const head = ['one request per second and user', 'commands per request', 'which'];
  console.log(`\n\`GET /active\`\n\n${table(head, rows)}`);
}

/** The results of all rounds, by server. Each round begins with another server. */
async function inTurns<T>(
  servers: readonly Server[],
  { rounds }: Effort,
  measure: (server: Server) => Promise<T>,
): Promise<T[][]> {
  const found: T[][] = servers.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < servers.length; turn += 1) {
      const i = (turn + round) % servers.length;
      found[i]?.push(await measure(servers[i]!));
    }
  }
  return found;
}

/** Round trips of one request after the other, with a delay in which all that is sent together is on its way. */
async function roundTripsOf(server: Server, path: string, network: Network): Promise<number> {
  network.delay(ROUND_TRIP);
  const before = network.roundTrips;
  await server.latencies(path, ONE_BY_ONE);
  const trips = network.roundTrips - before;
  network.delay(0);
  return trips / ONE_BY_ONE;
}

/**
 * The time of Redis for commands that clients sent, by command, in microseconds. The time of a script contains the
 * commands in it. Of a command that is called by both, this takes the share of the calls; of one that is so rare that it
 * was not seen, everything.
 */
function timesOf({ commands }: Traffic, { sent, inScripts }: Commands): Map<string, number> {
  const shares = [...commands].map(([name, { time }]) => {
    const [byClients, byScripts] = [sent.get(name) ?? 0, inScripts.get(name) ?? 0];
    return [name, byScripts === 0 ? time : (time * byClients) / (byClients + byScripts)] as const;
  });
  return new Map(shares);
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((all, value) => all + value, 0);
}
