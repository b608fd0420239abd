import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** What was written in Postgres. */
export interface Written {
  /** Bytes of the write-ahead log. */
  readonly log: number;
  /** New versions of rows. */
  readonly updates: number;
}

const A_MOMENT = 100;
const UNTIL_NOTICED = 300;

/**
 * The first change of a page after a checkpoint writes the whole page to the log. Call this before the rows are
 * created: then no page is old, and nothing of the kind happens until the next checkpoint, after five minutes.
 */
export async function checkpoint(pool: pg.Pool): Promise<void> {
  await pool.query('CHECKPOINT');
}

/**
 * Turns autovacuum off during `work`: it runs at moments of its own, and what it writes would be counted for whoever is
 * measured then.
 */
export async function withoutVacuum(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  await pool.query('ALTER SYSTEM SET autovacuum = off');
  await pool.query('SELECT pg_reload_conf()');
  try {
    await work();
  } finally {
    await pool.query('ALTER SYSTEM RESET autovacuum');
    await pool.query('SELECT pg_reload_conf()');
  }
}

/**
 * Measures what is written in Postgres during `work`. Nobody else may use the server meanwhile.
 *
 * @throws Error if there was a checkpoint meanwhile
 */
export async function writtenDuring(pool: pg.Pool, work: () => Promise<unknown>): Promise<Written> {
  const updatesBefore = await updates(pool);
  const before = await position(pool);
  await work();
  const after = await position(pool);
  if (after.redo !== before.redo) throw new Error('There was a checkpoint meanwhile: measure again.');
  return { log: after.log - before.log, updates: (await updates(pool)) - updatesBefore };
}

/** Where the log ends, in bytes, and where the last checkpoint began. */
async function position(pool: pg.Pool): Promise<{ log: number; redo: string }> {
  const { rows } = await pool.query<{ log: number; redo: string }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS log, redo_lsn::text AS redo
     FROM pg_control_checkpoint()`,
  );
  return rows[0]!;
}

/** A connection reports its updates a second later, or when it ends: this ends all others. */
async function updates(pool: pg.Pool): Promise<number> {
  const others = `FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;
  await pool.query(`SELECT pg_terminate_backend(pid) ${others}`);
  const isAlone = async () => (await pool.query(`SELECT 1 ${others}`)).rows.length === 0;
  while (!(await isAlone())) await sleep(A_MOMENT);
  // Until the application has seen it as well, it could use a connection that is gone.
  await sleep(UNTIL_NOTICED);
  const { rows } = await pool.query<{ count: number }>(
    'SELECT coalesce(sum(n_tup_upd), 0)::float8 AS count FROM pg_stat_user_tables',
  );
  return rows[0]!.count;
}
