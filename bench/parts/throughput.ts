import { type Address, onEachStore, type Subject, withServers } from '../apps/subjects.js';
import type { Effort } from '../support/effort.js';
import { flood, type Throughput } from '../support/load.js';
import { median, quantile } from '../support/statistics.js';
import { percent, table } from '../support/table.js';

/** Compares requests per second and latency under full load (autocannon). */
export function throughput(effort: Effort, older?: string): Promise<void> {
  return onEachStore(older, (subjects, address) => compare(subjects, address, effort));
}

async function compare(subjects: readonly Subject[], address: Address, effort: Effort): Promise<void> {
  const found: Throughput[][] = [];
  await withServers(subjects, address, async (servers) => {
    for (const server of servers) await server.cost('/active', effort.warmUp);
    for (let round = 0; round < effort.floods; round += 1) {
      const inTurn: Throughput[] = [];
      for (let turn = 0; turn < servers.length; turn += 1) {
        const i = (turn + round) % servers.length;
        inTurn[i] = await flood(servers[i]!, '/active', 3);
      }
      found.push(inTurn);
    }
  });
  const rows = subjects.map(({ name }, i) => {
    const of = (what: (throughput: Throughput) => number) => median(found.map((round) => what(round[i]!)));
    return [
      name,
      of(({ rate }) => rate).toFixed(0),
      i === 0 ? '' : percent(median(found.map((round) => round[i]!.rate / round[0]!.rate))),
      `${of(({ latencies }) => quantile(latencies, 0.5)).toFixed(2)} ms`,
      `${of(({ latencies }) => quantile(latencies, 0.99)).toFixed(2)} ms`,
    ];
  });
  console.log(`${table(['', 'requests/s', 'to (a)', 'p50', 'p99'], rows)}\n`);
}
