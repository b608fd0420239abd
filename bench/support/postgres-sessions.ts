import type pg from 'pg';

/** Fills a table with the same rows that `open` would write, in one statement: sessions of a user with both limits. */
export async function fillPostgres(pool: pg.Pool, table: string, sessions: number): Promise<void> {
  await pool.query(
    `INSERT INTO ${table}
       (key, user_id, started_at, active_at, forget_at, due_at, idle_timeout, absolute_timeout)
     SELECT translate(rtrim(encode(sha256(convert_to('session ' || i, 'UTF8')), 'base64'), '='), '+/', '-_'),
       'user-' || lpad(i::text, 6, '0'), now(), now(), now() + interval '25 hours',
       now() + interval '1 hour' + i * interval '1 microsecond', 3600000, 8 * 3600000
     FROM generate_series(0, $1::int - 1) AS i`,
    [sessions],
  );
  await pool.query(`VACUUM ANALYZE ${table}`);
}
