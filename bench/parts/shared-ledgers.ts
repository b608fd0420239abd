import { PostgresLedger } from 'nestjs-session-timeout/postgres';
import { RedisLedger } from 'nestjs-session-timeout/redis';
import { createClient } from 'redis';
import { CoalescingLedger } from '../../src/ledger/layers/coalescing-ledger.js';
import type { ActivityLedger } from '../../src/ledger/activity-ledger.js';
import { anyPostgres, poolOn } from '../../test/instances/support/postgres-server.js';
import { anyRedis } from '../../test/instances/support/redis-server.js';
import type { Effort } from '../support/effort.js';
import { fillPostgres } from '../support/postgres-sessions.js';
import { commandsOf, total } from '../support/redis-commands.js';
import { anyOf, keyOf, userOf } from '../support/sessions.js';
import { table } from '../support/table.js';

const HOUR = 3_600_000;
const CONNECTIONS = 10;
/** Activities written in one call. */
const BATCH = 500;
const OPERATIONS = 20_000;
/** Users who ask once a second, for this many seconds. */
const USERS = 10;
const SECONDS = 120;

/** Measures the shared ledgers: their size, their operations per second, and how often a request asks them. */
export async function sharedLedgers({ sessions }: Effort): Promise<void> {
  const columns = [await onRedis(sessions), await onPostgres(sessions)];
  const names = Object.keys(columns[0]!);
  const rows = names.map((name) => [name].concat(columns.map((column) => column[name] as string)));
  console.log(`\n${table([`${sessions.toLocaleString('en')} sessions`, 'Redis', 'Postgres'], rows)}`);
}

async function onRedis(sessions: number): Promise<Record<string, string>> {
  const redis = await anyRedis();
  const client = await createClient({ url: redis.url }).connect();
  const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  const ledger = new RedisLedger(client, { prefix: 'bench:' });
  try {
    const before = await used();
    for (let i = 0; i < sessions; i += BATCH) {
      const some = Array.from({ length: Math.min(BATCH, sessions - i) }, (_, j) => i + j);
      await Promise.all(some.map((i) => ledger.open(keyOf(i), { user: userOf(i), keepFor: HOUR })));
    }
    const bytes = ((await used()) - before) / sessions;
    const count = async (work: () => Promise<void>) => total(await commandsOf(redis.url, work));
    return { size: `${bytes.toFixed(0)} B`, ...(await ratesOf(ledger, sessions)), ...(await tripsOf(ledger, count)) };
  } finally {
    client.destroy();
    await redis.stop();
  }
}

async function onPostgres(sessions: number): Promise<Record<string, string>> {
  const postgres = await anyPostgres();
  const pool = poolOn(postgres.url, CONNECTIONS);
  let asked = 0;
  const query = (text: string, values?: unknown[]) => ((asked += 1), pool.query(text, values));
  const ledger = new PostgresLedger({ query }, { table: 'bench_timeline' });
  try {
    await ledger.ensureSchema();
    await fillPostgres(pool, 'bench_timeline', sessions);
    const { rows } = await pool.query(`SELECT pg_total_relation_size('bench_timeline')::float8 AS bytes`);
    const bytes = (rows[0] as { bytes: number }).bytes / sessions;
    const count = async (work: () => Promise<void>) => {
      const before = asked;
      await work();
      return asked - before;
    };
    return { size: `${bytes.toFixed(0)} B`, ...(await ratesOf(ledger, sessions)), ...(await tripsOf(ledger, count)) };
  } finally {
    ledger.close();
    await pool.query('DROP TABLE IF EXISTS bench_timeline');
    await pool.end();
    await postgres.stop();
  }
}

/** Operations per second on random sessions, many at a time. */
async function ratesOf(ledger: ActivityLedger, sessions: number): Promise<Record<string, string>> {
  const rate = async (work: (keys: readonly string[]) => Promise<unknown>) => {
    const keys = anyOf(sessions, OPERATIONS).map(keyOf);
    const startedAt = performance.now();
    for (let i = 0; i < OPERATIONS; i += BATCH) await work(keys.slice(i, i + BATCH));
    return `${(OPERATIONS / (performance.now() - startedAt)).toFixed(1)} k/s`;
  };
  const read = (keys: readonly string[]) => Promise.all(keys.map((key) => ledger.read(key)));
  await rate(read);
  return {
    'reads, 500 at a time': await rate(read),
    'activities, 500 in one call': await rate((keys) =>
      Promise.resolve(ledger.advance(keys.map((key) => ({ key, idleFor: 0, keepFor: HOUR })))),
    ),
    'ends, 500 at a time': await rate((keys) =>
      Promise.all(keys.map((key) => ledger.end(key, { reason: 'signed-out', keepFor: HOUR }))),
    ),
  };
}

/** How often a request asks the ledger, by the layers around it. */
async function tripsOf(
  ledger: ActivityLedger,
  count: (work: () => Promise<void>) => Promise<number>,
): Promise<Record<string, string>> {
  const perRequest = async (who: string, isActive: boolean) => {
    let now = 0;
    const coalescing = new CoalescingLedger(ledger, { within: 30_000, clock: { now: () => now } });
    const keys = Array.from({ length: USERS }, (_, i) => keyOf(-1 - i) + who);
    for (const key of keys) await coalescing.open(key, { keepFor: HOUR });
    const trips = await count(async () => {
      for (let second = 0; second < SECONDS; second += 1) {
        now += 1000;
        for (const key of keys) {
          await coalescing.read(key);
          if (isActive) await coalescing.advance([{ key, idleFor: 0, keepFor: HOUR }]);
        }
      }
    });
    return (trips / (USERS * SECONDS)).toFixed(2);
  };
  return {
    'round trips of an active request': await perRequest('active', true),
    'round trips of a passive request': await perRequest('passive', false),
  };
}
