import { PrismaPg } from '@prisma/adapter-pg';
import { sql as statement } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzle as drizzleOverPostgresJs } from 'drizzle-orm/postgres-js';
import knexOver from 'knex';
import pg from 'pg';
import postgres from 'postgres';
import { DataSource } from 'typeorm';
import type { PostgresClient } from '../../../../src/ledger/postgres/index.js';

/** How many connections an application has. */
const CONNECTIONS = 4;
const NO_POOL = undefined;
const ignore = () => {};

/** A library that an application has connected to Postgres. */
export interface Connected {
  /** What the ledger gets. */
  readonly client: PostgresClient;
  /** What connect-pg-simple gets, if the library has a pool of `pg`. */
  readonly pool: pg.Pool | undefined;
  /** Runs a statement of the application in a transaction, then some work, and rolls the transaction back. */
  rolledBack(statement: string, work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** What an application with each library passes to the ledger, as `docs/ledgers/orms.md` says. */
export const libraries: Record<string, (url: string) => Promise<Connected>> = {
  async TypeORM(url) {
    const dataSource = await new DataSource({ type: 'postgres', url, poolSize: CONNECTIONS }).initialize();
    const { master: pool } = dataSource.driver as unknown as { master: pg.Pool };
    return {
      client: pool,
      pool,
      rolledBack: rollingBack((within) => dataSource.transaction((manager) => within((text) => manager.query(text)))),
      close: () => dataSource.destroy(),
    };
  },

  /** Without the client, which only the command line of Prisma can generate: all its statements go through the adapter. */
  async Prisma(url) {
    const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS }).on('error', ignore);
    const adapter = await new PrismaPg(pool).connect();
    return {
      client: pool,
      pool,
      async rolledBack(text, work) {
        const transaction = await adapter.startTransaction();
        const run = (sql: string) => transaction.executeRaw({ sql, args: [], argTypes: [] });
        await run(text);
        await work();
        await run('ROLLBACK');
        await transaction.rollback();
      },
      async close() {
        await adapter.dispose();
        await pool.end();
      },
    };
  },

  async Drizzle(url) {
    const db = drizzle({ connection: { connectionString: url, max: CONNECTIONS } });
    db.$client.on('error', ignore);
    return {
      client: db.$client,
      pool: db.$client,
      rolledBack: rollingBack((within) =>
        db.transaction((transaction) => within((text) => transaction.execute(statement.raw(text)))),
      ),
      close: () => db.$client.end(),
    };
  },

  async 'Drizzle over Postgres.js'(url) {
    const db = drizzleOverPostgresJs({ client: postgres(url, { max: CONNECTIONS, onnotice: ignore }) });
    return {
      client: {
        query: async (text, values) => ({ rows: await db.$client.unsafe(text, values as never[]) }),
      },
      pool: NO_POOL,
      rolledBack: rollingBack((within) =>
        db.transaction((transaction) => within((text) => transaction.execute(statement.raw(text)))),
      ),
      // Without a limit, it waits for ever for connections that the server has cut.
      close: () => db.$client.end({ timeout: 1 }),
    };
  },

  async Knex(url) {
    const knex = knexOver({ client: 'pg', connection: url, pool: { min: 0, max: CONNECTIONS }, log: { warn: ignore } });
    return {
      client: {
        async query(text, values) {
          const connection = await knex.client.acquireConnection();
          try {
            return await connection.query(text, values);
          } finally {
            await knex.client.releaseConnection(connection);
          }
        },
      },
      pool: NO_POOL,
      rolledBack: rollingBack((within) => knex.transaction((transaction) => within((text) => transaction.raw(text)))),
      close: () => knex.destroy(),
    };
  },
};

/** What is done within a transaction. It is given what runs a statement there, and it always fails. */
type Within = (run: (text: string) => PromiseLike<unknown>) => Promise<never>;

/** Lets a transaction fail, which most libraries then roll back. */
function rollingBack(transaction: (within: Within) => Promise<unknown>): Connected['rolledBack'] {
  const failure = new Error('The application has changed its mind.');
  return async (text, work) => {
    const within: Within = async (run) => {
      await run(text);
      await work();
      throw failure;
    };
    await transaction(within).catch((error: unknown) => {
      if (error !== failure) throw error;
    });
  };
}
