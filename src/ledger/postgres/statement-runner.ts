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

/** `undefined_table`, `undefined_column`, and no unique index for an `ON CONFLICT`. */
const FAULTS_OF_THE_SCHEMA: ReadonlyMap<unknown, string> = new Map([
  ['42P01', 'does not exist'],
  ['42703', 'lacks a column'],
  ['42P10', 'lacks its unique index'],
]);

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
  const fault = FAULTS_OF_THE_SCHEMA.get(codeOf(error));
  if (!fault) return error;
  const create =
    'Call "await ledger.ensureSchema()" before the application listens, or run the SQL in "ledger.schema" with your migrations.';
  if (codeOf(error) !== '42703') {
    return new Error(`The table ${table} of PostgresLedger ${fault}. ${create}`, { cause: error });
  }
  const message = error instanceof Error ? ` (${error.message})` : '';
  return new Error(
    `The table ${table} of PostgresLedger ${fault}${message}: it was not created by this version of the package. Add ` +
      'what it lacks with a migration, or drop it: then the ledger forgets when sessions started and were last active. ' +
      create,
    { cause: error },
  );
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** Random, so that the same statements do not conflict again. */
function randomPause(longest: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}
