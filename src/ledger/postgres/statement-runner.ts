import type { PostgresClient } from './postgres-client.js';

/** How often a statement is tried if it conflicts with others. */
const ATTEMPTS = 20;
/** The longest pause between two attempts, in milliseconds. */
const LONGEST_PAUSE = 50;

/**
 * Conflicts: `serialization_failure`, `deadlock_detected`, and `unique_violation`, when two claims want the same place.
 * Postgres has undone the statement.
 */
const CONFLICTS: ReadonlySet<unknown> = new Set(['40001', '40P01', '23505']);

const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';
/** The error if there is no unique index for an `ON CONFLICT`. */
const NO_UNIQUE_INDEX = '42P10';

/** Runs a statement and returns its rows. */
export type RunStatement = (text: string, values?: unknown[]) => Promise<unknown[]>;

/**
 * Returns a function that runs statements with a client, at once and outside of transactions.
 *
 * Under the isolation levels `repeatable read` and `serializable`, a statement fails if another one changes the same
 * row at the same time. It has then changed nothing, so it is run again.
 *
 * @param table its name, for the error if it does not exist
 */
export function statementRunner(client: PostgresClient, table: string): RunStatement {
  return async (text, values) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return rowsOf(await client.query(text, values));
      } catch (error) {
        if (attempt === ATTEMPTS || !CONFLICTS.has(codeOf(error))) throw explained(error, table);
        await randomPause(Math.min(2 ** attempt, LONGEST_PAUSE));
      }
    }
  };
}

function rowsOf(result: { readonly rows?: unknown } | undefined): unknown[] {
  if (Array.isArray(result?.rows)) return result.rows;
  throw new TypeError('PostgresLedger needs a client whose query(text, values) returns { rows }, like a Pool of pg.');
}

function explained(error: unknown, table: string): unknown {
  const problem = problemOfTable(error);
  if (!problem) return error;
  return new Error(
    `The table ${table} ${problem} Call "await ledger.ensureSchema()" before the application listens, or run the SQL in ` +
      '"ledger.schema" with your migrations.',
    { cause: error },
  );
}

function problemOfTable(error: unknown): string | undefined {
  switch (codeOf(error)) {
    case UNDEFINED_TABLE:
      return 'of PostgresLedger does not exist.';
    case NO_UNIQUE_INDEX:
      return 'of PostgresLedger lacks its unique index.';
    case UNDEFINED_COLUMN:
      return (
        `of PostgresLedger lacks a column (${(error as Error).message}): it was not created by this version of the ` +
        'package. Add what is missing with a migration, or drop the table: then the ledger forgets when sessions started and ' +
        'were last active.'
      );
    default:
      return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** Random, so that the same statements do not conflict again. */
function randomPause(longest: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}
