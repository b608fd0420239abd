import { RedisLedger } from 'nestjs-session-timeout/redis';
import { createClient } from 'redis';
import type { Opening } from '../../src/ledger/activity-ledger.js';
import type { UserSessions } from '../../src/ledger/user-sessions.js';
import { anyRedis } from '../../test/instances/support/redis-server.js';
import type { Effort } from '../support/effort.js';
import { commandsOf, total } from '../support/redis-commands.js';
import { keyOf, userOf } from '../support/sessions.js';
import { table } from '../support/table.js';

const HOUR = 3_600_000;
const LIMITS = { idleTimeout: HOUR / 4, absoluteTimeout: 12 * HOUR };
const BATCH = 500;
/** Questions of the sweep to take the mean of. */
const QUESTIONS = 200;
const DUE = 'bench:{due:0}';

/** Measures the lists of sessions in Redis: their size, what signing in and out costs, and what the sweep costs. */
export async function redisLists({ sessions }: Effort): Promise<void> {
  const redis = await anyRedis();
  const client = await createClient({ url: redis.url }).connect();
  const ledger = new RedisLedger(client, { prefix: 'bench:' });
  const clear = async () => {
    for await (const keys of client.scanIterator({ MATCH: 'bench:*', COUNT: 1000 })) {
      if (keys.length > 0) await client.del(keys);
    }
  };
  try {
    console.log(`\n${table(['', 'commands'], await commands())}`);
    await clear();
    console.log(`\n${table(['the sweep', 'nothing due', 'per session found'], await sweeps())}`);
    await clear();
    console.log(`\n${table([`bytes per session, ${sessions.toLocaleString('en')} sessions`, ''], await sizes())}`);
  } finally {
    await clear();
    client.destroy();
    await redis.stop();
  }

  async function sizes(): Promise<string[][]> {
    const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    const sizeWith = async (opening: (i: number) => Opening) => {
      await clear();
      const before = await used();
      for (let i = 0; i < sessions; i += BATCH) {
        const some = Array.from({ length: Math.min(BATCH, sessions - i) }, (_, j) => i + j);
        await Promise.all(some.map((i) => ledger.open(keyOf(i), opening(i))));
      }
      return `${(((await used()) - before) / sessions).toFixed(0)} B`;
    };
    return [
      ['no user, no limits', await sizeWith(() => ({ keepFor: HOUR }))],
      ['limits', await sizeWith(() => ({ limits: LIMITS, keepFor: HOUR }))],
      ['limits and a user of each', await sizeWith((i) => ({ user: userOf(i), limits: LIMITS, keepFor: HOUR }))],
      [
        'limits and a user of five',
        await sizeWith((i) => ({ user: userOf(Math.floor(i / 5)), limits: LIMITS, keepFor: HOUR })),
      ],
    ];
  }

  async function commands(): Promise<string[][]> {
    const users = ledger.users as UserSessions;
    const opening = { user: 'alice', limits: LIMITS, keepFor: HOUR };
    const counted = async (work: () => Promise<unknown>) => {
      // What is sent in the background comes before the ping.
      const commands = await commandsOf(redis.url, async () => {
        await work();
        await client.ping();
      });
      return String(total(commands) - 1);
    };
    const signIn = async (key: string, evict: string[]) => {
      const { leaving = [] } = await users.claim('alice', key, { max: 3, evict });
      await ledger.open(key, opening);
      for (const some of leaving) await ledger.end(some, { reason: 'displaced', keepFor: HOUR });
    };
    const signOut = (key: string) => ledger.end(key, { reason: 'signed-out', keepFor: HOUR });
    // Redis then knows the scripts.
    for (const key of ['a', 'b', 'c']) await signIn(key, []);
    await signIn('d', ['a']);
    await users.ofUser('alice');
    await users.expire('b', { keepFor: HOUR });
    await users.due(1, HOUR);
    await signOut('b');
    return [
      [
        'sign-in, with a user but without limits',
        await counted(() => ledger.open('e', { ...opening, limits: undefined })),
      ],
      ['sign-in, with both', await counted(() => ledger.open('f', opening))],
      ['sign-out', await counted(() => signOut('f'))],
      ['sign-in under `maxSessions`', (await signOut('e'), await counted(() => signIn('g', [])))],
      ['sign-in that ends another session under `maxSessions`', await counted(() => signIn('h', ['c']))],
      ['list of three sessions', await counted(async () => users.ofUser('alice'))],
      ['the sweep finds that a session was active', await counted(async () => users.expire('d', { keepFor: HOUR }))],
    ];
  }

  async function sweeps(): Promise<string[][]> {
    const users = ledger.users as UserSessions;
    const rows: string[][] = [];
    for (const count of [0, 1000, sessions]) {
      await clear();
      const fill = async (score: number) => {
        for (let i = 0; i < count; i += BATCH) {
          const some = Array.from({ length: Math.min(BATCH, count - i) }, (_, j) => i + j);
          await client.zAdd(
            DUE,
            some.map((i) => ({ score: score + i, value: keyOf(i) })),
          );
        }
      };
      await fill((Date.now() + HOUR) * 1000);
      const idle = await timeOf(async () => {
        for (let i = 0; i < QUESTIONS; i += 1) await users.due(BATCH, HOUR);
      }, QUESTIONS);
      await fill((Date.now() - HOUR) * 1000);
      let found = 0;
      const busy = await timeOf(async () => {
        for (let batch = 1; batch > 0; found += batch) batch = (await users.due(BATCH, HOUR)).length;
      }, count);
      if (found !== count) throw new Error(`The sweep found ${found} of ${count} sessions.`);
      rows.push([`${count.toLocaleString('en')} sessions`, idle, count > 0 ? busy : '']);
    }
    return rows;
  }

  /** The time that Redis itself takes for scripts meanwhile, by `count`. */
  async function timeOf(work: () => Promise<void>, count: number): Promise<string> {
    await client.configResetStat();
    await work();
    const stats = await client.info('commandstats');
    const usec = Number(/cmdstat_evalsha:calls=\d+,usec=(\d+)/.exec(stats)?.[1] ?? 0);
    return `${(usec / count).toFixed(1)} µs`;
  }
}
