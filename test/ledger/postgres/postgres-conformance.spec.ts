import { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import { PostgresLedger } from '../../../src/ledger/postgres/index.js';
import { ledgerConformance } from '../../../src/testing/index.js';
import {
  anyPostgres,
  describeWithPostgres,
  poolOn,
  type TestPostgres,
} from '../../instances/support/postgres-server.js';
import { ledgerTests } from '../support/ledger-tests.js';
import { anyTable, type Subject, subjectOn } from './support/postgres-tables.js';

const table = anyTable();

describe('PostgresLedger on PGlite', () => {
  let database: PGlite;
  let subject: Subject;
  beforeAll(async () => {
    database = await PGlite.create();
    subject = await subjectOn(database, table);
  });
  afterAll(async () => {
    subject?.ledger.close();
    await database?.close();
  });

  test.each(ledgerConformance)('$name', ({ check }) => check(subject));
});

describeWithPostgres('PostgresLedger on Postgres', () => {
  let server: TestPostgres;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await anyPostgres();
    pool = poolOn(server.url);
  });
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });

  ledgerTests(async (index) => {
    const own = `${table}_${index}`;
    const ledger = new PostgresLedger(pool, { table: own });
    await ledger.ensureSchema();
    return {
      ledger,
      async close() {
        ledger.close();
        await pool.query(`DROP TABLE ${own}`);
      },
    };
  });
});
