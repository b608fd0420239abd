import { interval, IS_RECORD, NOW, RECORD, RECORD_COLUMNS } from './sql.js';

/**
 * Now, or the latest time when the command can have been sent (`ServerClock.latest()`), because the statement may
 * arrive late.
 */
const momentOf = (latest: string) => `least(${NOW}, to_timestamp(${latest}::float8 / 1000))`;

/** Whether a claim waits for this session to be opened, for the same user. */
const IS_CLAIM = `(t.forget_at > ${NOW} AND t.claimed AND t.user_id = excluded.user_id)`;

const keptOrNew = (column: string) => `${column} = CASE WHEN ${IS_RECORD} THEN t.${column} ELSE excluded.${column} END`;
const keptOrNone = (column: string) => `${column} = CASE WHEN ${IS_RECORD} OR ${IS_CLAIM} THEN t.${column} END`;

/** The statements of a {@link PostgresLedger} about a single session. Durations in milliseconds. */
export function statementsFor(table: string) {
  return {
    /**
     * $1 key, $2 user, $3 session age, $4 how long to keep the record, $5 `ServerClock.latest()`, $6 time since the
     * authentication, $7 device, $8 idle limit, $9 absolute limit, $10 time until it is due. A claim turns into the
     * record.
     */
    open: `
INSERT INTO ${table} AS t
  (key, user_id, started_at, active_at, forget_at, auth_at, device, idle_timeout, absolute_timeout, due_at)
VALUES ($1, $2, ${momentOf('$5')} - ${interval('$3')}, ${momentOf('$5')}, ${NOW} + ${interval('$4')},
  CASE WHEN $6::float8 = 'Infinity' THEN '-infinity' ELSE ${momentOf('$5')} - ${interval('$6')} END,
  $7::text, $8::float8, $9::float8, ${momentOf('$5')} + ${interval('$10')})
ON CONFLICT (key) DO UPDATE SET ${RECORD_COLUMNS.map(keptOrNew).join(', ')}, ${['place', 'place_state'].map(keptOrNone).join(', ')},
  due_at = CASE
    WHEN ${IS_RECORD} THEN t.due_at
    WHEN ${IS_CLAIM} AND t.place_state = 'leaving' THEN ${NOW}
    ELSE excluded.due_at
  END,
  claimed = NULL
RETURNING ${RECORD}`,

    /** $1 key. */
    read: `SELECT ${RECORD} FROM ${table} AS t WHERE t.key = $1 AND ${IS_RECORD}`,

    /**
     * $1 keys, $2 times since the activity, $3 how long to keep the records, $4 `ServerClock.latest()`, $5 idle limits
     * and $6 absolute limits, or NULL. The rows are locked in the order of their keys, so that instances that write the
     * same sessions cannot deadlock. While this statement waits for a row, another one may write newer activity. So only
     * what is in the future by the clock of this moment comes from a clock that was set back.
     */
    advance: `
WITH given AS (
  SELECT key, ${momentOf('$4')} - ${interval('min(idle_for)')} AS active_at, ${NOW} + ${interval('max(keep_for)')} AS forget_at,
    max(idle_timeout) AS idle_timeout, max(absolute_timeout) AS absolute_timeout
  FROM unnest($1::text[], $2::float8[], $3::float8[], $5::float8[], $6::float8[])
    AS activity (key, idle_for, keep_for, idle_timeout, absolute_timeout)
  GROUP BY key
), locked AS (
  SELECT key FROM ${table} WHERE key = ANY ($1::text[]) ORDER BY key FOR NO KEY UPDATE
)
UPDATE ${table} AS t
SET active_at = CASE WHEN t.active_at > clock_timestamp() THEN given.active_at ELSE greatest(t.active_at, given.active_at) END,
    forget_at = greatest(t.forget_at, given.forget_at),
    idle_timeout = greatest(t.idle_timeout, given.idle_timeout),
    absolute_timeout = greatest(t.absolute_timeout, given.absolute_timeout)
FROM given JOIN locked USING (key)
WHERE t.key = given.key AND t.ended_at IS NULL AND ${IS_RECORD}
  AND (given.active_at > t.active_at OR t.active_at > clock_timestamp()
    OR given.idle_timeout > coalesce(t.idle_timeout, 0) OR given.absolute_timeout > coalesce(t.absolute_timeout, 0))`,

    /** $1 key, $2 reason, $3 how long to keep the tombstone, $4 all reasons. Returns a row if this call ended it. */
    end: `
INSERT INTO ${table} AS t (key, started_at, active_at, ended_at, reason, forget_at)
VALUES ($1, ${NOW}, ${NOW}, ${NOW}, $2, ${NOW} + ${interval('$3')})
ON CONFLICT (key) DO UPDATE
SET ended_at = excluded.ended_at, reason = excluded.reason, forget_at = excluded.forget_at,
    user_id = CASE WHEN ${IS_RECORD} THEN t.user_id END,
    claimed = NULL, place = NULL, place_state = NULL, due_at = NULL, device = NULL
WHERE t.ended_at IS NULL OR t.forget_at <= ${NOW} OR t.reason <> ALL ($4::text[])
RETURNING t.key`,

    forget: `DELETE FROM ${table} WHERE forget_at <= ${NOW}`,

    /** Moves times in the future to now. They come from a clock that was set back later. $1 the longest time. */
    catchUp: `
UPDATE ${table}
SET started_at = least(started_at, ${NOW}), active_at = least(active_at, ${NOW}),
    auth_at = CASE WHEN auth_at > ${NOW} THEN ${NOW} ELSE auth_at END,
    due_at = CASE WHEN due_at > ${NOW}
      THEN least(due_at, ${NOW} + ${interval('least(idle_timeout, absolute_timeout, $1::float8)')}) ELSE due_at END
WHERE ended_at IS NULL AND greatest(started_at, active_at, auth_at) > ${NOW} + interval '1 minute'`,
  };
}
