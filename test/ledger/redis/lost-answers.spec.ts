import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { anyRedis, describeWithRedis } from '../../instances/support/redis-server.js';
import { HOUR, MINUTE } from '../../support/time.js';

const RECONNECT = { retryStrategy: () => 10 };
const limits = { idleTimeout: 10 * MINUTE, absoluteTimeout: HOUR };

/** A way to Redis that can break between a command and its answer. */
async function breakableWay(url: string) {
  const { hostname, port } = new URL(url);
  let isToBreak = false;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port || 6379), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [near, far].map((each) => each.destroy()));
    }
    near.pipe(far);
    far.on('data', (answer) => {
      if (isToBreak) near.destroy();
      else near.write(answer);
      isToBreak = false;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** Redis gets the next command, but the connection breaks before its answer arrives. */
    loseNextAnswer: () => void (isToBreak = true),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

// node-redis rejects a command whose answer is lost. ioredis sends it again.
describeWithRedis('RedisLedger, if ioredis loses its connection before the answer', () => {
  let redis: Awaited<ReturnType<typeof anyRedis>>;
  let way: Awaited<ReturnType<typeof breakableWay>>;
  const prefix = `lost-answers-${randomUUID()}:`;

  beforeAll(async () => {
    redis = await anyRedis();
    way = await breakableWay(redis.url);
  });

  afterAll(async () => {
    const client = new Redis(redis.url);
    const keys = await client.keys(`${prefix}*`);
    if (keys.length > 0) await client.del(keys);
    client.disconnect();
    way.close();
    await redis.stop();
  });

  describe.each([
    ['ioredis 6', (port: number) => new Redis(port, '127.0.0.1', RECONNECT)],
    ['ioredis 5', (port: number) => new Redis5(port, '127.0.0.1', RECONNECT)],
  ])('%s', (_name, clientOn) => {
    let client: Redis | Redis5;
    let ledger: RedisLedger;

    beforeEach(async () => {
      client = clientOn(way.port);
      ledger = new RedisLedger(client, { prefix });
      // Redis knows the scripts from now on, so the next answer is that of the script.
      await ledger.end(randomUUID(), { reason: 'revoked', keepFor: MINUTE });
      await ledger.users.expire(randomUUID(), { keepFor: MINUTE });
    });

    afterEach(() => client.disconnect());

    test('the call that ends a session knows that it has ended it, and no other call does', async () => {
      const key = randomUUID();
      await ledger.open(key, { user: 'alice', limits, keepFor: HOUR });
      const reconnected = once(client, 'ready');
      way.loseNextAnswer();

      expect(await ledger.end(key, { reason: 'signed-out', keepFor: HOUR })).toBe(true);
      await reconnected;
      expect(await ledger.end(key, { reason: 'signed-out', keepFor: HOUR })).toBe(false);
      expect(await ledger.users.expire(key, { keepFor: HOUR })).toBeUndefined();
      expect(await ledger.read(key)).toMatchObject({ state: 'ended', reason: 'signed-out', user: 'alice' });
      expect(await ledger.users.ofUser('alice')).toEqual([]);
    });

    test('the sweep knows that it has ended a session, and no other call does', async () => {
      const key = randomUUID();
      await ledger.open(key, { user: 'bob', sessionAge: 2 * HOUR, limits, keepFor: HOUR });
      const reconnected = once(client, 'ready');
      way.loseNextAnswer();

      expect(await ledger.users.expire(key, { keepFor: HOUR })).toEqual({ ended: 'absolute', user: 'bob' });
      await reconnected;
      expect(await ledger.users.expire(key, { keepFor: HOUR })).toBeUndefined();
      expect(await ledger.end(key, { reason: 'revoked', keepFor: HOUR })).toBe(false);
      expect(await ledger.users.ofUser('bob')).toEqual([]);
    });
  });
});
