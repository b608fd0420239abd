import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient, createCluster, TimeoutError } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { ledgerConformance } from '../../../src/testing/index.js';
import { eventually, sleep } from '../../instances/support/binaries.js';
import {
  anyRedis,
  describeWithRedis,
  describeWithRedisServer,
  RedisServer,
} from '../../instances/support/redis-server.js';
import { HOUR, MINUTE } from '../../support/time.js';

describeWithRedis('RedisLedger', () => {
  let redis: Awaited<ReturnType<typeof anyRedis>>;
  let nodeRedis: ReturnType<typeof createClient>;
  let nodeRedis5: ReturnType<typeof createClient5>;
  let ioRedis: Redis;
  let ioRedis5: Redis5;
  const prefix = `test-${randomUUID()}:`;

  beforeAll(async () => {
    redis = await anyRedis();
    nodeRedis = createClient({ url: redis.url });
    await nodeRedis.connect();
    nodeRedis5 = createClient5({ url: redis.url });
    await nodeRedis5.connect();
    ioRedis = new Redis(redis.url);
    ioRedis5 = new Redis5(redis.url);
  });

  afterAll(async () => {
    const keys = [...(await nodeRedis.keys(`${prefix}*`)), `session-timeout:${prefix}`];
    await nodeRedis.del(keys);
    nodeRedis.destroy();
    nodeRedis5?.destroy();
    ioRedis?.disconnect();
    ioRedis5?.disconnect();
    await redis?.stop();
  });

  const clients = {
    'redis 6': () => nodeRedis,
    'redis 5': () => nodeRedis5,
    'ioredis 6': () => ioRedis,
    'ioredis 5': () => ioRedis5,
  };

  describe.each(Object.entries(clients))('with %s', (library, client) => {
    const ledger = () => new RedisLedger(client(), { prefix });

    test.each(ledgerConformance)('$name', ({ check }) => check({ ledger: ledger() }));

    test('works after Redis has lost its scripts', async () => {
      const under = ledger();
      const key = `forgetful-${library}`;
      await under.open(key, { keepFor: HOUR });
      await nodeRedis.sendCommand(['SCRIPT', 'FLUSH']);
      expect(await under.read(key)).toMatchObject({ state: 'open' });
      await nodeRedis.sendCommand(['SCRIPT', 'FLUSH']);
      await under.advance([key, 'other'].map((key) => ({ key, idleFor: 0, keepFor: HOUR })));
      expect(await under.end(key, { reason: 'revoked', keepFor: HOUR })).toBe(true);
    });
  });

  test('passes other errors of Redis on', async () => {
    const closed = createClient({ url: redis.url });
    await expect(new RedisLedger(closed).read('any')).rejects.toThrow();
    const lazy = new Redis(redis.url, { lazyConnect: true, enableOfflineQueue: false });
    await expect(new RedisLedger(lazy).read('any')).rejects.toThrow();
    lazy.disconnect();
  });

  test('sends commands without an abort signal or timer of redis 6', async () => {
    const timeout = jest.spyOn(AbortSignal, 'timeout');
    await nodeRedis.ping();
    expect(timeout).toHaveBeenCalledTimes(1);
    await new RedisLedger(nodeRedis, { prefix }).read('any');
    expect(timeout).toHaveBeenCalledTimes(1);
    timeout.mockRestore();
  });

  test('takes queued commands back from redis 6 without a connection when nobody waits for them', async () => {
    const offline = createClient({ url: 'redis://127.0.0.1:1', commandOptions: { timeout: 50 } });
    offline.on('error', () => undefined);
    const connecting = offline.connect().catch(() => undefined);
    await expect(new RedisLedger(offline).read('any')).rejects.toThrow(TimeoutError);
    offline.destroy();
    await connecting;
  });

  describe('coalescing', () => {
    test.each(ledgerConformance)('$name', async ({ check }) => {
      const ledger = new CoalescingLedger(new RedisLedger(nodeRedis, { prefix }), { within: 20 });
      await check({ ledger });
      await ledger.close();
    });
  });

  test('keeps one key per session, under the prefix, longer than the limit', async () => {
    const ledger = new RedisLedger(nodeRedis, { prefix: `${prefix}own:` });
    await ledger.open('a', { user: 'alice', keepFor: HOUR });
    await ledger.advance([{ key: 'a', idleFor: 0, keepFor: 2 * HOUR }]);
    expect(await nodeRedis.keys(`${prefix}own:*`)).toEqual([`${prefix}own:a`]);
    expect(await nodeRedis.pTTL(`${prefix}own:a`)).toBeGreaterThan(2 * HOUR - MINUTE);

    await new RedisLedger(nodeRedis).open(prefix, { keepFor: MINUTE });
    expect(await nodeRedis.exists(`session-timeout:${prefix}`)).toBe(1);
  });

  test.each([
    ['text', (key: string) => nodeRedis.set(key, 'nonsense')],
    ['a list', (key: string) => nodeRedis.rPush(key, ['start', '1'])],
    ['a hash of something else', (key: string) => nodeRedis.hSet(key, { cart: 'full' })],
    ['a record without activity', (key: string) => nodeRedis.hSet(key, { start: '1' })],
    ['invalid times', (key: string) => nodeRedis.hSet(key, { start: 'nan', active: '1e308' })],
    ['negative times', (key: string) => nodeRedis.hSet(key, { start: '-5', active: '-5' })],
    ['an end without a valid time', (key: string) => nodeRedis.hSet(key, { ended: 'x', reason: 'idle' })],
    ['an end with an unknown reason', (key: string) => nodeRedis.hSet(key, { ended: '1', reason: 'bored' })],
    ['an end without a reason', (key: string) => nodeRedis.hSet(key, { start: '1', active: '2', ended: '3' })],
  ])('reads %s as a session that every policy ends, and can end it', async (_what, put) => {
    const ledger = new RedisLedger(nodeRedis, { prefix });
    await nodeRedis.del(`${prefix}odd`);
    await put(`${prefix}odd`);

    const unreadable = { state: 'open', sessionAge: NaN, idleFor: NaN };
    expect(await ledger.read('odd')).toEqual(unreadable);
    expect(await ledger.open('odd', { keepFor: HOUR })).toEqual(unreadable);
    await ledger.advance([{ key: 'odd', idleFor: 0, keepFor: HOUR }]);
    expect(await ledger.read('odd')).toEqual(unreadable);

    const ends = ['lost', 'idle'] as const;
    const ended = await Promise.all(ends.map((reason) => ledger.end('odd', { reason, keepFor: HOUR })));
    expect(ended).toEqual([true, false]);
    expect(await ledger.read('odd')).toMatchObject({ state: 'ended', reason: 'lost' });
    expect(await nodeRedis.pTTL(`${prefix}odd`)).toBeGreaterThan(0);
  });

  test('counts a time in the future of the Redis clock as now', async () => {
    const ledger = new RedisLedger(nodeRedis, { prefix });
    const ahead = String((Date.now() + 24 * HOUR) * 1000);
    await nodeRedis.hSet(`${prefix}ahead`, { start: ahead, active: ahead });
    expect(await ledger.read('ahead')).toMatchObject({ state: 'open', sessionAge: 0, idleFor: 0 });
    await sleep(5);
    const later = await ledger.read('ahead');
    expect(later).toMatchObject({ state: 'open', user: undefined });
    expect(later?.state === 'open' && later.idleFor).toBeGreaterThan(0);
  });

  test('says what it needs if it gets something else', () => {
    for (const nonsense of [undefined, {}, { get() {} }]) {
      expect(() => new RedisLedger(nonsense as never)).toThrow(/client of redis .* or of ioredis/);
    }
  });
});

