import { randomUUID } from 'node:crypto';
import { anyPostgres, describeWithPostgres } from '../instances/support/postgres-server.js';
import { anyRedis, describeWithRedis } from '../instances/support/redis-server.js';
import { acts, oddRequests } from './support/matrix.js';
import { compareAll, type TwinOptions } from './support/run.js';
import { fileShelf, memorystoreShelf, postgresShelf, privateShelf, redisShelf } from './support/stores.js';

const KINDS: [string, TwinOptions][] = [
  ['whose sessions end with the browser', {}],
  ['whose sessions have a lifetime', { session: () => ({ cookie: { maxAge: 3_600_000 } }) }],
];

async function compare(options: TwinOptions): Promise<void> {
  const { compared, unexpected } = await compareAll(options, [...acts(['json']), ...oddRequests()]);
  expect(unexpected).toEqual([]);
  expect(compared).toBeGreaterThan(100);
}

describe.each(KINDS)('with us and without us, over a store %s', (_what, options) => {
  test.each([
    ['with a file for each session (session-file-store)', fileShelf],
    ['in memory that forgets old rows (memorystore)', memorystoreShelf],
    ['with private fields', privateShelf],
  ])('%s', (_store, shelf) => compare({ ...options, shelf }));
});

/** The tests of a server are its only users, but others may have been there before. */
const anyName = () => `twin_${randomUUID().replaceAll('-', '')}`;

describeWithRedis('with us and without us, over connect-redis', () => {
  let redis: Awaited<ReturnType<typeof anyRedis>>;

  beforeAll(async () => {
    redis = await anyRedis();
  });

  afterAll(() => redis.stop());

  test.each(KINDS)('%s', (_what, options) => compare({ ...options, shelf: () => redisShelf(redis.url, anyName()) }));
});

describeWithPostgres('with us and without us, over connect-pg-simple', () => {
  let postgres: Awaited<ReturnType<typeof anyPostgres>>;

  beforeAll(async () => {
    postgres = await anyPostgres();
  });

  afterAll(() => postgres.stop());

  test.each(KINDS)('%s', (_what, options) =>
    compare({ ...options, shelf: () => postgresShelf(postgres.url, anyName()) }),
  );
});
