import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { PostgresLedger } from '../../../src/ledger/postgres/index.js';
import type { Claimed } from '../../../src/ledger/user-sessions.js';
import { eventually } from '../../instances/support/binaries.js';
import {
  anyPostgres,
  describeWithPostgres,
  poolOn,
  type TestPostgres,
} from '../../instances/support/postgres-server.js';
import { DAY, HOUR, MINUTE } from '../../support/time.js';
import { anyTable, ISOLATION_LEVELS, poolUnder } from './support/postgres-tables.js';

const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 8 * HOUR };

describeWithPostgres('PostgresLedger on three instances', () => {
  let server: TestPostgres;
  let watcher: pg.Pool;
  beforeAll(async () => {
    server = await anyPostgres();
    watcher = poolOn(server.url);
  });
  afterAll(async () => {
    await watcher?.end();
    await server?.stop();
  });

  describe.each(ISOLATION_LEVELS)('under the isolation level %s', (level) => {
    const table = anyTable();
    let pools: pg.Pool[] = [];
    let ledgers: PostgresLedger[] = [];
    let user: string;

    beforeAll(async () => {
      pools = Array.from({ length: 3 }, () => poolUnder(level, server.url));
      ledgers = pools.map((pool) => new PostgresLedger(pool, { table }));
      await Promise.all(ledgers.map((ledger) => ledger.ensureSchema()));
    });
    afterAll(async () => {
      for (const ledger of ledgers) ledger.close();
      await watcher?.query(`DROP TABLE IF EXISTS ${table}`);
      await Promise.all(pools.map((pool) => pool.end()));
    });
    beforeEach(async () => {
      await watcher.query(`DELETE FROM ${table}`);
      user = `user-${randomUUID()}`;
    });

    /** The instances take turns. */
    const on = (index: number) => ledgers[index % ledgers.length]!;
    const keys = (count: number, prefix = 'key') => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
    const claim = (index: number, key: string, max: number, evict: readonly string[] = []) =>
      Promise.resolve(on(index).users.claim(user, key, { max, evict }));
    const open = (index: number, key: string) => on(index).open(key, { user, keepFor: DAY, limits });
    const places = async () => {
      const { rows } = await watcher.query(
        `SELECT key FROM ${table} WHERE user_id = $1 AND ended_at IS NULL AND place_state IS NULL`,
        [user],
      );
      return rows.length;
    };

    test.each([1, 3, 50])('admits exactly %p of 50 sign-ins at the same time', async (max) => {
      const claims = await Promise.all(
        keys(50).map(async (key, index) => {
          const claimed = await claim(index, key, max);
          if (claimed.admitted) await open(index, key);
          return claimed;
        }),
      );
      expect(claims.filter(({ admitted }) => admitted)).toHaveLength(max);
      expect(await on(0).users.ofUser(user)).toHaveLength(max);
      for (const { admitted, members } of claims) if (!admitted) expect(members).toHaveLength(max);
    });

    test.each([1, 2])('leaves exactly %p of 50 sign-ins that each displace the oldest others', async (max) => {
      let most = 0;
      const signIn = async (key: string, index: number) => {
        let claimed: Claimed = await claim(index, key, max);
        while (!claimed.admitted) {
          claimed = await claim(index, key, max, (claimed.members ?? []).slice(0, claimed.members!.length - max + 1));
        }
        most = Math.max(most, await places());
        await open(index, key);
        for (const leaving of claimed.leaving ?? []) {
          await on(index).end(leaving, { reason: 'displaced', keepFor: DAY });
        }
      };
      await Promise.all(keys(50).map(signIn));
      expect(most).toBe(max);
      expect(await on(0).users.ofUser(user)).toHaveLength(max);
      expect((await claim(0, 'last', max)).leaving).toEqual([]);
    });

    test('never admits too many while sessions end and others take their places', async () => {
      const max = 3;
      let most = 0;
      const watch = async () => {
        most = Math.max(most, await places());
      };
      const comeAndGo = async (who: string, index: number) => {
        for (const key of keys(6, who)) {
          const { admitted, members = [] } = await claim(index, key, max);
          await watch();
          if (!admitted && !(await claim(index, key, max, members.slice(0, 1))).admitted) continue;
          await watch();
          if (index % 2) await open(index, key);
          if (index % 3) await on(index).end(key, { reason: 'signed-out', keepFor: DAY });
          else await on(index).users.release(user, key);
        }
      };
      await Promise.all(keys(12, 'who').map(comeAndGo));
      expect(most).toBeLessThanOrEqual(max);
      expect(most).toBeGreaterThan(1);
    });

    test('gives a session one place if it is asked for several times at once', async () => {
      const claims = await Promise.all(keys(20).map((_, index) => claim(index, 'same', 1)));
      expect(claims.every(({ admitted }) => admitted)).toBe(true);
      expect(await places()).toBe(1);
    });

    test('does not let the sign-ins of one user wait for another user', async () => {
      const client = await watcher.connect();
      await client.query('BEGIN');
      await client.query(`INSERT INTO ${table} (key, user_id, started_at, active_at, forget_at, claimed, place)
        VALUES ('held', 'somebody else', now(), now(), now() + interval '1 minute', true, 1)`);
      expect(await claim(0, 'a', 1)).toMatchObject({ admitted: true });
      await client.query('ROLLBACK');
      client.release();
    });

    test('changes nothing if the connection breaks while a place is taken', async () => {
      await open(0, 'a');
      const client = await watcher.connect();
      await client.query('BEGIN');
      await client.query(`SELECT FROM ${table} FOR UPDATE`);
      const claimed = claim(1, 'b', 1, ['a']);
      const failure = expect(claimed).rejects.toThrow(/terminat/i);
      const waiting = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${table}%'`;
      await eventually(async () => {
        expect((await watcher.query(`SELECT pg_terminate_backend(pid) ${waiting}`)).rows).toHaveLength(1);
      });
      await failure;
      await client.query('COMMIT');
      client.release();
      expect(await claim(2, 'b', 1)).toEqual({ admitted: false, members: ['a'], leaving: [] });
    });

    test('gives each session that is due to one instance', async () => {
      const all = keys(200);
      await Promise.all(all.map((key, index) => on(index).open(key, { sessionAge: 9 * HOUR, limits, keepFor: DAY })));
      const found: string[] = [];
      const sweep = async (index: number) => {
        for (let some = ['']; some.length > 0; found.push(...some)) some = [...(await on(index).users.due(7, MINUTE))];
      };
      await Promise.all([0, 1, 2, 3, 4, 5].map(sweep));
      expect(found.toSorted()).toEqual(all.toSorted());
    });

    test('ends a session once, whoever asks, and not while there is activity', async () => {
      const all = keys(10);
      await Promise.all(all.map((key, index) => open(index, key)));
      await watcher.query(`UPDATE ${table} SET active_at = active_at - interval '1 hour' WHERE key <> 'key-0'`);
      const ended = await Promise.all(
        [...all, ...all, ...all, ...all].map(async (key, index) => {
          await on(index + 1).advance([{ key: 'key-0', idleFor: 0, keepFor: DAY }]);
          return on(index).users.expire(key, { keepFor: DAY });
        }),
      );
      const ends = ended.filter((answer) => answer && 'ended' in answer);
      expect(ends).toEqual(Array.from({ length: 9 }, () => ({ ended: 'idle', user })));
      expect(await on(2).read('key-0')).toMatchObject({ state: 'open' });
    });

    test('judges a session by activity that is being written at that moment', async () => {
      await open(0, 'late');
      await watcher.query(`UPDATE ${table} SET active_at = active_at - interval '1 hour'`);
      const client = await watcher.connect();
      await client.query('BEGIN');
      await client.query(`UPDATE ${table} SET active_at = now()`);
      const expired = on(1).users.expire('late', { keepFor: DAY });
      await new Promise((resolve) => setTimeout(resolve, 50));
      await client.query('COMMIT');
      client.release();
      expect(await expired).toEqual({ dueIn: expect.any(Number) });
    });
  });
});
