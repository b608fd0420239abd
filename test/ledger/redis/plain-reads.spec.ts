import { randomUUID } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient, createClientPool, createCluster, createSentinel, RESP_TYPES } from 'redis';
import { createClient as createClient5, createClientPool as createClientPool5 } from 'redis-5';
import type { LedgerRecord } from '../../../src/index.js';
import { BoundedLedger } from '../../../src/ledger/layers/bounded-ledger.js';
import { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { MeasuredLedger } from '../../../src/ledger/layers/measured-ledger.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { textReaderFor } from '../../../src/ledger/redis/text-reader.js';
import { eventually, sleep } from '../../instances/support/binaries.js';
import { describeWithRedisServer, RedisServer } from '../../instances/support/redis-server.js';
import { HOUR } from '../../support/time.js';

const READS = 20;

describeWithRedisServer('a plain read from Redis', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  const closers: (() => void)[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.connect();
    // Redis then knows the scripts.
    const ledger = new RedisLedger(client);
    await ledger.read('any', { exact: true });
    await ledger.advance([{ key: 'any', idleFor: 0, keepFor: HOUR }]);
  });
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  const sent = (work: () => Promise<unknown>) => server.sent(work);

  /** The clock of Redis is not known well enough if the answer that told it came late. */
  async function knowsTheClock(ledger: RedisLedger, key: string): Promise<void> {
    await eventually(async () => expect((await ledger.read(key))?.uncertainty).toBeGreaterThan(0));
  }

  async function readMany(ledger: RedisLedger, key: string): Promise<void> {
    for (let i = 0; i < READS; i += 1) await ledger.read(key);
  }

  const idle = (record: LedgerRecord | undefined) => (record?.state === 'open' ? record.idleFor : NaN);

  const clients = {
    'redis 6': async () => {
      const made = createClient({ url: server.url });
      closers.push(() => made.destroy());
      return made.connect();
    },
    'redis 6 with RESP 3': async () => {
      const made = createClient({ url: server.url, RESP: 3 });
      closers.push(() => made.destroy());
      return made.connect();
    },
    'redis 6 with buffers': async () => {
      const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer };
      const made = createClient({ url: server.url, RESP: 3, commandOptions: { typeMapping } });
      closers.push(() => made.destroy());
      return made.connect();
    },
    'a pool of redis 6': async () => {
      const made = createClientPool({ url: server.url });
      closers.push(() => made.destroy());
      return made.connect();
    },
    'redis 5': async () => {
      const made = createClient5({ url: server.url });
      closers.push(() => made.destroy());
      return made.connect();
    },
    'a pool of redis 5': async () => {
      const made = createClientPool5({ url: server.url });
      closers.push(() => made.destroy());
      return made.connect();
    },
    'ioredis 6': async () => {
      const made = new Redis(server.url);
      closers.push(() => made.disconnect());
      return made;
    },
    'ioredis 5 with a prefix of its own': async () => {
      const made = new Redis5(server.url, { keyPrefix: 'app:' });
      closers.push(() => made.disconnect());
      return made;
    },
  };

  test.each(Object.entries(clients))('is one plain command with %s', async (_library, connect) => {
    const ledger = new RedisLedger((await connect()) as never);
    const key = randomUUID();
    await ledger.open(key, { user: 'alice', keepFor: HOUR });
    // While the machine is too busy, answers are late, and what they tell about the clock is not exact enough.
    await eventually(async () => {
      const commands = await sent(() => readMany(ledger, key));
      expect(commands).toEqual(Array.from({ length: READS }, () => 'get'));
    });
    const record = await ledger.read(key);
    expect(record).toMatchObject({ state: 'open', user: 'alice' });
    expect(record?.uncertainty).toBeGreaterThan(0);
    expect(record?.uncertainty).toBeLessThanOrEqual(50);
  });

  test('is a script the first time, and if it has to be exact', async () => {
    const key = randomUUID();
    await new RedisLedger(client).open(key, { keepFor: HOUR });
    const ledger = new RedisLedger(client);
    expect(await sent(() => ledger.read(key))).toEqual(['evalsha']);
    await knowsTheClock(ledger, key);
    expect(await sent(() => ledger.read(key, { exact: true }))).toEqual(['evalsha']);
    expect((await ledger.read(key, { exact: true }))?.uncertainty ?? 0).toBe(0);
  });

  test('learns the clock of Redis from writes, too', async () => {
    await eventually(async () => {
      const ledger = new RedisLedger(client);
      await ledger.advance([{ key: 'unknown', idleFor: 0, keepFor: HOUR }]);
      expect(await sent(() => ledger.read('unknown'))).toEqual(['get']);
    });
  });

  test('is sent in the same tick as another command of the client, also through the layers', async () => {
    const redis = new RedisLedger(client);
    await redis.open('pipelined', { keepFor: HOUR });
    const ledger = new CoalescingLedger(new MeasuredLedger(new BoundedLedger(redis, { timeout: 5000 }), () => {}), {
      within: 1000,
    });
    const reads = () => Promise.all([client.exists('a'), ledger.read('pipelined'), client.exists('b')]);
    await eventually(async () => expect(await sent(reads)).toEqual(['exists', 'get', 'exists']));
    await ledger.close();
  });

  test('sees what another instance has written', async () => {
    const [ledger, other] = [new RedisLedger(client), new RedisLedger(client)];
    const key = randomUUID();
    await ledger.open(key, { keepFor: HOUR });
    await sleep(200);
    const activeAt = performance.now();
    await other.advance([{ key, idleFor: 0, keepFor: HOUR }]);
    const idleFor = idle(await ledger.read(key));
    // It would be at least 200 ms more since the session began.
    expect(idleFor).toBeLessThan(performance.now() - activeAt + 100);
    await other.end(key, { reason: 'revoked', keepFor: HOUR });
    expect(await ledger.read(key)).toMatchObject({ state: 'ended', reason: 'revoked' });
  });

  test.each([
    ['text of something else', () => client.set('session-timeout:odd', 'nonsense')],
    ['no text', () => client.hSet('session-timeout:odd', { start: '1', active: '2' })],
  ])('reads %s as a session that every policy ends', async (_what, put) => {
    const ledger = new RedisLedger(client);
    await ledger.open('known', { keepFor: HOUR });
    await client.del('session-timeout:odd');
    await put();
    expect(await ledger.read('odd')).toEqual({ state: 'open', sessionAge: NaN, idleFor: NaN });
  });

  test('leaves times in the future of the Redis clock to the script, which corrects them', async () => {
    const ledger = new RedisLedger(client);
    await ledger.open('ahead', { keepFor: HOUR });
    const ahead = String((Date.now() + 24 * HOUR) * 1000);
    await client.set('session-timeout:ahead', `o ${ahead} ${ahead} alice`);
    expect(await ledger.read('ahead')).toMatchObject({ state: 'open', sessionAge: 0, idleFor: 0, user: 'alice' });
    const [, start, active, user] = String(await client.get('session-timeout:ahead')).split(' ');
    expect([Number(start) < Number(ahead), active === start, user]).toEqual([true, true, 'alice']);
  });

  test('is not possible where a replica may answer, or where servers have a clock each', () => {
    const cluster = createCluster({ rootNodes: [{ url: server.url }] });
    const sentinel = createSentinel({ name: 'any', sentinelRootNodes: [{ host: '127.0.0.1', port: server.port }] });
    const ioCluster = new Cluster([{ host: '127.0.0.1', port: server.port }], { lazyConnect: true });
    for (const several of [cluster, sentinel, ioCluster]) expect(textReaderFor(several as never)).toBeUndefined();
    ioCluster.disconnect();
  });
});
