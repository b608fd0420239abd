import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { createClient } from 'redis';
import type { Expired, LedgerLimits, LedgerRecord } from '../../../src/index.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { longerLimits } from '../../../src/policy/limits.js';
import { judge } from '../../../src/policy/verdict.js';
import { sleep } from '../../instances/support/binaries.js';
import { describeWithRedisServer, RedisServer } from '../../instances/support/redis-server.js';
import { HOUR, MINUTE } from '../../support/time.js';
import { usersOf } from './support/sign-ins.js';

describeWithRedisServer('limits and proofs in Redis', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  let ledger: RedisLedger;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    await client.connect();
    ledger = new RedisLedger(client);
  });
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  const stored = (key: string) => client.get(`session-timeout:${key}`);
  const expire = async (key: string, limits?: LedgerLimits) => usersOf(ledger).expire(key, { keepFor: HOUR, limits });
  const authAge = (record: LedgerRecord | undefined) => (record?.state === 'open' ? record.authAge : NaN);

  const hours = fc.integer({ min: 0, max: 1000 }).map((count) => count * HOUR);
  const limit = fc.option(hours, { nil: false as const });
  const limits = fc.record({ idleTimeout: limit, absoluteTimeout: limit });
  const OFF: LedgerLimits = { idleTimeout: false, absoluteTimeout: false };
  /** Between the hours, so that no limit passes while the test runs. */
  const age = hours.map((duration) => duration + HOUR / 2);

  test('property: the sweep judges as a request does, by the longest limits', async () => {
    const maybe = fc.option(limits, { nil: undefined });
    await fc.assert(
      fc.asyncProperty(maybe, maybe, maybe, age, age, async (opened, told, given, sessionAge, lately) => {
        const key = randomUUID();
        const idleFor = Math.min(lately, sessionAge);
        await ledger.open(key, { user: 'alice', limits: opened, sessionAge, keepFor: HOUR });
        await ledger.advance([{ key, idleFor: 1e9, keepFor: HOUR, limits: told }]);
        await backdate(key, idleFor);

        const known = [opened, told, given].filter((some) => some !== undefined);
        const longest = known.length > 0 ? known.reduce((some, other) => longerLimits(some, other)) : OFF;
        const verdict = judge({ sessionAge, idleFor }, { ...longest, warnBefore: 0 });
        const expired = (await expire(key, given)) as Expired;
        if (verdict.alive) {
          const { dueIn } = expired as { dueIn: number };
          expect([dueIn === Infinity, dueIn <= verdict.expiresIn]).toEqual([verdict.expiresIn === Infinity, true]);
          if (dueIn < Infinity) expect(dueIn).toBeGreaterThan(verdict.expiresIn - MINUTE);
          expect((await ledger.read(key))?.state).toBe('open');
        } else {
          expect(expired).toEqual({ ended: verdict.reason, user: 'alice' });
          expect(await ledger.read(key)).toMatchObject({ state: 'ended', reason: verdict.reason, user: 'alice' });
        }
      }),
      { numRuns: 300 },
    );

    /** Sets the last activity back, which the ledger does not. */
    async function backdate(key: string, idleFor: number): Promise<void> {
      const [kind, start = '', active = '', ...rest] = String(await stored(key)).split(' ');
      const at = Number(active.split(';')[0]) - idleFor * 1000;
      const moved = [kind, start, active.replace(/^\d+/, String(at)), ...rest].join(' ');
      await client.set(`session-timeout:${key}`, moved, { expiration: 'KEEPTTL' });
    }
  });

  test('property: a record keeps the longest of each limit, whatever else is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(limits, { minLength: 1, maxLength: 4 }), fc.boolean(), async (told, isMoving) => {
        const key = randomUUID();
        await ledger.open(key, { user: 'a b', limits: told[0], authAge: HOUR, keepFor: HOUR });
        const proof = String(await stored(key)).split(';')[1];
        for (const limits of told) {
          await ledger.advance([{ key, idleFor: isMoving ? 0 : HOUR, keepFor: HOUR, limits }]);
          await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
        }
        const { idleTimeout, absoluteTimeout } = told.reduce((some, other) => longerLimits(some, other) as never);
        const text = (limit: number | false) => (limit === false ? '-' : String(limit));
        expect(await stored(key)).toMatch(
          new RegExp(`^o \\d{16} \\d{16};${proof};${text(idleTimeout)};${text(absoluteTimeout)} a b$`),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('a record says only what is known', async () => {
    await ledger.open('plain', { sessionAge: HOUR, authAge: HOUR, keepFor: HOUR });
    expect(await stored('plain')).toMatch(/^o \d{16} \d{16}$/);
    await ledger.open('limited', {
      user: 'alice',
      limits: { idleTimeout: 900_000.2, absoluteTimeout: false },
      keepFor: HOUR,
    });
    expect(await stored('limited')).toMatch(/^o \d{16} \d{16};;900001;- alice$/);
    await ledger.open('remembered', { authAge: Infinity, keepFor: HOUR });
    expect(await stored('remembered')).toMatch(/^o \d{16} \d{16};-;;$/);
  });

  test.each([
    ['of days before the session', 100 * HOUR],
    ['of within the session', MINUTE],
    ['of never', Infinity],
  ])('a proof %s is read back, by plain command and by script', async (_when, given) => {
    const key = randomUUID();
    const opened = await ledger.open(key, { user: 'alice', sessionAge: HOUR, authAge: given, keepFor: HOUR });
    await ledger.advance([{ key, idleFor: 0, keepFor: HOUR }]);
    for (const record of [opened, await ledger.read(key), await ledger.read(key, { exact: true })]) {
      expect(authAge(record)).toBeGreaterThanOrEqual(given - 50);
      expect(authAge(record)).toBeLessThanOrEqual(given + 5000);
    }
  });

  test('a proof in the future of the Redis clock counts as now, and gets older from then on', async () => {
    const ahead = (Date.now() + 24 * HOUR) * 1000;
    await ledger.read('ahead');
    await client.set('session-timeout:ahead', `o 1 2;${ahead};3;- alice`);
    const first = await ledger.read('ahead');
    expect(authAge(first)).toBe(0);
    await sleep(20);
    expect(authAge(await ledger.read('ahead', { exact: true }))).toBeGreaterThan(15);
    expect(await stored('ahead')).toMatch(/^o 1 2;\d{16};3;- alice$/);
  });

  test('times in the future of the Redis clock do not put off the sweep', async () => {
    const ahead = (Date.now() + 24 * HOUR) * 1000;
    await client.set('session-timeout:late', `o ${ahead} ${ahead};;${HOUR};- alice`);
    const { dueIn } = (await expire('late')) as { dueIn: number };
    expect(dueIn).toBeLessThanOrEqual(HOUR);
  });

  test('limits that are told later do not keep a session from being ended, or bring it back', async () => {
    await ledger.open('ended', { user: 'alice', keepFor: HOUR });
    await ledger.end('ended', { reason: 'revoked', keepFor: HOUR });
    const limits = { idleTimeout: false, absoluteTimeout: false } as const;
    await ledger.advance([{ key: 'ended', idleFor: 0, keepFor: HOUR, limits }]);
    expect(await stored('ended')).toMatch(/^e \d{16} revoked;\S+ alice$/);
    await ledger.advance([{ key: 'unknown', idleFor: 0, keepFor: HOUR, limits }]);
    expect(await stored('unknown')).toBeNull();
  });
});
