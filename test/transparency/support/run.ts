import { DIFFERENCES } from '../differences.js';
import { differencesOf, type Pair } from './comparison.js';
import { nameOf, type Scenario, Visitor } from './exchange.js';
import { startTwins, type TwinOptions } from './twins.js';

/** What came of many comparisons. */
export interface Result {
  readonly compared: number;
  /** What differs and is not on the list. */
  readonly unexpected: readonly string[];
  /** The names of the differences on the list that were met. */
  readonly met: ReadonlySet<string>;
}

/** How long one comparison may take. */
const PATIENCE = 20_000;

/** Plays scenarios in both applications, and compares what is seen. */
export async function compareAll(options: TwinOptions, scenarios: readonly Scenario[]): Promise<Result> {
  const twins = await startTwins(options);
  const result = { compared: 0, unexpected: [] as string[], met: new Set<string>() };
  const visitors = [new Visitor(twins.withUs), new Visitor(twins.without)] as const;
  try {
    for (const scenario of scenarios) {
      const [withUs, without] = await inTime(
        nameOf(scenario),
        Promise.all(visitors.map((each) => each.play(scenario))),
      );
      add(result, { scenario, options, withUs, without } as Pair);
    }
  } finally {
    for (const visitor of visitors) visitor.close();
    await twins.close();
  }
  return result;
}

/** Takes out of a pair what the docs promise, and notes what is left. */
export function add(result: { compared: number; unexpected: string[]; met: Set<string> }, pair: Pair): void {
  for (const { name, remove } of DIFFERENCES) if (remove(pair)) result.met.add(name);
  const left = differencesOf(pair);
  result.compared += 1;
  if (left.length > 0) result.unexpected.push([nameOf(pair.scenario), ...left].join('\n  '));
}

export async function inTime<T>(name: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${PATIENCE} ms: ${name}`)), PATIENCE);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export type { TwinOptions };
