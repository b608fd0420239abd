import { type Address, onEachStore, type Subject, withServers } from '../apps/subjects.js';
import type { Effort } from '../support/effort.js';
import { USERS } from '../support/server.js';
import { median } from '../support/statistics.js';
import { percent, table } from '../support/table.js';

/**
 * If requests come together, their answers leave together, and so do their commands to Redis. Then a second command costs
 * little, and a second round trip nothing. If they come one at a time, each of them costs a system call.
 */
const LOADS = ['/active', '/passive'].flatMap((path) => [
  { path, users: 1, name: `\`GET ${path}\`, one request at a time` },
  { path, users: USERS, name: `\`GET ${path}\`, from ten users at once` },
]);

/** Compares the CPU time per request of real applications. */
export function requests(effort: Effort, older?: string): Promise<void> {
  return onEachStore(older, (subjects, address) => compare(subjects, address, effort));
}

async function compare(subjects: readonly Subject[], address: Address, effort: Effort): Promise<void> {
  const costs = LOADS.map(() => new Costs(subjects));
  for (let generation = 0; generation < effort.processes; generation += 1) {
    for (const some of costs) some.begin();
    await withServers(subjects, address, async (servers) => {
      for (const server of servers) for (const { path, users } of LOADS) await server.cost(path, effort.warmUp, users);
      for (let round = 0; round < effort.rounds; round += 1) {
        for (const [l, { path, users }] of LOADS.entries()) {
          const found: number[] = [];
          // Each round begins with another server, so that none always follows the same one.
          for (let turn = 0; turn < servers.length; turn += 1) {
            const i = (turn + round) % servers.length;
            found[i] = (await servers[i]?.cost(path, effort.requests, users)) as number;
          }
          costs[l]?.add(found);
        }
      }
    });
  }
  for (const [l, { name }] of LOADS.entries()) console.log(`${name}\n\n${costs[l]?.table()}\n`);
}

/**
 * CPU times by process, round and subject. Ratios compare costs of the same round, so that temporary slowdowns of the
 * machine cancel out. All compare with the mean of both (a), which are the first two.
 */
class Costs {
  private readonly processes: number[][][] = [];

  constructor(private readonly subjects: readonly Subject[]) {}

  /** Call it when new processes start. */
  begin(): void {
    this.processes.push([]);
  }

  add(round: number[]): void {
    this.processes.at(-1)?.push(round);
  }

  table(): string {
    const rows = this.subjects.map(({ name }, i) => {
      const ratios = this.processes.map((rounds) => rounds.map((round) => round[i]! / ((round[0]! + round[1]!) / 2)));
      const ofProcesses = ratios.map(median);
      return [
        name,
        `${median(this.processes.flat().map((round) => round[i]!)).toFixed(1)} µs`,
        percent(median(ratios.flat())),
        `${percent(Math.min(...ofProcesses))} … ${percent(Math.max(...ofProcesses))}`,
      ];
    });
    return table(['', 'CPU per request', 'to both (a)', 'by process'], rows);
  }
}
