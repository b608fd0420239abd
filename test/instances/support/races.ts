import { sessionKey } from '../../../src/express-session/session-key.js';
import { sleep } from './binaries.js';
import { Browser, type Instance } from './instances.js';

/** What requests that reach several instances at the same time must not do. */
export function races(instances: () => readonly Instance[]): void {
  const one = () => instances()[0] as Instance;
  const other = () => instances()[1] as Instance;
  /** Each instance several times. */
  const everywhere = (times = 4) => Array.from({ length: times }, () => instances()).flat();
  /** How many of an event there were so far, over all instances. */
  const count = async (type: string) => {
    const events = await Promise.all(instances().map((instance) => instance.events()));
    return events.flat().filter((event) => event.type === type).length;
  };

  test('a slow request does not set activity back', async () => {
    const browser = await new Browser().signIn(one());
    const slow = browser.post(one(), '/slow');
    await sleep(300);
    const askedAt = performance.now();
    await browser.get(other(), '/me');
    await one().release();
    expect((await slow).status).toBe(201);
    for (const instance of instances()) {
      const { idleFor } = (await browser.get(instance, '/session/ping')).body as { idleFor: number };
      expect(idleFor * 1000).toBeLessThan(performance.now() - askedAt + 5);
    }
  });

  test.each([
    ['only what changed', {}],
    ['everything (resave)', { 'x-resave': '1' }],
  ])('a slow request that saves %s does not bring a session back after the sign-out', async (_what, headers) => {
    const browser = await new Browser(headers as Record<string, string>).signIn(one());
    const { cookie } = browser;
    const slow = browser.post(one(), '/slow');
    await sleep(50);
    expect((await browser.post(other(), '/logout')).status).toBe(201);
    await one().release();
    await slow;

    for (const instance of everywhere(2)) {
      browser.cookie = cookie;
      expect(await browser.get(instance, '/me')).toMatchObject({ status: 401, body: { reason: 'signed-out' } });
    }
  });

  test('requests at the moment of expiry all get the same answer, and there is one event', async () => {
    const browser = await new Browser({ 'x-idle': '300' }).signIn(one());
    const before = await count('expired');
    await sleep(350);
    const { cookie } = browser;
    const answers = await Promise.all(
      everywhere().map((instance) => {
        const tab = new Browser({ 'x-idle': '300' });
        tab.cookie = cookie;
        return tab.get(instance, '/me');
      }),
    );
    for (const answer of answers) expect(answer).toMatchObject({ status: 401, body: { reason: 'idle' } });
    expect(await count('expired')).toBe(before + 1);
  });

  test('polling does not extend a session, and polls see activity on other instances', async () => {
    const idle = 2000;
    const browser = await new Browser({ 'x-idle': String(idle) }).signIn(one());
    await sleep(idle / 4);
    const activeAt = performance.now();
    expect((await browser.get(other(), '/me')).status).toBe(200);
    const answeredAt = performance.now();

    const polled: { at: number; status: number }[] = [];
    for (let turn = 0; polled.at(-1)?.status !== 401 && turn < 1000; turn += 1) {
      const instance = instances()[turn % instances().length] as Instance;
      const askedAt = performance.now();
      const { status } = await browser.get(instance, '/feed');
      // A poll before the limit is let in; one that was asked after it is not.
      if (performance.now() < activeAt + idle) expect(status).toBe(200);
      if (askedAt > answeredAt + idle + 20) expect(status).toBe(401);
      polled.push({ at: askedAt, status });
      await sleep(20);
    }
    expect(polled.at(-1)?.status).toBe(401);
  });

  test('first requests at the same time begin one timeline', async () => {
    const browser = await new Browser().signIn(one(), 'alice', '/quick-login');
    const answers = await Promise.all(everywhere().map((instance) => browser.get(instance, '/me')));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { user: 'alice' } });
    // The end is somewhere between the earliest and the latest time that each answer allows.
    const ends = await Promise.all(
      instances().map(async (instance) => {
        const askedAt = performance.now();
        const left = (await browser.get(instance, '/session/ping')).body['absoluteLeft'] as number;
        return { earliest: askedAt + left * 1000, latest: performance.now() + left * 1000 };
      }),
    );
    const earliest = Math.max(...ends.map((end) => end.earliest));
    const latest = Math.min(...ends.map((end) => end.latest));
    expect(earliest).toBeLessThan(latest + 500);
  });

  test('users who sign in at the same time each get a session that is valid on all instances', async () => {
    const browsers = await Promise.all(
      everywhere(2).map((instance, index) => new Browser().signIn(instance, `user ${index}`)),
    );
    expect(new Set(browsers.map(({ cookie }) => cookie)).size).toBe(browsers.length);
    for (const [index, browser] of browsers.entries()) {
      for (const instance of instances()) {
        expect(await browser.get(instance, '/me')).toMatchObject({ status: 200, body: { user: `user ${index}` } });
      }
    }
  });

  test('a session that is revoked on one instance ends on all at once', async () => {
    const browser = await new Browser().signIn(one());
    await Promise.all(instances().map((instance) => browser.get(instance, '/me')));
    const id = decodeURIComponent(browser.cookie as string).replace(/^connect\.sid=s:(.*)\..*$/, '$1');
    const ended = await Promise.all(instances().map((instance) => instance.revoke(sessionKey(id))));
    expect(ended.filter(Boolean)).toEqual([true]);
    const { cookie } = browser;
    for (const instance of instances()) {
      browser.cookie = cookie;
      expect(await browser.get(instance, '/me')).toMatchObject({ status: 401, body: { reason: 'revoked' } });
    }
  });
}
