// Measures how long the event loop stops when many sessions of a memory ledger end at once.
import { MemoryLedger } from 'nestjs-session-timeout';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { report, task } from '../support/child.js';
import { keyOf, userOf } from '../support/sessions.js';
import { median } from '../support/statistics.js';

export interface PauseTask {
  /** Sessions that exist all the time. */
  readonly others: number;
  /** Sessions that end at once. */
  readonly over: number;
  readonly rounds: number;
}

/** The longest pause of a round in milliseconds; the median over the rounds. */
export interface Pause {
  /** How late a timer of the event loop was. */
  readonly delay: number;
  /** CPU time of one turn. Other load on the machine does not count. */
  readonly turn: number;
}

export interface PauseResult {
  /** While nothing happens: the pauses of the machine itself. */
  readonly atRest: Pause;
  /** While a separate request asks for each session and ends it. */
  readonly ended: Pause;
  /** While the ledger deletes the ended ones. */
  readonly forgotten: Pause;
}

const HOUR = 3_600_000;
const limits = { idleTimeout: HOUR / 4, absoluteTimeout: 12 * HOUR };
const MINUTE = 60_000;
/** Rows are deleted this many times more often, to save time. The work of each time is unchanged. */
const HASTE = 20;

const { others, over, rounds } = task<PauseTask>();
const { setInterval } = globalThis;
globalThis.setInterval = ((prune: () => void, interval: number) =>
  setInterval(() => turn(prune), interval / HASTE)) as typeof setInterval;

let longestTurn = 0;

let now = 0;
const ledger = new MemoryLedger({ clock: { now: () => now } });
for (let i = 0; i < others; i += 1) ledger.open(keyOf(i), { user: userOf(i), limits, keepFor: 1000 * HOUR });

const found = { atRest: [] as Pause[], ended: [] as Pause[], forgotten: [] as Pause[] };
for (let round = 0; round < rounds; round += 1) {
  const those = Array.from({ length: over }, (_, i) => others + round * over + i);
  for (const i of those) ledger.open(keyOf(i), { user: userOf(i), limits, keepFor: 12 * HOUR });
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

/** Runs one turn of the event loop and notes its CPU time. */
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
