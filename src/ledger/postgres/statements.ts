/**
 * The table of a {@link PostgresLedger}. `forget_at` has no index, so that recording activity updates no index.
 * `fillfactor` leaves room on the page for the new version of a row.
 */
export const tableDefinition = (table: string): string => `
CREATE TABLE IF NOT EXISTS ${table} (
  key        text PRIMARY KEY,
  user_id    text,
  started_at timestamptz NOT NULL CHECK (isfinite(started_at)),
  active_at  timestamptz NOT NULL CHECK (isfinite(active_at)),
  ended_at   timestamptz CHECK (isfinite(ended_at)),
  reason     text CHECK ((reason IS NULL) = (ended_at IS NULL)),
  forget_at  timestamptz NOT NULL
) WITH (fillfactor = 80)`;

// The time at which the server received the statement. Inside a transaction, now() is older.
const NOW = 'statement_timestamp()';

const millisecondsOf = (time: string) => `(extract(epoch FROM ${time}) * 1000)::float8`;
const interval = (milliseconds: string) => `${milliseconds}::float8 * interval '1 millisecond'`;
/** Now, or the latest time that the command was sent (`ServerClock.latest()`): the statement may have arrived late. */
const momentOf = (latest: string) => `least(${NOW}, to_timestamp(${latest}::float8 / 1000))`;

const RECORD = `
  ${millisecondsOf(NOW)} AS now,
  ${millisecondsOf('t.started_at')} AS started_at,
  ${millisecondsOf('t.active_at')} AS active_at,
  ${millisecondsOf('t.ended_at')} AS ended_at,
  t.reason,
  t.user_id`;

/** The statements of a {@link PostgresLedger}, one per operation. Durations in milliseconds. */
export function statementsFor(table: string) {
  const keptOrNew = (column: string) =>
    `${column} = CASE WHEN t.forget_at > ${NOW} THEN t.${column} ELSE excluded.${column} END`;

  return {
    /** $1 key, $2 user, $3 session age, $4 how long to keep the record, $5 `ServerClock.latest()`. */
    open: `
INSERT INTO ${table} AS t (key, user_id, started_at, active_at, forget_at)
VALUES ($1, $2, ${momentOf('$5')} - ${interval('$3')}, ${momentOf('$5')}, ${NOW} + ${interval('$4')})
ON CONFLICT (key) DO UPDATE SET ${['user_id', 'started_at', 'active_at', 'ended_at', 'reason', 'forget_at']
      .map(keptOrNew)
      .join(', ')}
RETURNING ${RECORD}`,

    /** $1 key. */
    read: `SELECT ${RECORD} FROM ${table} AS t WHERE t.key = $1 AND t.forget_at > ${NOW}`,

    /**
     * $1 keys, $2 times since the activity, $3 how long to keep the records, $4 `ServerClock.latest()`. The rows are
     * locked in the order of their keys, so that instances that write the same sessions cannot deadlock.
     */
    advance: `
WITH given AS (
  SELECT key, ${momentOf('$4')} - ${interval('min(idle_for)')} AS active_at, ${NOW} + ${interval('max(keep_for)')} AS forget_at
  FROM unnest($1::text[], $2::float8[], $3::float8[]) AS activity (key, idle_for, keep_for)
  GROUP BY key
), locked AS (
  SELECT key FROM ${table} WHERE key = ANY ($1::text[]) ORDER BY key FOR NO KEY UPDATE
)
UPDATE ${table} AS t
SET active_at = given.active_at, forget_at = greatest(t.forget_at, given.forget_at)
FROM given JOIN locked USING (key)
WHERE t.key = given.key AND t.ended_at IS NULL AND t.forget_at > ${NOW}
  AND (given.active_at > t.active_at OR t.active_at > ${NOW})`,

    /** $1 key, $2 reason, $3 how long to keep the tombstone, $4 all reasons. Returns a row if this call ended it. */
    end: `
INSERT INTO ${table} AS t (key, started_at, active_at, ended_at, reason, forget_at)
VALUES ($1, ${NOW}, ${NOW}, ${NOW}, $2, ${NOW} + ${interval('$3')})
ON CONFLICT (key) DO UPDATE
SET ended_at = excluded.ended_at, reason = excluded.reason, forget_at = excluded.forget_at,
    user_id = CASE WHEN t.forget_at > ${NOW} THEN t.user_id END
WHERE t.ended_at IS NULL OR t.forget_at <= ${NOW} OR t.reason <> ALL ($4::text[])
RETURNING t.key`,

    forget: `DELETE FROM ${table} WHERE forget_at <= ${NOW}`,

    /** Moves times that lie in the future to now. They come from a clock that was set back later. */
    catchUp: `
UPDATE ${table} SET started_at = least(started_at, ${NOW}), active_at = least(active_at, ${NOW})
WHERE ended_at IS NULL AND active_at > ${NOW} + interval '1 minute'`,
  };
}
