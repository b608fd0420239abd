// Measures what a memory ledger needs to find the sessions that are due, and to end or put off those.
import { MemoryLedger, type UserSessions } from 'nestjs-session-timeout';
import { report, task } from '../support/child.js';
import { keyOf, userOf } from '../support/sessions.js';

export interface DueTask {
  readonly sessions: number;
}

export interface DueResult {
  /** Nanoseconds of CPU time per question when nothing is due, in the fastest round, as everywhere here. */
  readonly nothing: number;
  /** When all are due: microseconds of CPU time per question for a batch. */
  readonly batch: number;
  /** Nanoseconds of CPU time per session that is judged and put off, because it was active. */
  readonly putOff: number;
  /** Nanoseconds of CPU time per session that is judged and ended. */
  readonly ended: number;
}

const MINUTE = 60_000;
const BATCH = 500;
const CALLS = 100_000;
const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 720 * MINUTE };
const keepFor = 2000 * MINUTE;

const { sessions } = task<DueTask>();
const best: Record<keyof DueResult, number> = { nothing: Infinity, batch: Infinity, putOff: Infinity, ended: Infinity };
// Small ledgers are measured often, as the first calls are slow.
for (let round = 0; round < (sessions > 10_000 ? 2 : 50); round += 1) {
  const result = measure();
  for (const what of ['nothing', 'batch', 'putOff', 'ended'] as const) best[what] = Math.min(best[what], result[what]);
}
report(best satisfies DueResult);

function measure(): DueResult {
  let now = 0;
  const ledger = new MemoryLedger({ clock: { now: () => now } });
  const keys = Array.from({ length: sessions }, (_, i) => keyOf(i));
  for (const [i, key] of keys.entries()) {
    // Over ten minutes, so that they are due one after the other.
    now = Math.floor((i / sessions) * 10 * MINUTE);
    ledger.open(key, { user: userOf(i), limits, keepFor });
  }
  now = 10 * MINUTE;
  const nothing = cpuOf(() => repeat(CALLS, () => void ledger.users.due(BATCH, MINUTE))) / CALLS;
  ledger.advance(keys.map((key) => ({ key, idleFor: 0, keepFor })));
  now = 25 * MINUTE - 1;
  const first = sweep(ledger.users);
  now = 40 * MINUTE;
  const second = sweep(ledger.users);
  ledger.close();
  return {
    nothing,
    batch: first.due / Math.max(1, sessions / BATCH) / 1000,
    putOff: first.expire / Math.max(1, sessions),
    ended: second.expire / Math.max(1, sessions),
  };
}

/** Finds and judges all that is due. Returns the CPU time of both in nanoseconds. */
function sweep(users: UserSessions): { due: number; expire: number } {
  const found = { due: 0, expire: 0 };
  for (;;) {
    let batch: readonly string[] = [];
    found.due += cpuOf(() => (batch = users.due(BATCH, MINUTE) as readonly string[]));
    if (batch.length === 0) return found;
    found.expire += cpuOf(() => {
      for (const key of batch) void users.expire(key, { keepFor, limits });
    });
  }
}

function repeat(times: number, call: () => void): void {
  for (let i = 0; i < times; i += 1) call();
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}
