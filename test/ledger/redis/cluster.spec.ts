import { randomUUID } from 'node:crypto';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { createCluster as createCluster5 } from 'redis-5';
import { isCluster } from '../../../src/ledger/redis/redis-client.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { sleep } from '../../instances/support/binaries.js';
import { RedisCluster } from '../../instances/support/redis-cluster.js';
import { describeWithRedisServer } from '../../instances/support/redis-server.js';
import { HOUR } from '../../support/time.js';
import { ledgerTests } from '../support/ledger-tests.js';
import { allDue, LIMITS, openOf, signIn, usersOf } from './support/sign-ins.js';

describeWithRedisServer('RedisLedger on a cluster of three servers', () => {
  let cluster: RedisCluster;
  let nodeRedis: ReturnType<typeof createCluster>;
  let nodeRedis5: ReturnType<typeof createCluster5>;
  let ioRedis: Cluster;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
    nodeRedis = createCluster({ rootNodes: cluster.rootNodes });
    nodeRedis5 = createCluster5({ rootNodes: cluster.rootNodes });
    ioRedis = new Cluster(cluster.nodes);
    await Promise.all([nodeRedis.connect(), nodeRedis5.connect()]);
  }, 60_000);
  afterAll(async () => {
    nodeRedis?.destroy();
    nodeRedis5?.destroy();
    ioRedis?.disconnect();
    await cluster?.stop();
  });

  const flush = () => Promise.all(cluster.servers.map((server) => server.command('FLUSHALL')));
  const ledgers = () => [nodeRedis, nodeRedis5, ioRedis].map((client) => new RedisLedger(client));
  /** The names of all keys, by server. */
  const names = () =>
    Promise.all(cluster.servers.map(async (server) => (await server.command('KEYS', '*')) as string[]));

  const clients = {
    'createCluster() of redis 6': () => nodeRedis,
    'Cluster of ioredis': () => ioRedis,
  };

  describe.each(Object.entries(clients))('with %s', (library, client) => {
    ledgerTests((index) => ({ ledger: new RedisLedger(client(), { prefix: `${library} ${index}:` }) }));
  });

  describe('with clients of all kinds', () => {
    beforeEach(flush);

    test('spreads sessions, users and the list of due sessions over the servers', async () => {
      const [ledger] = ledgers() as [RedisLedger];
      for (let i = 0; i < 100; i += 1) await ledger.open(`${i}`, { user: `user ${i}`, limits: LIMITS, keepFor: HOUR });
      for (const onServer of await names()) {
        expect(onServer.filter((name) => /:\d+$/.test(name)).length).toBeGreaterThan(10);
        expect(onServer.filter((name) => name.includes('{u:')).length).toBeGreaterThan(10);
        expect(onServer.filter((name) => name.includes('{due:')).length).toBeGreaterThan(2);
      }
      expect((await names()).flat().filter((name) => name.includes('{due:'))).toHaveLength(16);
    });

    test('finds what is due on all servers, whoever put it there: at most as many as asked for, the oldest first', async () => {
      const all = ledgers();
      const keys = Array.from({ length: 60 }, (_, i) => `${String(i).padStart(2, '0')}-${randomUUID()}`);
      for (const [i, key] of keys.entries()) {
        const limits = { idleTimeout: 1 + i * 25, absoluteTimeout: false } as const;
        await all[i % all.length]!.open(key, { limits, keepFor: HOUR });
      }
      await sleep(1600);
      const found: string[] = [];
      for (let turn = 0; found.length < keys.length && turn < 100; turn += 1) {
        const batch = await usersOf(all[turn % all.length]!).due(7, HOUR);
        expect(batch.length).toBeLessThanOrEqual(7);
        found.push(...batch);
      }
      expect(found).toHaveLength(keys.length);
      // Each was opened after the one before it, and was due later. The clocks of the servers are one.
      expect(found).toEqual(keys);
      expect(await allDue(all[0]!)).toEqual([]);
    });

    test.each([1, 3])('of 50 sign-ins of one user at the same time, %d stay', async (max) => {
      const all = ledgers();
      const keys = Array.from({ length: 50 }, () => randomUUID());
      await Promise.all(keys.map((key, i) => signIn(all[i % all.length]!, 'alice', key, max)));
      const open = await openOf(all[0]!, keys);
      expect(open).toHaveLength(max);
      for (const ledger of all) {
        expect((await usersOf(ledger).ofUser('alice')).map(({ key }) => key).toSorted()).toEqual(open.toSorted());
      }
    });
  });

  test('knows which clients are of a cluster', () => {
    for (const client of [nodeRedis, nodeRedis5, ioRedis]) expect(isCluster(client)).toBe(true);
    for (const client of [nodeRedis.nodeClient(nodeRedis.masters[0]!), ioRedis.nodes()[0]!]) {
      expect(isCluster(client as never)).toBe(false);
    }
  });
});
