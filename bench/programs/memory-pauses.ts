// How long the event loop stands still while many sessions of a memory ledger are over at once.
import { MemoryLedger } from 'nestjs-session-timeout';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { report, task } from '../support/child.js';
import { keyOf, userOf } from '../support/sessions.js';
import { median } from '../support/statistics.js';

export interface PauseTask {
  /** How many are there all the time. */
  readonly others: number;
  /** How many are over at once. */
  readonly over: number;
  readonly rounds: number;
}

/** The longest in milliseconds: of each round the longest, and of those the median. */
export interface Pause {
  /** How late a timer of the event loop was. */
  readonly delay: number;
  /** CPU time of one turn: what stays of it when nothing else wants the machine. */
  readonly turn: number;
}

export interface PauseResult {
  /** While nothing happens: what the machine itself does. */
  readonly atRest: Pause;
  /** While each is asked for and ended by a request of its own. */
  readonly ended: Pause;
  /** While the sweeper forgets those that are over. */
  readonly forgotten: Pause;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** The sweeper is in no hurry; who measures several rounds is. Each sweep is what it always is. */
const HASTE = 20;

const { others, over, rounds } = task<PauseTask>();
const { setInterval } = globalThis;
globalThis.setInterval = ((sweep: () => void, interval: number) =>
  setInterval(() => turn(sweep), interval / HASTE)) as typeof setInterval;

let longestTurn = 0;

let now = 0;
const ledger = new MemoryLedger({ clock: { now: () => now } });
for (let i = 0; i < others; i += 1) ledger.open(keyOf(i), { user: userOf(i), keepFor: 1000 * HOUR });

const found = { atRest: [] as Pause[], ended: [] as Pause[], forgotten: [] as Pause[] };
for (let round = 0; round < rounds; round += 1) {
  const those = Array.from({ length: over }, (_, i) => others + round * over + i);
  for (const i of those) ledger.open(keyOf(i), { user: userOf(i), keepFor: 12 * HOUR });
  found.atRest.push(await longestPause(() => setTimeout(500)));
  found.ended.push(
    await longestPause(async () => {
      for (const i of those) {
        turn(() => {
          const key = keyOf(i);
          if (ledger.read(key)?.state === 'open') ledger.end(key, { reason: 'idle', keepFor: 15 * MINUTE });
        });
        await setImmediate();
      }
    }),
  );
  found.forgotten.push(
    await longestPause(async () => {
      now += 15 * MINUTE;
      while (ledger.size > others) await setTimeout(50);
    }),
  );
}
const typical = (pauses: readonly Pause[]): Pause => ({
  delay: median(pauses.map(({ delay }) => delay)),
  turn: median(pauses.map(({ turn }) => turn)),
});
const { atRest, ended, forgotten } = found;
report({ atRest: typical(atRest), ended: typical(ended), forgotten: typical(forgotten) } satisfies PauseResult);

/** Does the work of one turn of the event loop. */
function turn(work: () => void): void {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  longestTurn = Math.max(longestTurn, (user + system) / 1000);
}

async function longestPause(work: () => Promise<void>): Promise<Pause> {
  gc?.();
  await setTimeout(100);
  longestTurn = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return { delay: delay.max / 1e6, turn: longestTurn };
}
