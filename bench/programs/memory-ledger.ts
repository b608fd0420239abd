// Measures the size and speed of a memory ledger with a number of sessions.
import { MemoryLedger } from 'nestjs-session-timeout';
import { report, task } from '../support/child.js';
import { anyOf, keyOf, userOf } from '../support/sessions.js';

export interface MemoryTask {
  readonly sessions: number;
  readonly users: boolean;
  readonly rounds: number;
}

/** Nanoseconds of CPU time per call in the fastest round: other load on the machine can only add time. */
export type Times = Record<'read' | 'advance' | 'end', number>;

export interface MemoryResult {
  /** Bytes per session, with keys and users. */
  readonly bytes: number;
  /** On the same thousand sessions each time. */
  readonly inUse: Times;
  /** On random sessions. */
  readonly atRandom: Times;
  /** The longest single call while the ledger grew, in milliseconds. */
  readonly longestOpen: number;
}

const HOUR = 3_600_000;
const limits = { idleTimeout: HOUR / 4, absoluteTimeout: 12 * HOUR };
const IN_USE = 1000;
/** Calls timed together. */
const CALLS = 20_000;
const PASSES = CALLS / IN_USE;

const { sessions, users, rounds } = task<MemoryTask>();

const before = used();
const ledger = new MemoryLedger();
let longestOpen = 0;
for (let i = 0; i < sessions; i += 1) {
  const key = keyOf(i);
  const user = users ? userOf(i) : undefined;
  const startedAt = performance.now();
  ledger.open(key, { user, limits, keepFor: HOUR });
  longestOpen = Math.max(longestOpen, performance.now() - startedAt);
}
const bytes = (used() - before) / sessions;

// Spread over all sessions.
const few = anyOf(sessions, IN_USE);
const inUse = times(() => few, PASSES);
const atRandom = times(() => anyOf(sessions, CALLS), 1);
ledger.close();
report({ bytes, inUse, atRandom, longestOpen } satisfies MemoryResult);

/** Memory in use, in bytes. */
function used(): number {
  gc?.();
  gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** @param passes how often each round repeats its chosen sessions; if more than once, after one warm-up pass */
function times(choose: () => readonly number[], passes: number): Times {
  const found: Times = { read: Infinity, advance: Infinity, end: Infinity };
  for (let round = 0; round < rounds; round += 1) {
    const chosen = choose();
    const note = (name: keyof Times, call: (key: string) => void): void => {
      // Requests create their keys anew.
      found[name] = Math.min(found[name], time(chosen.map(keyOf), passes, call));
    };
    note('read', (key) => void ledger.read(key));
    note('advance', (key) => void ledger.advance([{ key, idleFor: 0, keepFor: HOUR, limits }]));
    // Tombstones are kept for no time, so that each session can be ended and opened again.
    note('end', (key) => void ledger.end(key, { reason: 'signed-out', keepFor: 0 }));
    for (const i of chosen) ledger.open(keyOf(i), { user: users ? userOf(i) : undefined, limits, keepFor: HOUR });
  }
  return found;
}

function time(keys: readonly string[], passes: number, call: (key: string) => void): number {
  if (passes > 1) for (const key of keys) call(key);
  const before = process.cpuUsage();
  for (let pass = 0; pass < passes; pass += 1) for (const key of keys) call(key);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (keys.length * passes);
}
