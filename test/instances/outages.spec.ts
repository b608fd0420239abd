import { eventually, sleep } from './support/binaries.js';
import { Browser, type Instance, startInstances } from './support/instances.js';
import { describeWithRedisServer, RedisServer } from './support/redis-server.js';

/** Limits that a test waits for, and limits that it does not reach. */
const IDLE = 2000;
const TOUCH_INTERVAL = IDLE / 20;
const SHORT = { 'x-idle': String(IDLE) };
const LONG = { 'x-idle': '60000' };

describeWithRedisServer('when the Redis of the ledger fails', () => {
  let sessions: RedisServer;
  let redis: RedisServer;
  let instances: [Instance, Instance];

  beforeAll(async () => {
    [sessions, redis] = await Promise.all([RedisServer.start(), RedisServer.start()]);
    const options = { url: sessions.url, ledgerUrl: redis.url, ledgerTimeout: 400 };
    instances = (await startInstances([options, options])) as [Instance, Instance];
  });
  afterAll(async () => {
    await Promise.all((instances ?? []).map((instance) => instance.stop('SIGKILL')));
    await Promise.all([sessions?.stop(), redis?.stop()]);
  });

  /** The answer while nobody can say how the session stands: later, and nothing is lost. */
  async function expectUnknown(browser: Browser) {
    const { cookie } = browser;
    const paths = ['/me', '/feed', '/session/ping'];
    const answers = await Promise.all(
      instances.flatMap((instance) => paths.map((path) => browser.get(instance, path))),
    );
    for (const { status, headers } of answers) {
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(headers.getSetCookie()).toEqual([]);
    }
    expect(browser.cookie).toBe(cookie);
  }

  const expectAlive = (browser: Browser) =>
    eventually(async () => {
      for (const instance of instances) expect((await browser.get(instance, '/me')).status).toBe(200);
    });

  async function expectOver(browser: Browser, reason: string) {
    const { cookie } = browser;
    for (const instance of instances) {
      browser.cookie = cookie;
      const answer = await eventually(async () => {
        const some = await browser.get(instance, '/me');
        if (some.status === 503) throw new Error('not back yet');
        return some;
      });
      expect(answer).toMatchObject({ status: 401, body: { reason } });
    }
  }

  test('is paused: requests get 503 until it continues, and then the session goes on', async () => {
    const browser = await new Browser(LONG).signIn(instances[0]);
    await expectAlive(browser);
    redis.pause();
    await expectUnknown(browser);
    redis.resume();
    await expectAlive(browser);
  });

  test('is paused beyond the limit: a command from before does not count as later activity', async () => {
    const browser = await new Browser(SHORT).signIn(instances[0]);
    await sleep(TOUCH_INTERVAL + 50);
    // The first is written at once, the second waits, and is sent into the pause.
    await browser.get(instances[0], '/me');
    await browser.get(instances[0], '/me');
    redis.pause();
    await sleep(TOUCH_INTERVAL);
    await expectUnknown(browser);
    await sleep(IDLE);
    redis.resume();
    await expectOver(browser, 'idle');
  });

  test('is paused during many requests: no commands pile up and delay later requests', async () => {
    const browser = await new Browser(LONG).signIn(instances[0]);
    redis.pause();
    const answers = await Promise.all(Array.from({ length: 1100 }, () => browser.get(instances[0], '/feed')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    redis.resume();
    await expectAlive(browser);
  });

  test('is flushed: its sessions are lost and refused', async () => {
    const browser = await new Browser(LONG).signIn(instances[0]);
    await expectAlive(browser);
    await redis.command('FLUSHALL');
    await expectOver(browser, 'lost');
    await new Browser(LONG).signIn(instances[1]).then(expectAlive);
  });

  test('restarts without its data: requests get 503, then sessions are lost, and signing in works', async () => {
    const browser = await new Browser(LONG).signIn(instances[0]);
    await expectAlive(browser);
    await redis.stop();
    await expectUnknown(browser);
    await redis.start();
    await expectOver(browser, 'lost');
    await new Browser(LONG).signIn(instances[1]).then(expectAlive);
  });

  test('restarts with its data: requests get 503, and then sessions go on', async () => {
    const browser = await new Browser(LONG).signIn(instances[0]);
    await expectAlive(browser);
    await redis.command('SAVE');
    await redis.stop();
    await expectUnknown(browser);
    await redis.start();
    await expectAlive(browser);
  });
});
