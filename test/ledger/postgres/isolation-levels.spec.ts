import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { PostgresLedger } from '../../../src/ledger/postgres/index.js';
import { ledgerConformance } from '../../../src/testing/index.js';
import { anyPostgres, describeWithPostgres, type TestPostgres } from '../../instances/support/postgres-server.js';
import { HOUR } from '../../support/time.js';
import { anyTable, ISOLATION_LEVELS, poolUnder, type Subject, subjectOn } from './support/postgres-tables.js';

describeWithPostgres('PostgresLedger', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await anyPostgres();
  });
  afterAll(() => server?.stop());

  describe.each(ISOLATION_LEVELS)('under the isolation level %s', (level) => {
    const table = anyTable();
    let pool: pg.Pool;
    let ledger: PostgresLedger;
    let subject: Subject;

    beforeAll(async () => {
      pool = poolUnder(level, server.url);
      expect((await pool.query('SHOW transaction_isolation')).rows).toEqual([{ transaction_isolation: level }]);
      subject = await subjectOn(pool, table);
      ({ ledger } = subject);
      await Promise.all(Array.from({ length: 5 }, () => ledger.ensureSchema()));
    });
    afterAll(async () => {
      ledger?.close();
      await pool?.query(`DROP TABLE IF EXISTS ${table}`);
      await pool?.end();
    });

    test.each(ledgerConformance)('$name', ({ check }) => check(subject));

    test('opens, advances, reads and ends the same sessions at the same time', async () => {
      const keys = Array.from({ length: 5 }, () => randomUUID());
      const all = <T>(work: (key: string) => Promise<T>) =>
        Promise.all(Array.from({ length: 10 }, () => keys).flatMap((some) => some.map(work)));
      await all(async (key) => ledger.open(key, { keepFor: HOUR }));
      await all(async () => ledger.advance(keys.map((key) => ({ key, idleFor: 0, keepFor: HOUR }))));
      const ended = await all(async (key) => {
        await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
        await ledger.read(key);
        const first = await ledger.end(key, { reason: 'revoked', keepFor: HOUR });
        return first ? key : undefined;
      });
      expect(ended.filter(Boolean).toSorted()).toEqual(keys.toSorted());
      for (const key of keys) expect(await ledger.read(key)).toMatchObject({ state: 'ended' });
    });

    test('deletes records while they change', async () => {
      const keys = Array.from({ length: 10 }, () => randomUUID());
      await Promise.all(keys.map((key) => ledger.open(key, { keepFor: 1 })));
      await Promise.all(keys.flatMap((key) => [ledger.prune(), ledger.open(key, { keepFor: HOUR })]));
    });
  });
});
