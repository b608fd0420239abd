import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import type { ActivityLedger } from '../../../src/index.js';
import { PostgresLedger } from '../../../src/ledger/postgres/index.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { anyPostgres, describeWithPostgres, poolOn } from './postgres-server.js';
import { anyRedis, describeWithRedis } from './redis-server.js';

/** A suite that gets a function which opens one more ledger of the test over the same server. */
type Suite = (openLedger: () => ActivityLedger) => void;

/** Runs a suite over a Redis. Each test begins without sessions. */
export function describeOverRedis(name: string, suite: Suite): void {
  describeWithRedis(`${name} over one Redis`, () => {
    let redis: Awaited<ReturnType<typeof anyRedis>>;
    let client: ReturnType<typeof createClient>;
    let prefix: string;

    beforeAll(async () => {
      redis = await anyRedis();
      client = createClient({ url: redis.url });
      await client.connect();
    });
    beforeEach(() => void (prefix = `${randomUUID()}:`));
    afterAll(async () => {
      client?.destroy();
      await redis?.stop();
    });

    suite(() => new RedisLedger(client, { prefix }));
  });
}

/** Runs a suite over a Postgres. Each test begins without sessions. */
export function describeOverPostgres(name: string, suite: Suite): void {
  describeWithPostgres(`${name} over one Postgres`, () => {
    let postgres: Awaited<ReturnType<typeof anyPostgres>>;
    let pool: ReturnType<typeof poolOn>;

    beforeAll(async () => {
      postgres = await anyPostgres();
      pool = poolOn(postgres.url);
      await new PostgresLedger(pool).ensureSchema();
    });
    beforeEach(() => pool.query('TRUNCATE session_timeline'));
    afterAll(async () => {
      await pool?.end();
      await postgres?.stop();
    });

    suite(() => new PostgresLedger(pool));
  });
}
