import { createClient, createClientPool } from 'redis';
import type { LedgerRecord } from '../../../src/index.js';
import { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { ledgerConformance } from '../../../src/testing/index.js';
import { eventually, sleep } from '../../instances/support/binaries.js';
import { describeWithRedisServer, RedisServer } from '../../instances/support/redis-server.js';
import { HOUR } from '../../support/time.js';
import { ledgerTests } from '../support/ledger-tests.js';

type CachingClient = Awaited<ReturnType<typeof connect>>;

async function connect(server: RedisServer) {
  const made = createClient({ url: server.url, RESP: 3, clientSideCache: { maxEntries: 10_000 } });
  made.on('error', () => {});
  return made.connect();
}

describeWithRedisServer('RedisLedger with a client that caches does what every ledger does', () => {
  let server: RedisServer;
  let client: CachingClient;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = await connect(server);
  });
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  ledgerTests((index) => ({ ledger: new RedisLedger(client, { prefix: `${index}:` }) }));
});

describeWithRedisServer('RedisLedger with a client that caches', () => {
  let server: RedisServer;
  let client: CachingClient;
  let plain: ReturnType<typeof createClient>;
  let ledger: RedisLedger;
  /** On another instance. */
  let other: RedisLedger;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    await server.command('FLUSHALL');
    client = await connect(server);
    plain = createClient({ url: server.url });
    plain.on('error', () => {});
    await plain.connect();
    ledger = new RedisLedger(client);
    other = new RedisLedger(plain);
  });
  afterEach(() => {
    client?.destroy();
    plain?.destroy();
  });
  afterAll(() => server?.stop());

  const open = (key: string) => ledger.open(key, { user: 'alice', keepFor: HOUR });

  const idle = (record: LedgerRecord | undefined) => (record?.state === 'open' ? record.idleFor : NaN);

  /** How many records are read in Redis meanwhile. */
  async function reads(work: () => Promise<unknown>): Promise<number> {
    await server.command('CONFIG', 'RESETSTAT');
    await work();
    const stats = String(await server.command('INFO', 'commandstats'));
    return Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }

  test('coalesces like any other ledger', async () => {
    for (const { check } of ledgerConformance.slice(0, 5)) {
      const coalescing = new CoalescingLedger(new RedisLedger(client), { within: 20 });
      await check({ ledger: coalescing });
      await coalescing.close();
    }
  });

  test('reads unchanged records without a command to Redis, with times that go on', async () => {
    await open('a');
    await ledger.read('a');
    const first = await ledger.read('a');
    const sent = await reads(async () => {
      for (let i = 0; i < 50; i++) await ledger.read('a');
    });
    // Once a second, and until the clock of Redis is known.
    expect(sent).toBeLessThanOrEqual(10);
    await sleep(200);
    const later = await ledger.read('a');
    expect(later).toMatchObject({ state: 'open', user: 'alice' });
    expect(idle(later) - idle(first)).toBeGreaterThan(100);
    const uncertainty = later?.uncertainty ?? 0;
    expect(idle(later) - uncertainty).toBeLessThanOrEqual(idle(await other.read('a', { exact: true })) + 5);
  });

  test('sees the writes of another instance at once', async () => {
    await open('a');
    for (let i = 0; i < 3; i++) await ledger.read('a');
    await sleep(300);
    await other.advance([{ key: 'a', idleFor: 0, keepFor: HOUR }]);
    await client.ping();
    const active = await ledger.read('a');
    const uncertainty = active?.uncertainty ?? 0;
    expect(idle(active) - uncertainty).toBeLessThanOrEqual(idle(await other.read('a', { exact: true })) + 5);

    await ledger.read('a');
    await other.end('a', { reason: 'revoked', keepFor: HOUR });
    // What was on its way to this instance has come when the next answer has.
    await client.ping();
    expect(await ledger.read('a')).toMatchObject({ state: 'ended', reason: 'revoked' });
  });

  test('sees its own writes at once', async () => {
    for (let i = 0; i < 200; i++) {
      await open(`own-${i}`);
      await ledger.read(`own-${i}`);
      await ledger.end(`own-${i}`, { reason: 'signed-out', keepFor: HOUR });
      expect((await ledger.read(`own-${i}`))?.state).toBe('ended');
    }
  });

  test('sees that all records were deleted', async () => {
    await open('a');
    await ledger.read('a');
    await server.command('FLUSHALL');
    await client.ping();
    expect(await ledger.read('a')).toBeUndefined();
  });

  test('trusts its cache for a second if the connection hangs, and then waits for Redis', async () => {
    await open('a');
    await eventually(async () => {
      if ((await reads(() => ledger.read('a'))) > 0) throw new Error('not yet');
    });
    await open('a');
    await ledger.read('a');
    server.pause();
    expect(await ledger.read('a')).toMatchObject({ state: 'open' });
    await sleep(1100);
    const late = ledger.read('a');
    expect(await Promise.race([late, sleep(200)])).toBeUndefined();
    server.resume();
    expect(await late).toMatchObject({ state: 'open' });
  });

  test('does not use its cache when the connection is lost', async () => {
    await open('a');
    await ledger.read('a');
    await ledger.read('a');
    await server.stop();
    await eventually(async () => {
      if (client.isReady) throw new Error('not yet');
    });
    const answer = await Promise.race([ledger.read('a').catch(() => 'failed'), sleep(300)]);
    expect(['failed', undefined]).toContain(answer);
    await server.start();
  });

  test('does not cache a record with a time in the future of the Redis clock', async () => {
    await open('a');
    await ledger.read('a');
    const ahead = String((Date.now() + 24 * HOUR) * 1000);
    await plain.set('session-timeout:a', `o ${ahead} ${ahead}`);
    await client.ping();
    await ledger.read('a');
    expect(await plain.get('session-timeout:a')).not.toContain(ahead);
  });

  test('asks Redis each time if the client is a pool, because one of its connections may hang', async () => {
    const pool = createClientPool({ url: server.url, RESP: 3 }, { clientSideCache: {} });
    await pool.connect();
    const pooled = new RedisLedger(pool as never);
    await pooled.open('a', { keepFor: HOUR });
    expect(
      await reads(async () => {
        for (let i = 0; i < 10; i++) await pooled.read('a');
      }),
    ).toBe(10);
    pool.destroy();
  });
});
