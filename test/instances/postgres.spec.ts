import { PostgresLedger } from '../../src/ledger/postgres/index.js';
import { type Instance, startInstances } from './support/instances.js';
import { anyPostgres, describeWithPostgres, poolOn, type TestPostgres } from './support/postgres-server.js';
import { races } from './support/races.js';

describeWithPostgres('instances over one Postgres', () => {
  let postgres: TestPostgres;
  let instances: Instance[] = [];

  beforeAll(async () => {
    postgres = await anyPostgres();
    const pool = poolOn(postgres.url);
    const ledger = new PostgresLedger(pool);
    await ledger.ensureSchema();
    ledger.close();
    await pool.query('CREATE TABLE IF NOT EXISTS test_session (id text PRIMARY KEY, data text)');
    await pool.end();
    instances = await startInstances([postgres, postgres, postgres].map(({ url }) => ({ url })));
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.stop()));
    const pool = poolOn(postgres.url);
    await pool.query('DROP TABLE IF EXISTS test_session, session_timeline');
    await pool.end();
    await postgres.stop();
  });

  describe('two', () => races(() => instances.slice(0, 2)));
  describe('three', () => races(() => instances));
});
