import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { createClient, TimeoutError } from 'redis';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { problemOfId } from '../../../src/policy/identifier.js';
import { reasons } from '../../../src/policy/reason.js';
import { sleep } from '../../instances/support/binaries.js';
import { describeWithRedis, describeWithRedisServer, RedisServer } from '../../instances/support/redis-server.js';
import { HOUR, MINUTE } from '../../support/time.js';
import { type Clients, connectAll, LIBRARIES } from './support/clients.js';

/** Texts that are no records. */
const MALFORMED = [
  '',
  ' ',
  'nonsense',
  '{"start":1,"active":2}',
  'o',
  'o ',
  'o 1',
  'o 1 ',
  'o  1 2',
  'o 1  2',
  ' o 1 2',
  '\no 1 2',
  'o 1 2\n',
  'o 1 2\talice',
  'o 1 2alice',
  'o\t1 2',
  'O 1 2',
  'x 1 2',
  'oo 1 2',
  'o nan 1e308',
  'o -5 -5',
  'o +5 +5',
  'o 1.5 2.5',
  'o 0x1 0x2',
  'o 1 two',
  'o one 2',
  'o 1 two alice',
  'o 12345678901234567 1',
  'o 1 12345678901234567',
  'o 1 2\0',
  'e',
  'e 1',
  'e 1 ',
  'e  1 idle',
  'e x idle',
  'e -1 idle',
  'e 12345678901234567 idle',
  'e 1 bored',
  'e 1 bored alice',
  'e 1 IDLE',
  'e 1 toString',
  'e 1 __proto__',
  'e 1 2 idle',
  'e 1 idle\n',
  'e 1 idle\talice',
  'e 1 idle\0',
  'e 1 idle,absolute',
  '１ １ １',
  'o １ ２',
  'o 1 2;',
  'o 1 2;;',
  'o 1 2;;;;',
  'o 1 2;3;4',
  'o 1 2;x;4;5',
  'o 1 2;3;x;5',
  'o 1 2;3;4;x',
  'o 1 2;-1;4;5',
  'o 1 2;--;4;5',
  'o 1 2;3;-4;5',
  'o 1 2;3;4;5-',
  'o 1 2; 3;4;5',
  'o 1 2;3;4;5\talice',
  'o 1 2;1.5;4;5',
  'o 1 2;12345678901234567;4;5',
  'o 1 2;3;4;12345678901234567',
  'o 1;2;3;4 5',
];

