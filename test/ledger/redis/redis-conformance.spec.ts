import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { anyRedis, describeWithRedis } from '../../instances/support/redis-server.js';
import { ledgerTests } from '../support/ledger-tests.js';

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
    const keys = (await nodeRedis?.keys(`${prefix}*`)) ?? [];
    if (keys.length > 0) await nodeRedis.del(keys);
    nodeRedis?.destroy();
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
    ledgerTests((index) => ({ ledger: new RedisLedger(client(), { prefix: `${prefix}${library} ${index}:` }) }));
  });

  describe('coalescing', () => {
    ledgerTests((index) => {
      const under = new RedisLedger(nodeRedis, { prefix: `${prefix}coalescing ${index}:` });
      const ledger = new CoalescingLedger(under, { within: 20 });
      return { ledger, close: () => ledger.close() };
    });
  });
});
