import { jest } from '@jest/globals';
import { sleep } from './support/binaries.js';
import { Browser, type Instance, startInstances } from './support/instances.js';
import { anyRedis, describeWithRedis } from './support/redis-server.js';
import { HOUR, MINUTE } from '../support/time.js';

jest.setTimeout(60_000);

describeWithRedis('instances whose clocks disagree', () => {
  let redis: Awaited<ReturnType<typeof anyRedis>>;
  let instances: Instance[] = [];

  beforeAll(async () => {
    redis = await anyRedis();
    const { url } = redis;
    instances = await startInstances([{ url }, { url, clockOffset: 2 * MINUTE }, { url, clockOffset: -2 * MINUTE }]);
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.stop()));
    await redis?.stop();
  });

  const pings = (browser: Browser) =>
    Promise.all(instances.map(async (instance) => (await browser.get(instance, '/session/ping')).body));

  test.each([
    ['are two minutes off', 0],
    ['step forward an hour', HOUR],
    ['step back an hour', -HOUR],
  ])('judge alike when they %s', async (_what, step) => {
    const idle = 1000;
    const browser = await new Browser({ 'x-idle': String(idle) }).signIn(instances[1] as Instance);
    const activity = async () => {
      for (const instance of instances) expect((await browser.get(instance, '/me')).status).toBe(200);
    };
    await activity();
    if (step !== 0) await instances[2]?.setClock(step);
    for (let i = 0; i < 3; i += 1) {
      await sleep(idle / 2);
      await activity();
    }

    const answers = (await pings(browser)) as { state: string; expiresIn: number; absoluteLeft: number }[];
    for (const { state } of answers) expect(state).toMatch(/active|warning/);
    for (const name of ['expiresIn', 'absoluteLeft'] as const) {
      const values = answers.map((answer) => answer[name]);
      expect(Math.max(...values) - Math.min(...values)).toBeLessThan(0.3);
    }

    await sleep(idle + 50);
    const ended = await Promise.all(instances.map((instance) => browser.get(instance, '/me')));
    for (const answer of ended) expect(answer).toMatchObject({ status: 401, body: { reason: 'idle' } });
  });
});
