import { createClient } from 'redis';
import { DueList } from '../../../src/ledger/redis/due-list.js';
import { KeyNames } from '../../../src/ledger/redis/key-names.js';
import { runnerFor } from '../../../src/ledger/redis/redis-client.js';
import { eventually, sleep } from '../../instances/support/binaries.js';
import { describeWithRedisServer, RedisServer } from '../../instances/support/redis-server.js';
import { DAY, HOUR, MINUTE } from '../../support/time.js';

const WEEK = 7 * DAY;

describeWithRedisServer('the list of due sessions in Redis', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  const names = new KeyNames('app:');
  const lists = (shards: number) => new DueList(runnerFor(client), names, shards);

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.connect();
  });
  beforeEach(() => client.flushAll());
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  const KEYS = Array.from({ length: 40 }, (_, i) => `key ${String(i).padStart(2, '0')}`);
  /** Makes the keys due, each a millisecond after the one before it. */
  const makeDue = async (list: DueList, keys: readonly string[] = KEYS) => {
    for (const [i, key] of keys.entries()) await list.set(key, i - keys.length, HOUR);
  };
  const isEmpty = async (list: DueList) => expect(await list.take(10, HOUR)).toEqual([]);

  describe.each([1, 16])('in %d parts', (shards) => {
    test('returns what is due, the longest overdue first, and at most as many as asked for', async () => {
      const list = lists(shards);
      await makeDue(list);
      expect(await list.take(7, HOUR)).toEqual(KEYS.slice(0, 7));
      expect(await list.take(20, HOUR)).toEqual(KEYS.slice(7, 27));
      expect(await list.take(20, HOUR)).toEqual(KEYS.slice(27));
      await isEmpty(list);
    });

    test('returns a session again after the lease', async () => {
      const list = lists(shards);
      await makeDue(list, ['a']);
      expect(await list.take(1, 30)).toEqual(['a']);
      await eventually(async () => expect(await list.take(1, HOUR)).toEqual(['a']));
    });

    test('adds a session only if it is not on the list, and sets its time otherwise', async () => {
      const list = lists(shards);
      await list.add('a', HOUR, HOUR);
      await list.add('a', 0, HOUR);
      await isEmpty(list);
      await list.set('a', 0, HOUR);
      await list.set('b', 0, HOUR);
      await list.set('b', HOUR, HOUR);
      expect(await list.take(10, HOUR)).toEqual(['a']);
    });

    test('makes many sessions due at once', async () => {
      const list = lists(shards);
      for (const key of KEYS) await list.add(key, HOUR, HOUR);
      await list.hasten(KEYS.slice(10), HOUR);
      expect((await list.take(100, HOUR)).toSorted()).toEqual(KEYS.slice(10));
      await list.hasten([], HOUR);
      await isEmpty(list);
    });

    test('forgets a session that is removed', async () => {
      const list = lists(shards);
      await makeDue(list, ['a', 'b', 'c']);
      await list.remove('b');
      expect(await list.take(10, HOUR)).toEqual(['a', 'c']);
    });

    test('is kept as long as its sessions need it', async () => {
      const list = lists(shards);
      const kept = async () =>
        Math.max(...(await Promise.all((await client.keys('*')).map((name) => client.pTTL(name)))));
      await list.set('a', -HOUR, MINUTE);
      expect(await kept()).toBeGreaterThan(MINUTE - 5000);
      expect(await kept()).toBeLessThanOrEqual(MINUTE);
      await list.set('a', HOUR, MINUTE);
      expect(await kept()).toBeGreaterThan(HOUR);
      expect(await kept()).toBeLessThanOrEqual(HOUR + MINUTE);
      await list.set('a', 0, MINUTE);
      await sleep(2);
      await list.take(1, HOUR);
      expect(await kept()).toBeGreaterThan(WEEK);
      expect(await kept()).toBeLessThanOrEqual(WEEK + HOUR);
    });
  });

  test('is one sorted set on a single server', async () => {
    await makeDue(lists(1));
    expect(await client.keys('*')).toEqual([names.due(0)]);
    expect(await server.sent(() => lists(1).take(10, HOUR))).toHaveLength(1);
  });

  test('spreads over its parts evenly, and only parts with due sessions are asked for them', async () => {
    const list = lists(16);
    for (let i = 0; i < 320; i += 1) await list.add(`session ${i}`, HOUR, HOUR);
    const parts = (await client.keys('*')).toSorted();
    expect(parts).toEqual(Array.from({ length: 16 }, (_, shard) => names.due(shard)).toSorted());
    const sizes = await Promise.all(parts.map((name) => client.zCard(name)));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10);
    await list.hasten(['session 1'], HOUR);
    // 16 parts are looked at, and one session is taken.
    expect(await server.sent(() => list.take(10, HOUR))).toHaveLength(17);
  });

  test('takes no more from a part than its share of the longest overdue', async () => {
    const list = lists(2);
    await makeDue(list);
    const taken = await list.take(10, HOUR);
    expect(taken).toEqual(KEYS.slice(0, 10));
    // The others are still due: none was taken and dropped.
    expect(await list.take(100, HOUR)).toEqual(KEYS.slice(10));
  });

  test('survives something else under its name', async () => {
    const list = lists(1);
    await client.set(names.due(0), 'text');
    await isEmpty(list);
    await client.set(names.due(0), 'text');
    await makeDue(list, ['a']);
    expect(await list.take(1, HOUR)).toEqual(['a']);
  });
});
