import { jest } from '@jest/globals';
import { type Instance, startInstances } from './support/instances.js';
import { races } from './support/races.js';
import { anyRedis, describeWithRedis } from './support/redis-server.js';

jest.setTimeout(60_000);

describeWithRedis('over one Redis', () => {
  let redis: Awaited<ReturnType<typeof anyRedis>>;
  let instances: Instance[] = [];

  beforeAll(async () => {
    redis = await anyRedis();
    instances = await startInstances([redis, redis, redis].map(({ url }) => ({ url })));
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.stop()));
    await redis?.stop();
  });

  describe('two instances', () => races(() => instances.slice(0, 2)));
  describe('three instances', () => races(() => instances));
});
