import type pg from 'pg';
import { PostgresLedger } from 'nestjs-session-timeout/postgres';
import { anyPostgres, poolOn } from '../../test/instances/support/postgres-server.js';
import type { Effort } from '../support/effort.js';
import { fillPostgres } from '../support/postgres-sessions.js';
import { keyOf, userOf } from '../support/sessions.js';
import { median } from '../support/statistics.js';
import { table } from '../support/table.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TABLE = 'bench_sweep';
const LIMITS = { idleTimeout: 60 * MINUTE, absoluteTimeout: 8 * 60 * MINUTE };
const TIMES = 200;
/** Sessions in one question of what is due. */
const BATCH = 100;
const MOST_SWEPT = 10_000;

/** Measures what the search for sessions whose time is over costs Postgres, and a sign-in with a limited number. */
export async function postgresSweep({ sessions }: Effort): Promise<void> {
  const postgres = await anyPostgres();
  const pool = poolOn(postgres.url);
  const rows: string[][] = [];
  try {
    for (const count of [0, 1000, sessions]) rows.push(await measure(pool, count));
  } finally {
    await pool.query(`DROP TABLE IF EXISTS ${TABLE}`);
    await pool.end();
    await postgres.stop();
  }
  const head = ['sessions', 'nothing is due', `${BATCH} are due`, 'all are due: ended', 'open', 'claim and open'];
  console.log(`\n${table(head, rows)}`);
}

async function measure(pool: pg.Pool, count: number): Promise<string[]> {
  await pool.query(`DROP TABLE IF EXISTS ${TABLE}`);
  const ledger = new PostgresLedger(pool, { table: TABLE });
  const { users } = ledger;
  try {
    await ledger.ensureSchema();
    await fillPostgres(pool, TABLE, count);
    const nothing = await timeOf(() => users.due(BATCH, MINUTE));
    const open = await timeOf((i) => ledger.open(keyOf(-1 - i), { user: userOf(i), limits: LIMITS, keepFor: DAY }));
    const claim = await timeOf(async (i) => {
      await users.claim(userOf(i), keyOf(-1001 - i), { max: 10, evict: [] });
      await ledger.open(keyOf(-1001 - i), { user: userOf(i), limits: LIMITS, keepFor: DAY });
    });
    await pool.query(
      `UPDATE ${TABLE} SET active_at = active_at - interval '2 hours', due_at = due_at - interval '2 hours'`,
    );
    await pool.query(`VACUUM ANALYZE ${TABLE}`);
    const some = count === 0 ? NaN : await timeOf(() => users.due(BATCH, 1), Math.min(TIMES, count / BATCH));
    return [
      count.toLocaleString('en'),
      inMs(nothing),
      inMs(some),
      await sweepRate(users, count),
      inMs(open),
      inMs(claim),
    ];
  } finally {
    ledger.close();
  }
}

/** How many sessions one sweeper ends in a second. */
async function sweepRate(users: PostgresLedger['users'], count: number): Promise<string> {
  if (count === 0) return '';
  const startedAt = performance.now();
  let ended = 0;
  while (ended < MOST_SWEPT) {
    const keys = await users.due(BATCH, MINUTE);
    if (keys.length === 0) break;
    await Promise.all(keys.map((key) => users.expire(key, { keepFor: DAY })));
    ended += keys.length;
  }
  return `${((ended / (performance.now() - startedAt)) * 1000).toFixed(0)} in 1 s`;
}

async function timeOf(work: (i: number) => unknown, times = TIMES): Promise<number> {
  const durations: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const startedAt = performance.now();
    await work(i);
    durations.push(performance.now() - startedAt);
  }
  return median(durations);
}

function inMs(duration: number): string {
  return Number.isNaN(duration) ? '' : `${duration.toFixed(2)} ms`;
}
