import { createClient } from 'redis';
import type { Opening } from '../../../src/index.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { KeyNames } from '../../../src/ledger/redis/key-names.js';
import { eventually, sleep } from '../../instances/support/binaries.js';
import { describeWithRedisServer, RedisServer } from '../../instances/support/redis-server.js';
import { HOUR, MINUTE } from '../../support/time.js';
import { allDue, LIMITS, usersOf } from './support/sign-ins.js';

const DAY = 24 * HOUR;
const DUE = 'session-timeout:{due:0}';

describeWithRedisServer('the lists of sessions in Redis', () => {
  const names = new KeyNames('session-timeout:');
  const list = names.user('alice');
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  let ledger: RedisLedger;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.connect();
    ledger = new RedisLedger(client);
  });
  beforeEach(() => client.flushAll());
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  const open = (key: string, opening: Partial<Opening> = {}) =>
    ledger.open(key, { user: 'alice', limits: LIMITS, keepFor: HOUR, ...opening });
  const end = (key: string) => ledger.end(key, { reason: 'signed-out', keepFor: HOUR });
  const listed = async () => (await usersOf(ledger).ofUser('alice')).map(({ key }) => key);
  const claim = async (key: string, max = 1) => usersOf(ledger).claim('alice', key, { max, evict: [] });
  const expire = async (key: string) => usersOf(ledger).expire(key, { keepFor: HOUR });
  /** The client sends in order: what runs in the background has been answered then. */
  const settled = () => client.ping();

  describe('names', () => {
    test('do not tell the id of the user', async () => {
      await open('a', { user: 'alice@example.com' });
      expect((await client.keys('*')).join(' ')).not.toContain('alice');
    });

    test('are not those of sessions, whatever the keys of those', async () => {
      const keys = [list, DUE].map((name) => name.replace('session-timeout:', ''));
      keys.push('{', '{k}', `{k}${keys[0]}`);
      await open('a');
      for (const key of keys) await open(key, { user: `user of ${key}` });
      expect(await listed()).toEqual(['a']);
      for (const key of keys) {
        expect(await ledger.read(key)).toMatchObject({ state: 'open', user: `user of ${key}` });
        expect(await end(key)).toBe(true);
      }
      expect(await listed()).toEqual(['a']);
      expect(await allDue(ledger)).toEqual([]);
      await end('a');
      await settled();
      expect(await client.exists([list, DUE])).toBe(0);
    });

    test('are under the prefix of the ledger', async () => {
      const other = new RedisLedger(client, { prefix: 'other:' });
      await other.open('a', { user: 'alice', limits: LIMITS, keepFor: HOUR });
      expect((await client.keys('*')).every((name) => name.startsWith('other:'))).toBe(true);
      expect(await client.keys('*')).toHaveLength(3);
      expect(await listed()).toEqual([]);
    });
  });

  describe('nothing is left for ever', () => {
    test.each<[string, Partial<Opening>, number]>([
      ['as long as its sessions can live, if they have an absolute limit', {}, 13 * HOUR],
      ['400 days, if they have none', { limits: { idleTimeout: HOUR, absoluteTimeout: false } }, 400 * DAY],
      ['400 days, if their limits are not known', { limits: undefined }, 400 * DAY],
    ])('the list of a user is kept %s', async (_what, opening, kept) => {
      await open('a', opening);
      expect(await client.pTTL(list)).toBeGreaterThan(kept - MINUTE);
      expect(await client.pTTL(list)).toBeLessThanOrEqual(kept);
      // Nothing shortens it.
      await open('b', { limits: { idleTimeout: 1, absoluteTimeout: 1 }, keepFor: 1 });
      await claim('c', 9);
      await expire('a');
      expect(await client.pTTL(list)).toBeGreaterThan(kept - MINUTE);
    });

    test('a claim alone keeps the list for two minutes', async () => {
      await claim('a');
      expect(await client.pTTL(list)).toBeGreaterThan(MINUTE);
      expect(await client.pTTL(list)).toBeLessThanOrEqual(2 * MINUTE);
    });

    test('the list of due sessions is kept for as long as the last of them', async () => {
      await open('a');
      await open('b', { limits: { idleTimeout: DAY, absoluteTimeout: false }, keepFor: 2 * DAY });
      await open('c');
      expect(await client.pTTL(DUE)).toBeGreaterThan(3 * DAY - MINUTE);
      expect(await client.pTTL(DUE)).toBeLessThanOrEqual(3 * DAY);
      await ledger.open('d', { limits: LIMITS, keepFor: Infinity });
      expect(await client.pTTL(DUE)).toBeGreaterThan(1000 * DAY);
    });

    test('the lists are gone when the last session has ended', async () => {
      for (const key of ['a', 'b']) await open(key);
      for (const key of ['a', 'b']) await end(key);
      await settled();
      expect((await client.keys('*')).toSorted()).toEqual(['session-timeout:a', 'session-timeout:b']);
    });

    test('the list of a user does not grow if nobody ends or lists the sessions', async () => {
      for (let i = 0; i < 200; i += 1) await open(`gone ${i}`, { keepFor: 1 });
      await sleep(5);
      for (let i = 0; i < 20; i += 1) await open(`alive ${i}`);
      await eventually(async () => expect(await client.hLen(list)).toBeLessThan(40));
      expect(await listed()).toHaveLength(20);
      await eventually(async () => expect(await client.hLen(list)).toBe(20));
    });

    test('the list of due sessions does not grow if nobody sweeps', async () => {
      const overdue = (time: number, value: string) => ({ score: (Date.now() - time) * 1000, value });
      await client.zAdd(DUE, [overdue(8 * DAY, 'a'), overdue(9 * DAY, 'b'), overdue(6 * DAY, 'c')]);
      await open('d');
      expect(await client.zRange(DUE, 0, -1)).toEqual(['c', 'd']);
    });
  });

  describe('what somebody else has written', () => {
    test.each<[string, (name: string) => Promise<unknown>]>([
      ['text', (name) => client.set(name, 'nonsense')],
      ['a list', (name) => client.rPush(name, ['a', 'b'])],
      ['a set', (name) => client.sAdd(name, ['a', 'b'])],
    ])('%s counts as an empty list', async (_what, put) => {
      for (const name of [list, DUE]) await put(name);
      expect([await listed(), await allDue(ledger)]).toEqual([[], []]);

      for (const name of [list, DUE]) await client.del(name).then(() => put(name));
      expect(await claim('a')).toMatchObject({ admitted: true });

      for (const name of [list, DUE]) await client.del(name).then(() => put(name));
      await open('a', { limits: { idleTimeout: 1, absoluteTimeout: 1 } });
      await sleep(5);
      expect([await listed(), await allDue(ledger)]).toEqual([['a'], ['a']]);

      for (const name of [list, DUE]) await client.del(name).then(() => put(name));
      await usersOf(ledger).release('alice', 'a');
      expect(await expire('a')).toMatchObject({ ended: 'absolute' });
      await settled();
      expect(await client.exists([list, DUE])).toBe(0);
    });

    test.each([
      '',
      'o',
      'x1',
      'o-1',
      'o1.5',
      'l',
      'c',
      'oo1',
      '1',
      'o12345678901234567',
      'l99999999999999999',
      'o1{',
      'é',
    ])('a session that is listed as %j counts if its record is open', async (value) => {
      await open('a');
      await client.hSet(list, { a: value, b: value });
      expect(await claim('new')).toMatchObject({ admitted: false, members: ['a'] });
      await client.hSet(list, { a: value, b: value });
      const records = await usersOf(ledger).ofUser('alice');
      expect(records).toMatchObject([{ key: 'a', state: 'open', user: 'alice' }]);
      expect(records[0]?.device).toBeUndefined();
      await settled();
      expect(await client.hKeys(list)).toEqual(['a']);
      await end('a');
      expect(await claim('new')).toMatchObject({ admitted: true });
    });

    test.each(['{"browser":', 'null', '7', '"text"'])('%s is no device', async (device) => {
      await open('a');
      await client.hSet(list, 'a', `o1${device}`);
      const [record] = await usersOf(ledger).ofUser('alice');
      expect([record?.key, record?.device]).toEqual(['a', undefined]);
    });

    test.each(['nonsense', 'o 1', 'e 1 bored', 'o 1 2;3'])(
      'a record like %j neither counts nor is listed',
      async (text) => {
        await open('a');
        await client.set('session-timeout:a', text);
        expect(await claim('new')).toMatchObject({ admitted: true });
        expect(await listed()).toEqual([]);
      },
    );

    test.each(['nonsense', 'o 1', 'e 1 bored', 'o 1 2;3 alice'])(
      'a record like %j is ended by the sweep',
      async (text) => {
        await client.set('session-timeout:a', text);
        expect(await expire('a')).toEqual({ ended: 'absolute', user: undefined });
        expect(await ledger.read('a')).toMatchObject({ state: 'ended', reason: 'absolute' });
        expect(await expire('a')).toBeUndefined();
      },
    );

    test('the session of another user neither counts nor is listed', async () => {
      await open('a', { user: 'bob' });
      await client.hSet(list, 'a', `o${Date.now() + MINUTE}`);
      expect(await listed()).toEqual([]);
      await client.hSet(list, 'a', `l${Date.now() + MINUTE}`);
      expect(await claim('new')).toMatchObject({ admitted: true, leaving: [] });
    });
  });

  describe('a session that the sweep looks at', () => {
    const OFF = { idleTimeout: false, absoluteTimeout: false } as const;

    test('is due again when its time is over', async () => {
      await open('a', { limits: { idleTimeout: 1, absoluteTimeout: HOUR } });
      await client.zAdd(DUE, { score: 1, value: 'a' });
      expect(await usersOf(ledger).expire('a', { keepFor: HOUR, limits: LIMITS })).toMatchObject({
        dueIn: expect.any(Number),
      });
      const [{ score } = { score: 0 }] = await client.zRangeWithScores(DUE, 0, -1);
      expect(score / 1000 - Date.now()).toBeGreaterThan(HOUR - MINUTE);
      expect(score / 1000 - Date.now()).toBeLessThanOrEqual(HOUR);
    });

    test('leaves the list of due sessions if nothing limits it any more', async () => {
      await open('a');
      expect(await usersOf(ledger).expire('a', { keepFor: HOUR, limits: OFF })).toEqual({ dueIn: Infinity });
      expect(await client.exists(DUE)).toBe(0);
    });

    test('keeps the list of its user as long as it can live, at most 400 days', async () => {
      await open('a');
      const kept = async (limits: Opening['limits'], keepFor = DAY) => {
        await client.del(list);
        await usersOf(ledger).expire('a', { keepFor, limits });
        return client.pTTL(list);
      };
      expect(await kept(LIMITS)).toBeGreaterThan(DAY + HOUR - MINUTE);
      expect(await kept(LIMITS)).toBeLessThanOrEqual(DAY + HOUR);
      expect(await kept(OFF)).toBeGreaterThan(401 * DAY - MINUTE);
      expect(await kept(OFF)).toBeLessThanOrEqual(401 * DAY);
    });

    test('costs one script, and one for the list of due sessions, if it has no user', async () => {
      await open('a', { user: undefined });
      expect(await server.sent(async () => expire('a'))).toEqual(['evalsha', 'evalsha']);
    });
  });

  const UNUSABLE = 'a\0';
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'the user of a claim',
      () => usersOf(ledger).claim(UNUSABLE, 'a', { max: 1, evict: [] }) as Promise<unknown>,
      /The id of a user contains/,
    ],
    ['the session of a claim', () => claim(UNUSABLE), /The hash of a session contains/],
    [
      'a session that is to leave',
      () => usersOf(ledger).claim('alice', 'a', { max: 1, evict: ['b', UNUSABLE] }) as Promise<unknown>,
      /The hash of a session contains/,
    ],
    [
      'a session that is replaced',
      () => usersOf(ledger).claim('alice', 'a', { max: 1, evict: [], replaces: UNUSABLE }) as Promise<unknown>,
      /The hash of a session contains/,
    ],
    ['how many sessions a user may have', () => claim('a', 0), /`max` must be a whole number/],
    [
      'the user of a release',
      () => usersOf(ledger).release(UNUSABLE, 'a') as Promise<unknown>,
      /The id of a user contains/,
    ],
    [
      'the session of a release',
      () => usersOf(ledger).release('alice', UNUSABLE) as Promise<unknown>,
      /The hash of a session contains/,
    ],
    ['how many are due', () => usersOf(ledger).due(0, HOUR) as Promise<unknown>, /`limit` must be a whole number/],
    ['how long they are leased', () => usersOf(ledger).due(1, 0) as Promise<unknown>, /`lease` must be a duration/],
    ['the session to look at', () => expire(UNUSABLE), /The hash of a session contains/],
    [
      'a limit',
      () => usersOf(ledger).expire('a', { keepFor: HOUR, limits: { ...LIMITS, idleTimeout: -1 } }) as Promise<unknown>,
      /`idleTimeout` must be a duration/,
    ],
  ])('%s is refused at once if it cannot be used', async (_what, work, message) => {
    const sent = server.sent(() => expect(work()).rejects.toThrow(message));
    expect(await sent).toEqual([]);
  });

  test('a claim that evicts nobody leaves the list of due sessions alone', async () => {
    await claim('a');
    expect(await client.keys('*')).toEqual([list]);
  });

  test('a session without limits does not ask the list of due sessions when it ends', async () => {
    await open('a', { limits: undefined });
    await client.zAdd(DUE, { score: 1, value: 'a' });
    await end('a');
    await settled();
    // Its record says that it is not there.
    expect(await client.exists(DUE)).toBe(1);
  });

  test('a claim from before the clock of Redis was set back counts for a minute, not for longer', async () => {
    await client.hSet(list, 'a', `c${Date.now() + DAY}`);
    expect(await claim('new')).toMatchObject({ admitted: false, members: ['a'] });
    const grace = Number(String(await client.hGet(list, 'a')).slice(1));
    expect(grace - Date.now()).toBeLessThanOrEqual(MINUTE);
    expect(grace - Date.now()).toBeGreaterThan(MINUTE - 10_000);
  });

  test('a session that is opened although it had a tombstone is on no list', async () => {
    await end('a');
    expect(await open('a')).toMatchObject({ state: 'ended' });
    await settled();
    expect(await client.keys('*{*')).toEqual([]);
  });

  test('a second opening by another user puts the session on no list of theirs', async () => {
    await open('a', { user: 'bob' });
    expect(await open('a')).toMatchObject({ state: 'open', user: 'bob' });
    await settled();
    expect(await client.exists(list)).toBe(0);
    expect(await client.zRange(DUE, 0, -1)).toEqual(['a']);
  });
});
