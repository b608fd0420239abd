import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, onEachStore, type Subject, withServers } from '../apps/subjects.js';
import type { Effort } from '../support/effort.js';
import { table } from '../support/table.js';

const REQUESTS = 20_000;
const LONGEST_LIST = 25;

/** Shows where the CPU time of a request goes (`node --cpu-prof`): by package, and by function of this package. */
export function profile(effort: Effort, older?: string): Promise<void> {
  return onEachStore(older, (subjects, address) => profileEach(subjects, address, effort));
}

async function profileEach(subjects: readonly Subject[], address: Address, effort: Effort): Promise<void> {
  const isCompared = ({ name, variant, disableTouch }: Subject): boolean =>
    (variant === 'bare' || variant === 'ours') && !disableTouch && !name.includes('once more');
  for (const subject of subjects.filter(isCompared)) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    const options = ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-interval', '200'];
    try {
      await withServers(
        [subject],
        address,
        async ([server]) => void (await server?.cost('/active', effort.warmUp + REQUESTS)),
        options,
      );
      const times = await selfTimes(folder);
      print(subject.name, times, effort.warmUp + REQUESTS);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Microseconds by `package function`. */
async function selfTimes(folder: string): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const file of await readdir(folder)) {
    const { nodes, samples, timeDeltas } = JSON.parse(await readFile(join(folder, file), 'utf8')) as Profile;
    const names = new Map(nodes.map(({ id, callFrame }) => [id, `${owner(callFrame.url)} ${callFrame.functionName}`]));
    for (const [i, id] of samples.entries()) {
      const name = names.get(id) as string;
      times.set(name, (times.get(name) ?? 0) + (timeDeltas[i] ?? 0));
    }
  }
  return times;
}

function owner(url: string): string {
  const dependency = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (dependency) return dependency;
  const ours = /\/dist\/(.*)\.js$/.exec(url)?.[1];
  return ours ? `ours:${ours}` : url.startsWith('node:') ? 'node' : url === '' ? 'engine' : 'application';
}

function print(name: string, times: Map<string, number>, requests: number): void {
  const perRequest = (time: number) => `${(time / requests).toFixed(2)} µs`;
  const packages = new Map<string, number>();
  for (const [key, time] of times) {
    if (/ \((idle|program)\)$/.test(key)) continue;
    const group = key.split(' ', 1)[0]!.replace(/:.*/, '');
    packages.set(group, (packages.get(group) ?? 0) + time);
  }
  const rows = (entries: Iterable<[string, number]>) =>
    [...entries].toSorted(([, a], [, b]) => b - a).map(([key, time]) => [key, perRequest(time)]);
  console.log(`\n### ${name}\n\n${table(['package', 'self time per request'], rows(packages))}`);
  const ours = [...times].filter(([key]) => key.startsWith('ours:'));
  if (ours.length > 0) console.log(`\n${table(['function', ''], rows(ours).slice(0, LONGEST_LIST))}`);
}
