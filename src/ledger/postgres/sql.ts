// Pieces of SQL that several statements use. Durations are milliseconds, as SQL text.

/** The time at which the server received the statement. Inside a transaction, now() is older. */
export const NOW = 'statement_timestamp()';

export const millisecondsOf = (time: string) => `(extract(epoch FROM ${time}) * 1000)::float8`;
export const interval = (milliseconds: string) => `${milliseconds}::float8 * interval '1 millisecond'`;

/** Whether `t` is the record of a session, and not an obsolete row or a claim for a session that will be opened. */
export const IS_RECORD = `(t.forget_at > ${NOW} AND t.claimed IS NULL)`;

/** The columns that describe a record of `t`. */
export const RECORD = `
  ${millisecondsOf(NOW)} AS now,
  ${millisecondsOf('t.started_at')} AS started_at,
  ${millisecondsOf('t.active_at')} AS active_at,
  ${millisecondsOf('t.ended_at')} AS ended_at,
  ${millisecondsOf('t.auth_at')} AS auth_at,
  t.reason,
  t.user_id`;

/** The columns that opening a session writes, without its place and when it is due. */
export const RECORD_COLUMNS = [
  'user_id',
  'started_at',
  'active_at',
  'forget_at',
  'idle_timeout',
  'absolute_timeout',
  'auth_at',
  'ended_at',
  'reason',
  'device',
] as const;
