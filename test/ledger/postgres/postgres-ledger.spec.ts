import { jest } from '@jest/globals';
import pg from 'pg';
import { BoundedLedger } from '../../../src/ledger/layers/bounded-ledger.js';
import { type PostgresClient, PostgresLedger } from '../../../src/ledger/postgres/index.js';
import { eventually, sleep } from '../../instances/support/binaries.js';
import {
  anyPostgres,
  describeWithPostgres,
  poolOn,
  type TestPostgres,
} from '../../instances/support/postgres-server.js';
import { DAY, HOUR, MINUTE } from '../../support/time.js';
import { anyTable } from './support/postgres-tables.js';

const ledgers: PostgresLedger[] = [];
const table = anyTable();

function ledgerOn(client: PostgresClient, options: ConstructorParameters<typeof PostgresLedger>[1] = {}) {
  const ledger = new PostgresLedger(client, { table, ...options });
  ledgers.push(ledger);
  return ledger;
}

afterEach(() => {
  for (const ledger of ledgers.splice(0)) ledger.close();
});

describeWithPostgres('PostgresLedger on Postgres', () => {
  let server: TestPostgres;
  let pool: pg.Pool;

  beforeAll(async () => {
    server = await anyPostgres();
    pool = poolOn(server.url);
    await ledgerOn(pool).ensureSchema();
  });

  afterAll(async () => {
    await pool?.query(`DROP TABLE IF EXISTS ${table}`);
    await pool?.end();
    await server?.stop();
  });

  test('creates its table once, even if several do so at the same time', async () => {
    const other = `${table}_other`;
    await Promise.all(Array.from({ length: 10 }, () => ledgerOn(pool, { table: other }).ensureSchema()));
    await ledgerOn(pool, { table: `public.${other}` }).open('a', { keepFor: HOUR });
    expect((await pool.query(`SELECT count(*)::int AS n FROM ${other}`)).rows).toEqual([{ n: 1 }]);
    await pool.query(`DROP TABLE ${other}`);
  });

  test('does not deadlock if instances write the same sessions at the same time', async () => {
    const ledger = ledgerOn(pool);
    const keys = Array.from({ length: 50 }, (_, index) => `many-${index}`);
    await Promise.all(keys.map((key) => ledger.open(key, { keepFor: HOUR })));
    const rounds = Array.from({ length: 40 }, (_, round) => (round % 2 ? keys : keys.toReversed()));
    await Promise.all(rounds.map((order) => ledger.advance(order.map((key) => ({ key, idleFor: 0, keepFor: HOUR })))));
  });

  test('dates activity by when it happened, not by when it got a connection', async () => {
    const single = poolOn(server.url, 1);
    const ledger = ledgerOn(single);
    await ledger.open('late', { keepFor: HOUR });
    await ledger.read('late');
    const busy = single.query('SELECT pg_sleep(0.2)');
    await ledger.advance([{ key: 'late', idleFor: 0, keepFor: HOUR }]);
    await busy;
    const record = await ledger.read('late');
    expect(record?.state === 'open' && record.idleFor).toBeGreaterThan(150);
    await single.end();
  });

  test('keeps newer activity that another instance writes while older activity waits for the row', async () => {
    const ledger = ledgerOn(pool);
    await ledger.open('locked', { keepFor: HOUR });
    await pool.query(`UPDATE ${table} SET active_at = active_at - interval '1 minute' WHERE key = 'locked'`);
    const other = await pool.connect();
    await other.query('BEGIN');
    await other.query(`SELECT FROM ${table} WHERE key = 'locked' FOR UPDATE`);
    const older = ledger.advance([{ key: 'locked', idleFor: 25_000, keepFor: HOUR }]);
    await eventually(async () => {
      const { rows } = await pool.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${table}%' AND pid <> pg_backend_pid()`,
      );
      expect(rows).toHaveLength(1);
    });
    await other.query(`UPDATE ${table} SET active_at = clock_timestamp() WHERE key = 'locked'`);
    await other.query('COMMIT');
    other.release();
    await older;
    const record = await ledger.read('locked');
    expect(record?.state === 'open' && record.idleFor).toBeLessThan(5000);
  });

  test('deletes expired records by itself', async () => {
    const ledger = ledgerOn(pool, { pruneInterval: 10 });
    await ledger.open('short', { keepFor: 1 });
    await ledger.open('long', { keepFor: HOUR });
    const keys = async () => {
      const { rows } = await pool.query(`SELECT key FROM ${table} WHERE key IN ('short', 'long')`);
      return rows.map(({ key }) => key);
    };
    await eventually(async () => expect(await keys()).toEqual(['long']));
  });

  test('counts a time in the future of the server clock as now', async () => {
    const ledger = ledgerOn(pool);
    await ledger.open('ahead', { keepFor: 10 * DAY });
    await pool.query(`UPDATE ${table} SET started_at = now() + interval '1 day', active_at = now() + interval '1 day'
      WHERE key = 'ahead'`);
    const before = await ledger.read('ahead');
    expect(before?.state === 'open' && before.idleFor).toBeGreaterThanOrEqual(0);
    await ledger.prune();
    await sleep(5);
    const record = await ledger.read('ahead');
    expect(record?.state === 'open' && record.idleFor).toBeGreaterThan(0);
    expect(record?.state === 'open' && record.sessionAge).toBeGreaterThan(0);
  });

  test('reads an end with an unknown reason as a session that every policy ends', async () => {
    const ledger = ledgerOn(pool);
    await ledger.end('odd', { reason: 'idle', keepFor: HOUR });
    await pool.query(`UPDATE ${table} SET reason = 'bored' WHERE key = 'odd'`);
    expect(await ledger.read('odd')).toEqual({ state: 'open', sessionAge: NaN, idleFor: NaN });
    expect(await ledger.end('odd', { reason: 'lost', keepFor: HOUR })).toBe(true);
    expect(await ledger.end('odd', { reason: 'lost', keepFor: HOUR })).toBe(false);
    expect(await ledger.read('odd')).toMatchObject({ state: 'ended', reason: 'lost' });
  });

  test('says what to do if its table does not exist', async () => {
    const ledger = ledgerOn(pool, { table: `${table}_forgotten` });
    for (const failing of [ledger.read('a'), ledger.open('a', { keepFor: HOUR })]) {
      await expect(failing).rejects.toThrow(
        /"test_\w+_forgotten" of PostgresLedger does not exist\..*ensureSchema\(\)/,
      );
    }
    const failures: string[] = [];
    const bounded = new BoundedLedger(ledger, { timeout: 5000, onFailure: ({ message }) => failures.push(message) });
    await expect(bounded.read('a')).rejects.toThrow();
    expect(failures).toEqual([expect.stringContaining('ensureSchema()')]);
  });

  test('refuses invalid times', async () => {
    await ledgerOn(pool).open('infinite', { keepFor: HOUR });
    for (const column of ['started_at', 'active_at', 'ended_at']) {
      const statement = `UPDATE ${table} SET ${column} = 'infinity', reason = 'idle' WHERE key = 'infinite'`;
      await expect(pool.query(statement)).rejects.toThrow(/check constraint/);
    }
  });
});

