import { clocks } from './support/clocks.js';
import { endings } from './support/endings.js';
import { type Instance, startInstances } from './support/instances.js';
import { races } from './support/races.js';
import { anyRedis, describeWithRedis } from './support/redis-server.js';
import { MINUTE } from '../support/time.js';

describeWithRedis('instances over one Redis, with clocks two minutes apart', () => {
  let redis: Awaited<ReturnType<typeof anyRedis>>;
  let instances: Instance[] = [];

  beforeAll(async () => {
    redis = await anyRedis();
    const offsets = [0, 2 * MINUTE, -2 * MINUTE];
    instances = await startInstances(offsets.map((clockOffset) => ({ url: redis.url, clockOffset })));
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.stop()));
    await redis?.stop();
  });

  describe('two', () => races(() => instances.slice(0, 2)));
  describe('three', () => races(() => instances));
  describe('their clocks', () => clocks(() => instances));
  describe('their end', () =>
    endings(({ idleTimeout }) =>
      startInstances([0, 2 * MINUTE].map((clockOffset) => ({ url: redis.url, clockOffset, idleTimeout }))),
    ));
});
