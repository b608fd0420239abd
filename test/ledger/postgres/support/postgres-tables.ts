import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type PostgresClient, PostgresLedger } from '../../../../src/ledger/postgres/index.js';

/** How transactions can be isolated from each other in Postgres. */
export const ISOLATION_LEVELS = ['read committed', 'repeatable read', 'serializable'] as const;

/** The name of a table that no other test uses. */
export function anyTable(): string {
  return `test_${randomUUID().replaceAll('-', '')}`;
}

/** A pool whose statements run under an isolation level. */
export function poolUnder(level: (typeof ISOLATION_LEVELS)[number], url: string, max = 10): pg.Pool {
  const options = `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`;
  return new pg.Pool({ connectionString: url, options, max }).on('error', () => {});
}

/** A ledger, and the time of its table, which a test can move. */
export interface Subject {
  readonly client: PostgresClient;
  readonly table: string;
  readonly ledger: PostgresLedger;
  /** Lets time pass for all rows: moves their times back. */
  pass(milliseconds: number): Promise<void>;
  /** A row as it is stored. */
  stored(key: string): Promise<Record<string, unknown> | undefined>;
}

/** Creates the table of a ledger. */
export async function subjectOn(client: PostgresClient, table: string): Promise<Subject> {
  const ledger = new PostgresLedger(client, { table });
  await ledger.ensureSchema();
  return {
    client,
    table,
    ledger,
    async pass(milliseconds) {
      const columns = ['started_at', 'active_at', 'forget_at', 'due_at', 'auth_at', 'ended_at'];
      const back = columns.map((column) => `${column} = ${column} - $1::float8 * interval '1 millisecond'`);
      await client.query(`UPDATE ${table} SET ${back.join(', ')}`, [milliseconds]);
    },
    async stored(key) {
      const { rows } = await client.query(`SELECT * FROM ${table} WHERE key = $1`, [key]);
      return rows[0] as Record<string, unknown> | undefined;
    },
  };
}