describe('PostgresLedger', () => {
  test.each(['', 'a b', 'a"b', 'a.b.c', '1a', 'app.1a', '1app.a', 'x; DROP TABLE y', 'a'.repeat(51)])(
    'refuses the table name %j',
    (name) => {
      expect(() => new PostgresLedger({ query: async () => ({ rows: [] }) }, { table: name })).toThrow(
        'The table of PostgresLedger must be a name of at most 50 letters, digits and underscores, like ' +
          `"session_timeline" or "app.session_timeline", but is ${JSON.stringify(name)}.`,
      );
    },
  );

  describe('deletes what is no longer needed', () => {
    let statements = 0;
    const client = {
      query: async () => {
        statements += 1;
        return { rows: [] };
      },
    };
    beforeEach(() => {
      statements = 0;
      jest.useFakeTimers();
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    test('every 15 minutes by default', async () => {
      const ledger = ledgerOn(client);
      await ledger.read('any');
      await jest.advanceTimersByTimeAsync(15 * MINUTE - 1);
      expect(statements).toBe(1);
      await jest.advanceTimersByTimeAsync(1);
      expect(statements).toBe(3);
    });

    test('until it is closed, and again once another application uses it', async () => {
      const ledger = ledgerOn(client, { pruneInterval: 1000 });
      await ledger.read('any');
      ledger.close();
      await jest.advanceTimersByTimeAsync(5000);
      expect(statements).toBe(1);
      await ledger.read('any');
      await jest.advanceTimersByTimeAsync(5000);
      expect(statements).toBe(2 + 5 * 2);
    });

    test('at intervals up to the longest that a timer can have', async () => {
      const ledger = ledgerOn(client, { pruneInterval: 2 ** 31 - 1 });
      await ledger.read('any');
      await jest.advanceTimersByTimeAsync(DAY);
      expect(statements).toBe(1);
    });

    test.each([
      [30 * DAY, '2592000000'],
      [Infinity, 'Infinity'],
      [NaN, 'NaN'],
      [0, '0'],
      [-1, '-1'],
      [0.5, '0.5'],
      ['15m', '"15m"'],
      [null, 'null'],
    ])('but not at an interval of %p', (pruneInterval, named) => {
      expect(() => ledgerOn(client, { pruneInterval: pruneInterval as number })).toThrow(
        `pruneInterval of PostgresLedger must be a number of milliseconds between 1 and 2147483647 (24 days), but is ${named}.`,
      );
      expect(jest.getTimerCount()).toBe(0);
    });

    test('at an interval of a millisecond', async () => {
      await ledgerOn(client, { pruneInterval: 1 }).read('any');
      await jest.advanceTimersByTimeAsync(3);
      expect(statements).toBe(1 + 3 * 2);
    });
  });

  test('says what it needs if it gets something else', () => {
    for (const nonsense of [undefined, null, {}, 'postgres://']) {
      expect(() => new PostgresLedger(nonsense as never)).toThrow(/needs a Pool of pg/);
    }
  });

  test.each([
    ['a Client of pg', new pg.Client()],
    ['a client of a pool', { query() {}, release() {} }],
    ['a transaction of PGlite', { query() {}, rollback() {} }],
    ['a QueryRunner of TypeORM', { query() {}, startTransaction() {} }],
  ])('refuses %s: a rollback of the application would open ended sessions again', (_what, client) => {
    expect(() => new PostgresLedger(client as never)).toThrow(/single connection does not work.*Pass the pool/);
  });

  test.each([
    ['a DataSource', { query() {}, createQueryRunner() {} }],
    ['an EntityManager', { query() {}, createQueryBuilder() {} }],
  ])('says what to pass instead of %s of TypeORM', (_what, client) => {
    expect(() => new PostgresLedger(client as never)).toThrow(/dataSource\.driver\.master/);
  });

  describe('what is sent', () => {
    const sent: { text: string; values: unknown[] | undefined }[] = [];
    let rows: unknown[] = [];
    const spy: PostgresClient = {
      async query(text, values) {
        sent.push({ text, values });
        return { rows };
      },
    };
    beforeEach(() => {
      sent.length = 0;
      rows = [];
    });

    test('is nothing for activity without a time', async () => {
      await ledgerOn(spy).advance([NaN, Infinity].map((idleFor) => ({ key: 'a', idleFor, keepFor: HOUR })));
      await ledgerOn(spy).advance([]);
      expect(sent).toEqual([]);
    });

    test('leaves out limits if no activity has any, and says for each which it has', async () => {
      const limits = { idleTimeout: MINUTE, absoluteTimeout: false } as const;
      const activity = { key: 'a', idleFor: 0, keepFor: HOUR };
      await ledgerOn(spy).advance([activity, activity]);
      await ledgerOn(spy).advance([activity, { ...activity, limits }]);
      expect(sent.map(({ values }) => values?.slice(-2))).toEqual([
        [null, null],
        [
          [null, MINUTE],
          [null, Infinity],
        ],
      ]);
    });

    test('is nothing that Postgres cannot store', async () => {
      const ledger = ledgerOn(spy);
      const [key, user] = ['a\0', 'alice\0'];
      const limits = { idleTimeout: -1, absoluteTimeout: false } as const;
      const claim = { max: 1, evict: [] };
      const session = /The hash of a session contains/;
      const id = /The id of a user contains/;
      await expect(ledger.open(key, { keepFor: HOUR })).rejects.toThrow(session);
      await expect(ledger.open('a', { user, keepFor: HOUR })).rejects.toThrow(id);
      await expect(ledger.open('a', { limits, keepFor: HOUR })).rejects.toThrow(/`idleTimeout` must be a duration/);
      expect(() => ledger.read(key)).toThrow(session);
      await expect(ledger.advance([{ key, idleFor: 0, keepFor: HOUR }])).rejects.toThrow(session);
      await expect(ledger.end(key, { reason: 'idle', keepFor: HOUR })).rejects.toThrow(session);
      await expect(ledger.users.ofUser(user)).rejects.toThrow(id);
      await expect(ledger.users.claim(user, 'a', claim)).rejects.toThrow(id);
      await expect(ledger.users.claim('alice', key, claim)).rejects.toThrow(session);
      await expect(ledger.users.claim('alice', 'a', { ...claim, evict: ['b', key] })).rejects.toThrow(session);
      await expect(ledger.users.claim('alice', 'a', { ...claim, replaces: key })).rejects.toThrow(session);
      await expect(ledger.users.claim('alice', 'a', { ...claim, max: 0 })).rejects.toThrow(/`max` must be a whole/);
      await expect(ledger.users.release(user, 'a')).rejects.toThrow(id);
      await expect(ledger.users.release('alice', key)).rejects.toThrow(session);
      await expect(ledger.users.due(0, HOUR)).rejects.toThrow(/`limit` must be a whole number/);
      await expect(ledger.users.due(1, 0)).rejects.toThrow(/`lease` must be a duration/);
      await expect(ledger.users.expire(key, { keepFor: HOUR })).rejects.toThrow(session);
      await expect(ledger.users.expire('a', { keepFor: HOUR, limits })).rejects.toThrow(/`idleTimeout` must be/);
      expect(sent).toEqual([]);
    });

    test('has to be answered when a session is opened', async () => {
      await expect(ledgerOn(spy).open('a', { keepFor: HOUR })).rejects.toThrow(
        'PostgresLedger got an unexpected answer from Postgres.',
      );
    });

    test('is for all instances', () => {
      expect(ledgerOn(spy).shared).toBe(true);
    });

    test('lists no session that has ended meanwhile', async () => {
      const open = {
        now: 9,
        started_at: 1,
        active_at: 2,
        ended_at: null,
        auth_at: null,
        reason: null,
        user_id: 'alice',
      };
      rows = [
        { ...open, key: 'a', device: null },
        { ...open, key: 'b', device: null, ended_at: 3, reason: 'idle' },
      ];
      expect(await ledgerOn(spy).users.ofUser('alice')).toMatchObject([{ key: 'a' }]);
    });
  });

  test('says what is wrong with a client that returns something else', async () => {
    for (const result of [undefined, [], [[], {}]]) {
      const ledger = ledgerOn({ query: async () => result } as never);
      await expect(ledger.read('any')).rejects.toThrow(/returns { rows }, like a Pool of pg/);
    }
  });
});
