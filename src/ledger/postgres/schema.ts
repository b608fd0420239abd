import type { TableName } from './table-name.js';

/** The rows that `claim` must not add twice: open sessions of users. The index of places and its check share this. */
export const HAS_PLACE = 'ended_at IS NULL AND user_id IS NOT NULL';

/**
 * The table of a ledger and its indexes.
 *
 * The columns that activity changes have no index: `active_at`, `forget_at` and the limits. So recording activity
 * updates no index, and `fillfactor` leaves room on the page for the new version of a row.
 */
export const definitionOf = ({ quoted, index }: TableName): string => `
CREATE TABLE IF NOT EXISTS ${quoted} (
  key              text PRIMARY KEY,
  user_id          text,
  started_at       timestamptz NOT NULL CHECK (isfinite(started_at)),
  active_at        timestamptz NOT NULL CHECK (isfinite(active_at)),
  forget_at        timestamptz NOT NULL,
  due_at           timestamptz,       -- when to see whether its time is over
  idle_timeout     float8,            -- milliseconds, Infinity if there is no such limit
  absolute_timeout float8,
  auth_at          timestamptz,       -- when the user authenticated, if this was not at the start
  ended_at         timestamptz CHECK (isfinite(ended_at)),
  reason           text CHECK ((reason IS NULL) = (ended_at IS NULL)),
  claimed          boolean,           -- true for a session that has a place, but is not opened yet
  place            integer,           -- the number of its place among the sessions of the user
  place_state      text CHECK (place_state IN ('leaving', 'released', 'replaced')), -- without a place
  device           text               -- JSON
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX IF NOT EXISTS ${index.places} ON ${quoted} (user_id, place) WHERE ${HAS_PLACE};
CREATE INDEX IF NOT EXISTS ${index.due} ON ${quoted} (due_at) WHERE ended_at IS NULL AND due_at IS NOT NULL;`;

/**
 * The statement that creates what does not exist. It first checks what exists. Otherwise, an instance that starts would
 * lock the table against the writes of the others. `IF NOT EXISTS` alone fails if two instances create the table at the
 * same moment.
 */
export const creationOf = (table: TableName): string => `
DO $ensure$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('nestjs-session-timeout'));
  IF ${[table.quoted, table.inSchema(table.index.places), table.inSchema(table.index.due)]
    .map((name) => `to_regclass('${name}') IS NULL`)
    .join(' OR ')} THEN
    ${definitionOf(table).trim()}
  END IF;
END $ensure$`;