describeWithRedisServer('RedisLedger, when commands come late', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());

  test('dates activity by when it happened, not by when a paused Redis ran the command', async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    const ledger = new RedisLedger(client);
    await ledger.open('late', { keepFor: HOUR });
    await ledger.read('late');

    server.pause();
    const written = ledger.advance([{ key: 'late', idleFor: 0, keepFor: HOUR }]);
    const opened = ledger.open('new', { keepFor: HOUR });
    await sleep(200);
    server.resume();
    await Promise.all([written, opened]);

    for (const key of ['late', 'new']) {
      const record = await ledger.read(key);
      expect(record?.state === 'open' && record.idleFor).toBeGreaterThan(150);
      expect(record?.state === 'open' && record.sessionAge).toBeGreaterThan(150);
    }
    client.destroy();
  });
});

describeWithRedisServer('RedisLedger on a cluster', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
    await server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await eventually(async () => {
      if (!String(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) throw new Error('not yet');
    });
  });
  afterAll(() => server?.stop());

  const spread = ledgerConformance.filter(({ name }) => /many|one caller/.test(name));

  test('works with createCluster() of redis', async () => {
    const cluster = createCluster({ rootNodes: [{ url: server.url }] });
    await cluster.connect();
    for (const { check } of spread) await check({ ledger: new RedisLedger(cluster) });
    cluster.destroy();
  });

  test('works with Cluster of ioredis', async () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: server.port }]);
    for (const { check } of spread) await check({ ledger: new RedisLedger(cluster) });
    cluster.disconnect();
  });
});
