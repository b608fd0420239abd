import { type Address, onEachStore, type Subject, withServers } from '../apps/subjects.js';
import type { Effort } from '../support/effort.js';
import { median } from '../support/statistics.js';
import { percent, table } from '../support/table.js';

const PATHS = ['/active', '/passive'] as const;

/** Compares the CPU time per request of real applications. */
export function requests(effort: Effort, older?: string): Promise<void> {
  return onEachStore(older, (subjects, address) => compare(subjects, address, effort));
}

async function compare(subjects: readonly Subject[], address: Address, effort: Effort): Promise<void> {
  const costs = PATHS.map(() => new Costs(subjects));
  for (let generation = 0; generation < effort.processes; generation += 1) {
    for (const some of costs) some.begin();
    await withServers(subjects, address, async (servers) => {
      for (const server of servers) for (const path of PATHS) await server.cost(path, effort.warmUp);
      for (let round = 0; round < effort.rounds; round += 1) {
        for (const [p, path] of PATHS.entries()) {
          const found: number[] = [];
          // Each round begins with another server, so that none always follows the same one.
          for (let turn = 0; turn < servers.length; turn += 1) {
            const i = (turn + round) % servers.length;
            found[i] = (await servers[i]?.cost(path, effort.requests)) as number;
          }
          costs[p]?.add(found);
        }
      }
    });
  }
  for (const [p, path] of PATHS.entries()) console.log(`\`GET ${path}\`\n\n${costs[p]?.table()}\n`);
}

/**
 * CPU times by process, round and subject. Ratios compare costs of the same round, so that temporary slowdowns of the
 * machine cancel out.
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
      const ratios = this.processes.map((rounds) => rounds.map((round) => round[i]! / round[0]!));
      const ofProcesses = ratios.map(median);
      return [
        name,
        `${median(this.processes.flat().map((round) => round[i]!)).toFixed(1)} µs`,
        i === 0 ? '' : percent(median(ratios.flat())),
        i === 0 ? '' : `${percent(Math.min(...ofProcesses))} … ${percent(Math.max(...ofProcesses))}`,
      ];
    });
    return table(['', 'CPU per request', 'to (a)', 'by process'], rows);
  }
}
