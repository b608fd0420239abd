import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createClient, RESP_TYPES } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { KeyNames } from '../../../src/ledger/redis/key-names.js';
import { eventually, sleep } from '../../instances/support/binaries.js';
import { describeWithRedisServer, RedisServer } from '../../instances/support/redis-server.js';
import { HOUR } from '../../support/time.js';
import { allDue, claimPlace, LIMITS, openOf, signIn, usersOf } from './support/sign-ins.js';

describeWithRedisServer('the sessions of a user in Redis', () => {
  let server: RedisServer;
  let nodeRedis: ReturnType<typeof createClient>;
  let nodeRedis5: ReturnType<typeof createClient5>;
  let ioRedis: Redis;
  let ledger: RedisLedger;

  beforeAll(async () => {
    server = await RedisServer.start();
    nodeRedis = createClient({ url: server.url });
    nodeRedis5 = createClient5({ url: server.url });
    ioRedis = new Redis(server.url);
    await Promise.all([nodeRedis.connect(), nodeRedis5.connect()]);
    ledger = new RedisLedger(nodeRedis);
    // Redis then knows the scripts.
    await signIn(ledger, 'warm-up', 'warm-up 1', 1);
    await signIn(ledger, 'warm-up', 'warm-up 2', 1);
    await usersOf(ledger).expire('warm-up 2', { keepFor: HOUR });
    await usersOf(ledger).ofUser('warm-up');
    await usersOf(ledger).due(1, HOUR);
    await ledger.advance([{ key: 'warm-up 2', idleFor: 0, keepFor: HOUR }]);
  });
  beforeEach(() => nodeRedis.flushAll());
  afterAll(async () => {
    nodeRedis?.destroy();
    nodeRedis5?.destroy();
    ioRedis?.disconnect();
    await server?.stop();
  });

  const list = new KeyNames('session-timeout:').user('alice');
  const ledgers = () => [nodeRedis, nodeRedis5, ioRedis].map((client) => new RedisLedger(client));
  const scripts = (count: number) => Array.from({ length: count }, () => 'evalsha');

  describe('cost', () => {
    test.each([
      ['without user and limits', {}, 1],
      ['with a user', { user: 'alice' }, 2],
      ['with limits', { limits: LIMITS }, 2],
      ['with limits that are off', { limits: { idleTimeout: false, absoluteTimeout: false } as const }, 1],
      ['with both', { user: 'alice', limits: LIMITS, device: { browser: 'Firefox' } }, 3],
    ])('to open and end a session %s: one script, and one for each list', async (_what, opening, commands) => {
      const key = randomUUID();
      expect(await server.sent(() => ledger.open(key, { ...opening, keepFor: HOUR }))).toEqual(scripts(commands));
      const ending = server.sent(async () => {
        await ledger.end(key, { reason: 'signed-out', keepFor: HOUR });
        await nodeRedis.ping();
      });
      // Limits that are off are limits, too: the record does not tell whether they were longer before.
      const lists = Number('user' in opening) + Number('limits' in opening);
      expect(await ending).toEqual([...scripts(1 + lists), 'ping']);
    });

    test('to open a session: one round trip', async () => {
      const opening = { user: 'alice', limits: LIMITS, keepFor: HOUR };
      const sent = await server.sent(() =>
        Promise.all([nodeRedis.exists('a'), ledger.open('one trip', opening), nodeRedis.exists('b')]),
      );
      expect(sent).toEqual(['exists', ...scripts(3), 'exists']);
    });

    test('of a place: one script, and one more to have others swept', async () => {
      const users = usersOf(ledger);
      expect(await server.sent(async () => users.claim('alice', 'a', { max: 1, evict: [] }))).toEqual(scripts(1));
      const evicting = server.sent(async () => users.claim('alice', 'b', { max: 1, evict: ['a'] }));
      // The last one reads the record of the session that is leaving.
      expect(await evicting).toEqual(scripts(3));
    });

    test('of a request: as without users and limits', async () => {
      await ledger.open('a', { user: 'alice', limits: LIMITS, authAge: HOUR, keepFor: HOUR });
      await eventually(async () => expect((await ledger.read('a'))?.uncertainty).toBeGreaterThan(0));
      expect(await server.sent(() => ledger.read('a'))).toEqual(['get']);
      const activity = { key: 'a', idleFor: 0, keepFor: HOUR };
      expect(await server.sent(() => ledger.advance([activity]))).toEqual(scripts(1));
      expect(await server.sent(() => ledger.advance([{ ...activity, limits: LIMITS }]))).toEqual(scripts(1));
    });

    test('of the sweep: one script if nothing is due', async () => {
      await ledger.open('a', { limits: LIMITS, keepFor: HOUR });
      expect(await server.sent(async () => usersOf(ledger).due(100, HOUR))).toEqual(scripts(1));
    });
  });

  describe('races of three clients', () => {
    test.each([1, 3])('of 50 sign-ins of one user at the same time, %d stay', async (max) => {
      const all = ledgers();
      const keys = Array.from({ length: 50 }, () => randomUUID());
      await Promise.all(keys.map((key, i) => signIn(all[i % all.length]!, 'alice', key, max)));
      const open = await openOf(ledger, keys);
      expect(open).toHaveLength(max);
      for (const each of all) {
        expect((await usersOf(each).ofUser('alice')).map(({ key }) => key).toSorted()).toEqual(open.toSorted());
      }
      const { admitted, members, leaving } = await usersOf(ledger).claim('alice', 'another', { max, evict: [] });
      expect([admitted, members?.toSorted(), leaving]).toEqual([false, open.toSorted(), []]);
    });

    test('of 50 claims at the same time that evict nobody, 5 are admitted', async () => {
      const all = ledgers();
      const claims = await Promise.all(
        Array.from({ length: 50 }, async (_, i) =>
          usersOf(all[i % all.length]!).claim('alice', `${i}`, { max: 5, evict: [] }),
        ),
      );
      expect(claims.filter(({ admitted }) => admitted)).toHaveLength(5);
    });

    test('a place is given once if records that are over are found at the same time', async () => {
      const all = ledgers();
      for (let i = 0; i < 10; i += 1) {
        await ledger.open(`over ${i}`, { user: 'alice', keepFor: 1 });
        await nodeRedis.hSet(list, `over ${i}`, 'o0');
      }
      const claims = await Promise.all(
        Array.from({ length: 30 }, async (_, i) =>
          usersOf(all[i % all.length]!).claim('alice', `${i}`, { max: 2, evict: [] }),
        ),
      );
      expect(claims.filter(({ admitted }) => admitted)).toHaveLength(2);
      for (const { admitted, members } of claims) if (!admitted) expect(members).toHaveLength(2);
    });

    test('what is due is found once, and ended once', async () => {
      const all = ledgers();
      const keys = Array.from({ length: 60 }, () => randomUUID());
      const limits = { idleTimeout: 1, absoluteTimeout: HOUR };
      await Promise.all(keys.map((key) => ledger.open(key, { user: 'alice', limits, keepFor: HOUR })));
      await sleep(5);
      const found = (await Promise.all(all.map((each) => allDue(each, 7)))).flat();
      expect(found.toSorted()).toEqual(keys.toSorted());
      const ends = await Promise.all(
        all.flatMap((each) => found.map(async (key) => usersOf(each).expire(key, { keepFor: HOUR }))),
      );
      expect(ends.filter((end) => end && 'ended' in end)).toHaveLength(keys.length);
      expect(await nodeRedis.keys('*{*')).toEqual([]);
    });
  });

  describe('after a crash', () => {
    const expire = async (key: string) => usersOf(ledger).expire(key, { keepFor: HOUR });

    beforeEach(async () => {
      await signIn(ledger, 'alice', 'old', 1);
      // The process that signs in again does not live to open the session and to end the old one.
      await claimPlace(new RedisLedger(ioRedis), 'alice', 'new', 1);
    });

    test('between a claim and the end of the session that has to leave, the sweep ends it', async () => {
      expect(await usersOf(ledger).due(10, HOUR)).toEqual(['old']);
      expect(await expire('old')).toEqual({ ended: 'displaced', user: 'alice' });
      expect(await ledger.read('old')).toMatchObject({ state: 'ended', reason: 'displaced', user: 'alice' });
      await nodeRedis.ping();
      expect(await nodeRedis.hExists(list, 'old')).toBe(0);
      expect(await nodeRedis.exists('session-timeout:{due:0}')).toBe(0);
      expect(await expire('old')).toBeUndefined();
    });

    test('between a claim and the end of the session that has to leave, the next sign-in ends it', async () => {
      await signIn(ledger, 'alice', 'next', 1);
      expect(await openOf(ledger, ['old', 'new', 'next'])).toEqual(['next']);
    });

    test('between a claim and its opening, the place is free a minute later', async () => {
      const claim = async () => usersOf(ledger).claim('alice', 'next', { max: 1, evict: [] });
      expect(await claim()).toMatchObject({ admitted: false, members: ['new'], leaving: ['old'] });
      const grace = Number(String(await nodeRedis.hGet(list, 'new')).slice(1));
      expect(grace - Date.now()).toBeGreaterThan(50_000);
      expect(grace - Date.now()).toBeLessThanOrEqual(60_000);
      await nodeRedis.hSet(list, 'new', `c${grace - 60_000}`);
      expect(await claim()).toMatchObject({ admitted: true, leaving: ['old'] });
    });

    test('between the lists and the record, the session is not listed, and its place is free a minute later', async () => {
      await ledger.open('new', { user: 'alice', limits: LIMITS, keepFor: HOUR });
      await nodeRedis.del('session-timeout:new');
      expect((await usersOf(ledger).ofUser('alice')).map(({ key }) => key)).toEqual(['old']);
      expect(await nodeRedis.hExists(list, 'new')).toBe(1);
      await nodeRedis.hSet(list, 'new', 'o1');
      await usersOf(ledger).ofUser('alice');
      expect(await nodeRedis.hKeys(list)).toEqual(['old']);
      expect(await expire('new')).toBeUndefined();
      await nodeRedis.ping();
      expect(await nodeRedis.zRange('session-timeout:{due:0}', 0, -1)).toEqual(['old']);
    });

    test('between an end and the lists, the ended session neither counts nor is listed, and is not due', async () => {
      const due = 'session-timeout:{due:0}';
      await ledger.open('new', { user: 'alice', limits: LIMITS, keepFor: HOUR });
      const value = String(await nodeRedis.hGet(list, 'new'));
      for (const key of ['old', 'new']) await ledger.end(key, { reason: 'signed-out', keepFor: HOUR });
      const crash = async () => {
        await nodeRedis.hSet(list, 'new', value);
        await nodeRedis.zAdd(due, { score: 1, value: 'new' });
      };
      await crash();
      expect(await usersOf(ledger).ofUser('alice')).toEqual([]);
      await nodeRedis.ping();
      expect(await nodeRedis.exists(list)).toBe(0);
      await crash();
      expect(await usersOf(ledger).claim('alice', 'next', { max: 1, evict: [] })).toMatchObject({ admitted: true });
      await crash();
      expect(await usersOf(ledger).due(10, HOUR)).toEqual(['new']);
      expect(await expire('new')).toBeUndefined();
      await nodeRedis.ping();
      expect([await nodeRedis.exists(due), await nodeRedis.hExists(list, 'new')]).toEqual([0, 0]);
    });

    test('that lost the list of a user, the sweep finds the sessions again', async () => {
      await ledger.open('new', { user: 'alice', limits: LIMITS, keepFor: HOUR });
      await nodeRedis.del(list);
      expect(await usersOf(ledger).ofUser('alice')).toEqual([]);
      expect(await expire('new')).toMatchObject({ dueIn: expect.any(Number) });
      expect((await usersOf(ledger).ofUser('alice')).map(({ key }) => key)).toEqual(['new']);
    });
  });

  test('a claim that is not admitted makes nobody leave', async () => {
    for (const key of ['a', 'b', 'c']) await ledger.open(key, { user: 'alice', limits: LIMITS, keepFor: HOUR });
    const users = usersOf(ledger);
    expect(await users.claim('alice', 'd', { max: 2, evict: ['a'] })).toMatchObject({ admitted: false, leaving: [] });
    expect(await users.expire('a', { keepFor: HOUR })).toMatchObject({ dueIn: expect.any(Number) });
    expect(await openOf(ledger, ['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
    expect(await users.due(10, HOUR)).toEqual([]);
  });

  test('lists the sessions of a user by their age, the oldest first', async () => {
    const ages = { b: 2 * HOUR, d: 0, a: 3 * HOUR, c: HOUR };
    for (const [key, sessionAge] of Object.entries(ages)) {
      await ledger.open(key, { user: 'alice', sessionAge, limits: LIMITS, keepFor: HOUR });
    }
    expect((await usersOf(ledger).ofUser('alice')).map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('gives a place that was released to the next', async () => {
    await signIn(ledger, 'alice', 'a', 1);
    await usersOf(ledger).release('alice', 'a');
    expect(await usersOf(ledger).claim('alice', 'b', { max: 1, evict: [] })).toEqual({ admitted: true, leaving: [] });
  });

  test('works with a client that returns buffers', async () => {
    const client = createClient({
      url: server.url,
      RESP: 3,
      commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    });
    await client.connect();
    const buffers = new RedisLedger(client as never);
    const users = usersOf(buffers);
    const device = { browser: 'Zoë 🦊' };
    await buffers.open('a', { user: 'Zoë', device, limits: { ...LIMITS, idleTimeout: 1 }, keepFor: HOUR });
    await sleep(5);
    expect(await users.ofUser('Zoë')).toMatchObject([{ key: 'a', user: 'Zoë', device }]);
    expect(await users.claim('Zoë', 'b', { max: 1, evict: [] })).toMatchObject({ admitted: false, members: ['a'] });
    expect(await users.due(10, HOUR)).toEqual(['a']);
    expect(await users.expire('a', { keepFor: HOUR })).toEqual({ ended: 'idle', user: 'Zoë' });
    client.destroy();
  });
});
