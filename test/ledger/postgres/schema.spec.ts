import { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import { PostgresLedger } from '../../../src/ledger/postgres/index.js';
import { eventually } from '../../instances/support/binaries.js';
import {
  anyPostgres,
  describeWithPostgres,
  poolOn,
  type TestPostgres,
} from '../../instances/support/postgres-server.js';
import { DAY, HOUR, MINUTE } from '../../support/time.js';
import { anyTable } from './support/postgres-tables.js';

const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 8 * HOUR };

describeWithPostgres('the table of PostgresLedger', () => {
  let server: TestPostgres;
  let pool: pg.Pool;
  let table: string;
  const ledgers: PostgresLedger[] = [];

  const ledgerOn = (client: pg.Pool = pool) => {
    const ledger = new PostgresLedger(client, { table });
    ledgers.push(ledger);
    return ledger;
  };
  const indexes = async () => {
    const name = table.split('.').at(-1);
    const { rows } = await pool.query('SELECT indexname AS name FROM pg_indexes WHERE tablename = $1 ORDER BY 1', [
      name,
    ]);
    return rows.map((row) => (row as { name: string }).name.replace(name!, 'table'));
  };

  beforeAll(async () => {
    server = await anyPostgres();
    pool = poolOn(server.url);
  });
  beforeEach(() => {
    table = anyTable();
  });
  afterEach(async () => {
    for (const ledger of ledgers.splice(0)) ledger.close();
    await pool.query(`DROP TABLE IF EXISTS ${table}`);
  });
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });

  test('is created by ensureSchema() or by the SQL for migrations', async () => {
    await ledgerOn().ensureSchema();
    const created = await indexes();
    expect(created).toEqual(['table_due_times', 'table_pkey', 'table_user_places']);
    await pool.query(`DROP TABLE ${table}`);
    await pool.query(ledgerOn().schema);
    expect(await indexes()).toEqual(created);
    await ledgerOn().ensureSchema();
  });

  test('may be in a schema and have a name of 50 characters', async () => {
    const schema = anyTable();
    table = `${schema}.${'t'.repeat(50)}`;
    await pool.query(`CREATE SCHEMA ${schema}`);
    await ledgerOn().ensureSchema();
    await ledgerOn().ensureSchema();
    expect(await indexes()).toEqual(['table_due_times', 'table_pkey', 'table_user_places']);
    await ledgerOn().users.claim('alice', 'a', { max: 1, evict: [] });
    expect(await ledgerOn().users.claim('alice', 'b', { max: 1, evict: [] })).toMatchObject({ admitted: false });
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  });

  test('is not locked if there is nothing to create, so that a new instance holds up no other', async () => {
    await ledgerOn().ensureSchema();
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`);
    await ledgerOn().ensureSchema();
    await client.query('ROLLBACK');
    client.release();
  });

  test('gets an index that it lacks', async () => {
    await ledgerOn().ensureSchema();
    await pool.query(`DROP INDEX ${table}_user_places`);
    await ledgerOn().ensureSchema();
    expect(await indexes()).toContain('table_user_places');
  });

  test('does not take sign-ins without the index that keeps their number exact', async () => {
    const ledger = ledgerOn();
    await ledger.ensureSchema();
    await pool.query(`DROP INDEX ${table}_user_places`);
    await expect(ledger.users.claim('alice', 'a', { max: 1, evict: [] })).rejects.toThrow(
      /The table "test_\w+" of PostgresLedger lacks its unique index\. .*ensureSchema\(\).*ledger\.schema/,
    );
  });

  test('is refused with what to do if it lacks a column', async () => {
    await pool.query(`CREATE TABLE ${table} (key text PRIMARY KEY, user_id text, started_at timestamptz NOT NULL,
      active_at timestamptz NOT NULL, ended_at timestamptz, reason text, forget_at timestamptz NOT NULL)`);
    const ledger = ledgerOn();
    const cure = /of PostgresLedger lacks a column \(column .* does not exist\).*migration, or drop the table/;
    await expect(ledger.ensureSchema()).rejects.toThrow(cure);
    await expect(ledger.open('a', { keepFor: HOUR })).rejects.toThrow(cure);
    await expect(ledger.read('a')).rejects.toThrow(cure);
  });

  test('updates no index for activity, also if it makes limits longer', async () => {
    const ledger = ledgerOn();
    await ledger.ensureSchema();
    const single = poolOn(server.url, 1);
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    const writing = ledgerOn(single);
    for (const key of keys)
      await writing.open(key, { user: 'alice', limits, device: { browser: 'Firefox' }, keepFor: DAY });
    for (const idleTimeout of [undefined, HOUR, 2 * HOUR]) {
      const longer = idleTimeout && { ...limits, idleTimeout };
      await writing.advance(keys.map((key) => ({ key, idleFor: 0, keepFor: DAY, limits: longer || undefined })));
    }
    // A connection reports its statistics when it ends, at the latest.
    await single.end();
    await eventually(async () => {
      const { rows } = await pool.query(
        'SELECT n_tup_upd::int AS updated, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = $1',
        [table],
      );
      expect(rows).toEqual([{ updated: 60, hot: 60 }]);
    });
  });

  test('finds what is due by its index', async () => {
    await ledgerOn().ensureSchema();
    await pool.query(`INSERT INTO ${table} (key, user_id, started_at, active_at, forget_at, due_at)
      SELECT 'key-' || i, 'user-' || i / 3, now(), now(), now() + interval '1 day', now() + i * interval '1 s'
      FROM generate_series(1, 20000) AS i`);
    await pool.query(`ANALYZE ${table}`);
    const asked: string[] = [];
    const spy = { query: (text: string, values?: unknown[]) => (asked.push(text), pool.query(text, values)) };
    const ledger = new PostgresLedger(spy, { table });
    ledgers.push(ledger);
    await ledger.users.due(100, MINUTE);
    await ledger.users.ofUser('user-1');
    await ledger.users.claim('user-1', 'key', { max: 10, evict: [] });
    const values = [[100, MINUTE], ['user-1'], ['user-1', 'key', 10, [], null, MINUTE]];
    for (const [index, text] of asked.entries()) {
      const client = await pool.connect();
      await client.query('BEGIN');
      const { rows } = await client.query(`EXPLAIN ${text}`, values[index]);
      await client.query('ROLLBACK');
      client.release();
      const plan = rows.map((row) => row['QUERY PLAN'] as string).join('\n');
      expect(plan).toMatch(
        index === 0 ? /Index Scan using test_\w+_due_times/ : /Index Scan using test_\w+_user_places/,
      );
      expect(plan).not.toMatch('Seq Scan on test_');
    }
  });
});

test('PGlite refuses a table that lacks a column in the same words', async () => {
  const database = await PGlite.create();
  await database.query('CREATE TABLE session_timeline (key text PRIMARY KEY)');
  const ledger = new PostgresLedger(database);
  await expect(ledger.ensureSchema()).rejects.toThrow(/lacks a column/);
  await expect(ledger.read('a')).rejects.toThrow(/lacks a column/);
  ledger.close();
  await database.close();
});
