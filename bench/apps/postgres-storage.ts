import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import { PostgresLedger } from 'nestjs-session-timeout/postgres';
import pg from 'pg';
import type { Storage } from './storage.js';

const PgStore = connectPgSimple(session);

/**
 * connect-pg-simple and the ledger as they come, on one pool that counts the statements.
 *
 * @param schema for the tables; it is dropped at the end
 */
export async function openPostgres(url: string, schema: string): Promise<Storage> {
  const statements: Record<string, number> = {};
  const pool = new pg.Pool({ connectionString: url, application_name: schema });
  // The bench cuts the connections to see what they did.
  pool.on('error', () => {});
  await pool.query(`CREATE SCHEMA ${schema}`);
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  const counted = (text: string, ...more: unknown[]) => {
    const kind = /\w+/.exec(text)?.[0].toUpperCase() ?? '';
    statements[kind] = (statements[kind] ?? 0) + 1;
    return query(text, ...more);
  };
  pool.query = counted as typeof pool.query;
  const ledger = new PostgresLedger(pool, { table: `${schema}.session_timeline` });
  await ledger.ensureSchema();
  return {
    store: new PgStore({ pool, schemaName: schema, createTableIfMissing: true }),
    ledger,
    statements,
    async close() {
      await query(`DROP SCHEMA ${schema} CASCADE`);
    },
  };
}
