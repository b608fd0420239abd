import { HAS_PLACE } from './schema.js';
import { interval, IS_RECORD, millisecondsOf, NOW, RECORD, RECORD_COLUMNS } from './sql.js';

const OPEN = `t.ended_at IS NULL AND ${IS_RECORD}`;

const since = (time: string) => millisecondsOf(`(${NOW} - least(${time}, ${NOW}))`);
const longer = (stored: string, given: string) => `coalesce(greatest(${stored}, ${given}::float8), 'Infinity')`;

/** Whether the row under the key of a claim does not matter: it is obsolete, or an earlier claim. */
const isVoid = `(t.forget_at <= ${NOW} OR t.claimed IS TRUE)`;
const isOfUser = `(${isVoid} OR t.ended_at IS NULL AND t.user_id = excluded.user_id)`;
const newIfVoid = (column: string) => `${column} = CASE WHEN ${isVoid} THEN excluded.${column} ELSE t.${column} END`;

/**
 * The statements of a {@link PostgresLedger} about the sessions of a user, and about sessions that are past a limit.
 */
export function userStatementsFor(table: string) {
  const idleLeft = `(${longer('t.idle_timeout', '$3')} - ${since('t.active_at')})`;
  const absoluteLeft = `(${longer('t.absolute_timeout', '$4')} - ${since('t.started_at')})`;
  const left = `least(${idleLeft}, ${absoluteLeft})`;
  const isLeaving = `coalesce(t.place_state = 'leaving', false)`;
  const isOver = `(${isLeaving} OR NOT ${left} > 0)`;

  return {
    /** $1 user. */
    ofUser: `
SELECT t.key, t.device, ${RECORD} FROM ${table} AS t
WHERE t.user_id = $1 AND ${OPEN} AND t.place_state IS DISTINCT FROM 'released'
ORDER BY t.started_at, t.key`,

    /**
     * $1 user, $2 key, $3 how many sessions the user may have, $4 keys that give up their places, $5 the key that is
     * replaced, $6 how long the claim holds. Returns `admitted` if the claim succeeds, and the keys of the members and
     * of the sessions that are leaving.
     *
     * The statement does not see claims that began after it or that are under way. But it takes the first free place,
     * and two open sessions of a user cannot have the same place. So if two claims do not see each other, one of them
     * fails, unless each takes the place of a session that the other counts. The failed statement is run again (see
     * `statementRunner`), and then sees the other claim. This works under every isolation level, and needs no lock.
     */
    claim: `
WITH mine AS (
  SELECT key, place, place_state FROM ${table}
  WHERE user_id = $1 AND ended_at IS NULL AND forget_at > ${NOW}
), member AS (
  SELECT key, place FROM mine WHERE place_state IS NULL
), staying AS (
  SELECT key, place FROM member WHERE key <> $2 AND key <> ALL ($4::text[]) AND key IS DISTINCT FROM $5
), decision AS (
  SELECT EXISTS (SELECT FROM member WHERE key = $2) AS is_member,
    EXISTS (SELECT FROM member WHERE key = $5) AS is_replacing,
    (SELECT count(*) FROM staying) < $3::bigint AS is_free
), yielding AS (
  UPDATE ${table} AS t
  SET place = NULL,
      place_state = CASE
        WHEN t.forget_at > ${NOW} THEN CASE WHEN t.key = $5 THEN 'replaced' ELSE 'leaving' END
      END,
      due_at = CASE WHEN ${IS_RECORD} AND t.key IS DISTINCT FROM $5 THEN ${NOW} ELSE t.due_at END
  FROM decision
  WHERE (decision.is_free OR decision.is_replacing) AND NOT decision.is_member
    AND t.user_id = $1 AND t.ended_at IS NULL AND t.key <> $2 AND t.place_state IS NULL
    AND (t.key = ANY ($4::text[]) OR t.key = $5 OR t.place IS NOT NULL AND t.forget_at <= ${NOW})
  RETURNING t.key, t.place_state
), outcome AS (
  -- Another claim may have taken the place of the replaced session meanwhile. Then it has not been given up here.
  SELECT is_member, is_member OR is_free OR EXISTS (SELECT FROM yielding WHERE place_state = 'replaced') AS is_admitted
  FROM decision
), taken AS (
  INSERT INTO ${table} AS t (key, user_id, started_at, active_at, forget_at, claimed, place)
  SELECT $2, $1, ${NOW}, ${NOW}, ${NOW} + ${interval('$6')}, true, (
    SELECT min(number)::integer FROM generate_series(1, (SELECT count(*) FROM staying) + 1) AS number
    WHERE NOT EXISTS (SELECT FROM staying WHERE place = number)
  )
  -- The places have to be given up before: hence the count.
  FROM outcome, (SELECT count(*) FROM yielding) AS yielded
  WHERE outcome.is_admitted AND NOT outcome.is_member
  ON CONFLICT (key) DO UPDATE SET ${[...RECORD_COLUMNS, 'due_at', 'claimed'].map(newIfVoid).join(', ')},
    place = CASE WHEN ${isOfUser} THEN excluded.place ELSE t.place END,
    place_state = CASE WHEN NOT ${isOfUser} THEN t.place_state END
), index_check AS (
  -- Inserts nothing. Without the index, two sessions could have one place: then Postgres refuses the statement.
  INSERT INTO ${table} (key) SELECT NULL WHERE false ON CONFLICT (user_id, place) WHERE ${HAS_PLACE} DO NOTHING
)
SELECT 'admitted' AS what, NULL AS key FROM outcome WHERE is_admitted
UNION ALL SELECT 'member', key FROM member, outcome WHERE NOT is_admitted
UNION ALL SELECT 'leaving', key FROM mine WHERE place_state = 'leaving' AND key <> $2
UNION ALL SELECT 'leaving', key FROM yielding WHERE place_state = 'leaving'`,

    /** $1 user, $2 key. A claim is forgotten. */
    release: `
UPDATE ${table} AS t
SET place = NULL, place_state = 'released', forget_at = CASE WHEN t.claimed THEN ${NOW} ELSE t.forget_at END
WHERE t.key = $2 AND t.user_id = $1 AND t.ended_at IS NULL`,

    /** $1 how many, $2 for how long no other caller gets them. */
    due: `
WITH chosen AS (
  SELECT key, due_at FROM ${table}
  WHERE ended_at IS NULL AND due_at <= ${NOW} AND forget_at > ${NOW}
  ORDER BY due_at LIMIT $1::bigint FOR NO KEY UPDATE SKIP LOCKED
), leased AS (
  UPDATE ${table} AS t SET due_at = ${NOW} + ${interval('$2')} FROM chosen WHERE t.key = chosen.key RETURNING t.key
)
SELECT key FROM chosen JOIN leased USING (key) ORDER BY chosen.due_at`,

    /**
     * $1 key, $2 how long to keep the tombstone, $3 idle limit and $4 absolute limit that hold at least, or NULL, $5
     * the longest time. It uses the rule of `judge()`. Everything is computed from the row itself. So if the statement
     * has to wait for another statement that writes the row, it sees the new row.
     */
    expire: `
UPDATE ${table} AS t
SET ended_at = CASE WHEN ${isOver} THEN ${NOW} END,
    reason = CASE
      WHEN NOT ${isOver} THEN NULL
      WHEN ${isLeaving} THEN 'displaced'
      WHEN ${idleLeft} < ${absoluteLeft} THEN 'idle'
      ELSE 'absolute'
    END,
    forget_at = CASE WHEN ${isOver} THEN ${NOW} + ${interval('$2')} ELSE t.forget_at END,
    due_at = CASE
      WHEN NOT ${isOver} AND ${left} < 'Infinity' THEN ${NOW} + ${interval(`least(${left}, $5::float8)`)}
    END,
    place = CASE WHEN NOT ${isOver} THEN t.place END,
    place_state = CASE WHEN NOT ${isOver} THEN t.place_state END,
    device = CASE WHEN NOT ${isOver} THEN t.device END
WHERE t.key = $1 AND ${OPEN}
RETURNING t.reason, t.user_id, ${left} AS due_in`,
  };
}
