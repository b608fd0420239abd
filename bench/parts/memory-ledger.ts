import type { DueResult, DueTask } from '../programs/memory-due.js';
import type { MemoryResult, MemoryTask, Times } from '../programs/memory-ledger.js';
import type { PauseResult, PauseTask } from '../programs/memory-pauses.js';
import { inChild } from '../support/child.js';
import type { Effort } from '../support/effort.js';
import { table } from '../support/table.js';

const SIZES = [1000, 10_000, 100_000, 1_000_000];
const OVER = 100_000;
const DUE_SIZES = [0, 1000, 1_000_000];

/** Measures the memory ledger: its size, its speed when it is big, and how long it stops the process. */
export async function memoryLedger(effort: Effort): Promise<void> {
  const withUsers: MemoryResult[] = [];
  const without: MemoryResult[] = [];
  for (const sessions of SIZES) {
    withUsers.push(await measure({ sessions, users: true, rounds: effort.rounds }));
    without.push(await measure({ sessions, users: false, rounds: 1 }));
  }
  const head = ['sessions', ...SIZES.map(count)];
  const bytes = (results: readonly MemoryResult[]) => results.map((result) => `${result.bytes.toFixed(0)} B`);
  console.log(
    `\n${table(head, [
      ...rowsOf(
        'of 1,000 in use',
        withUsers.map(({ inUse }) => inUse),
      ),
      ...rowsOf(
        'of all, at random',
        withUsers.map(({ atRandom }) => atRandom),
      ),
      ['longest call while it grows', ...withUsers.map(({ longestOpen }) => milliseconds(longestOpen))],
      ['size of a session', ...bytes(without)],
      ['… with a user id of 11 characters', ...bytes(withUsers)],
    ])}\n`,
  );

  const due: DueResult[] = [];
  for (const sessions of DUE_SIZES) {
    due.push(await inChild<DueTask, DueResult>('programs/memory-due.ts', { sessions }));
  }
  const nanoseconds = (time: number) => `${time.toFixed(0)} ns`;
  console.log(
    `${table(
      ['sessions that are due', ...DUE_SIZES.map(count)],
      [
        ['`due`, if nothing is due', ...due.map(({ nothing }) => nanoseconds(nothing))],
        ['`due`, 500 of all that are due', ...due.map(({ batch }) => `${batch.toFixed(0)} µs`)],
        ['`expire`, of a session that was active', ...due.map(({ putOff }) => nanoseconds(putOff))],
        ['`expire`, of a session whose time is over', ...due.map(({ ended }) => nanoseconds(ended))],
      ],
    )}\n`,
  );

  const pauses: string[][] = [];
  for (const others of [0, 1_000_000]) {
    const task: PauseTask = { others, over: OVER, rounds: effort.rounds / 5 };
    const { atRest, ended, forgotten } = await inChild<PauseTask, PauseResult>('programs/memory-pauses.ts', task);
    const name = `${count(OVER)} sessions${others > 0 ? `, and ${count(others)} others` : ''}`;
    pauses.push(
      [`${name}: asked for and ended`, milliseconds(ended.turn), milliseconds(ended.delay), milliseconds(atRest.delay)],
      ['… forgotten', milliseconds(forgotten.turn), milliseconds(forgotten.delay), milliseconds(atRest.delay)],
    );
  }
  console.log(table(['at once', 'longest turn, CPU', 'longest delay of the event loop', '… at rest'], pauses));
}

function measure(task: MemoryTask): Promise<MemoryResult> {
  return inChild('programs/memory-ledger.ts', task);
}

function rowsOf(which: string, times: readonly Times[]): string[][] {
  const calls = ['read', 'advance', 'end'] as const;
  return calls.map((call) => [`${call} ${which}`].concat(times.map((some) => `${some[call].toFixed(0)} ns`)));
}

function count(sessions: number): string {
  return sessions.toLocaleString('en');
}

function milliseconds(time: number): string {
  return `${time.toFixed(1)} ms`;
}