describeWithRedis('RedisLedger', () => {
  let clients: Clients;
  let nodeRedis: Clients['nodeRedis'];
  const prefix = `test-${randomUUID()}:`;

  beforeAll(async () => {
    clients = await connectAll();
    ({ nodeRedis } = clients);
  });
  afterAll(() => clients?.close(prefix, `session-timeout:${prefix}`));

  describe.each(Object.entries(LIBRARIES))('with %s', (library, client) => {
    test('works after Redis has lost its scripts', async () => {
      const under = new RedisLedger(clients[client], { prefix });
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
    const closed = createClient({ url: clients.url });
    await expect(new RedisLedger(closed).read('any')).rejects.toThrow();
    const lazy = new Redis(clients.url, { lazyConnect: true, enableOfflineQueue: false });
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

  test('keeps one key per session, under the prefix, longer than the limit', async () => {
    const ledger = new RedisLedger(nodeRedis, { prefix: `${prefix}own:` });
    await ledger.open('a', { keepFor: HOUR });
    await ledger.advance([{ key: 'a', idleFor: 0, keepFor: 2 * HOUR }]);
    expect(await nodeRedis.keys(`${prefix}own:*`)).toEqual([`${prefix}own:a`]);
    expect(await nodeRedis.pTTL(`${prefix}own:a`)).toBeGreaterThan(2 * HOUR - MINUTE);

    await new RedisLedger(nodeRedis).open(prefix, { keepFor: MINUTE });
    expect(await nodeRedis.exists(`session-timeout:${prefix}`)).toBe(1);
  });

  test.each<[string, (key: string) => Promise<unknown>]>([
    ['a list', (key: string) => nodeRedis.rPush(key, ['o', '1', '2'])],
    ['a hash', (key: string) => nodeRedis.hSet(key, { start: '1', active: '2' })],
    ...MALFORMED.map((text): [string, (key: string) => Promise<unknown>] => [
      JSON.stringify(text),
      (key) => nodeRedis.set(key, text),
    ]),
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
    await nodeRedis.set(`${prefix}ahead`, `o ${ahead} ${ahead}`);
    expect(await ledger.read('ahead')).toMatchObject({ state: 'open', sessionAge: 0, idleFor: 0 });
    await sleep(5);
    const later = await ledger.read('ahead');
    expect(later).toMatchObject({ state: 'open', user: undefined });
    expect(later?.state === 'open' && later.idleFor).toBeGreaterThan(0);
  });

  test('corrects times in the future without changing the user or how long the record is kept', async () => {
    const ledger = new RedisLedger(nodeRedis, { prefix });
    const ahead = String((Date.now() + 24 * HOUR) * 1000);
    const key = `${prefix}ahead`;
    await nodeRedis.set(key, `o 1 ${ahead} Zoë O"Hara `, { expiration: { type: 'PX', value: HOUR } });
    expect(await ledger.read('ahead', { exact: true })).toMatchObject({ idleFor: 0, user: 'Zoë O"Hara ' });
    expect(await nodeRedis.get(key)).toMatch(/^o 1 \d{16} Zoë O"Hara $/);
    expect(await nodeRedis.pTTL(key)).toBeGreaterThan(HOUR - MINUTE);
    expect(await nodeRedis.pTTL(key)).toBeLessThanOrEqual(HOUR);

    await nodeRedis.set(key, `o 1 ${ahead} bob`);
    await ledger.advance([{ key: 'ahead', idleFor: MINUTE, keepFor: HOUR }]);
    const record = await ledger.read('ahead', { exact: true });
    expect(record?.state === 'open' && record.idleFor).toBeGreaterThanOrEqual(MINUTE);
    expect(record?.user).toBe('bob');
  });

  test('activity keeps a record longer, but never less long', async () => {
    const ledger = new RedisLedger(nodeRedis, { prefix });
    await ledger.open('kept', { keepFor: HOUR });
    const kept = async (keepFor: number) => {
      await ledger.advance([{ key: 'kept', idleFor: 0, keepFor }]);
      return nodeRedis.pTTL(`${prefix}kept`);
    };
    expect(await kept(MINUTE)).toBeGreaterThan(HOUR - MINUTE);
    expect(await kept(2 * HOUR)).toBeGreaterThan(2 * HOUR - MINUTE);
    expect(await kept(Infinity)).toBeGreaterThan(1e12);
    await ledger.end('kept', { reason: 'revoked', keepFor: HOUR });
    expect(await nodeRedis.pTTL(`${prefix}kept`)).toBeLessThanOrEqual(HOUR);
  });

  test('activity before 1970 counts as if it were then', async () => {
    const ledger = new RedisLedger(nodeRedis, { prefix });
    const ahead = String((Date.now() + 24 * HOUR) * 1000);
    await nodeRedis.set(`${prefix}old`, `o 5 ${ahead}`);
    await ledger.advance([{ key: 'old', idleFor: 1e15, keepFor: HOUR }]);
    expect(await nodeRedis.get(`${prefix}old`)).toBe('o 5 0');
  });

  test('property: what is written is read back, by plain command and by script', async () => {
    const ledger = new RedisLedger(nodeRedis, { prefix });
    const user = fc.option(
      fc.string({ unit: 'binary', maxLength: 40 }).filter((id) => problemOfId(id) === undefined),
      { nil: undefined },
    );
    const age = fc.integer({ min: 0, max: 1000 * HOUR });
    await fc.assert(
      fc.asyncProperty(user, age, age, fc.constantFrom(...reasons), async (user, sessionAge, idleFor, reason) => {
        const key = randomUUID();
        const opened = await ledger.open(key, { user, sessionAge, keepFor: HOUR });
        await ledger.advance([{ key, idleFor, keepFor: HOUR }]);
        for (const record of [opened, await ledger.read(key), await ledger.read(key, { exact: true })]) {
          if (record?.state !== 'open') throw new Error('It is not open.');
          expect(record.user).toBe(user);
          expect(Math.abs(record.sessionAge - sessionAge)).toBeLessThan(5000);
          expect(record.idleFor).toBeLessThan(5000);
        }
        expect(await ledger.end(key, { reason, keepFor: HOUR })).toBe(true);
        expect(await ledger.end(key, { reason: 'lost', keepFor: HOUR })).toBe(false);
        for (const exact of [false, true]) {
          const record = await ledger.read(key, { exact });
          expect(record).toMatchObject({ state: 'ended', reason });
          expect(record?.user).toBe(user);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('records no activity without a time', async () => {
    const ledger = new RedisLedger(nodeRedis, { prefix });
    await ledger.open('timeless', { keepFor: HOUR });
    const before = await nodeRedis.get(`${prefix}timeless`);
    await ledger.advance([NaN, Infinity].map((idleFor) => ({ key: 'timeless', idleFor, keepFor: HOUR })));
    expect(await nodeRedis.get(`${prefix}timeless`)).toBe(before);
  });

  test('is shared by all instances', () => {
    expect(new RedisLedger(nodeRedis).shared).toBe(true);
  });

  test('says so if Redis answers the opening of a session with something else', async () => {
    const odd = { evalSha: async () => ['1', null], eval: async () => [] };
    await expect(new RedisLedger(odd).open('any', { keepFor: HOUR })).rejects.toThrow(
      'RedisLedger got an unexpected answer from Redis.',
    );
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
