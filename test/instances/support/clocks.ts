import { HOUR } from '../../support/time.js';
import { sleep } from './binaries.js';
import { Browser, type Instance } from './instances.js';

/** Whatever the clocks of the instances show, sessions are judged alike. They are off already. */
export function clocks(instances: () => readonly Instance[]): void {
  test.each([
    ['stay as they are', undefined],
    ['step forward an hour', HOUR],
    ['step back an hour', -HOUR],
  ])('make no difference when they %s', async (_what, step) => {
    const idle = 3000;
    const browser = await new Browser({ 'x-idle': String(idle) }).signIn(instances()[1] as Instance);
    const activity = async () => {
      for (const instance of instances()) expect((await browser.get(instance, '/me')).status).toBe(200);
    };
    await activity();
    if (step !== undefined) await instances().at(-1)?.setClock(step);
    for (let i = 0; i < 2; i += 1) {
      await sleep(idle / 2);
      await activity();
    }

    const pings = await Promise.all(instances().map((instance) => browser.get(instance, '/session/ping')));
    const answers = pings.map(({ body }) => body as { state: string; absoluteLeft: number });
    for (const { state } of answers) expect(state).toMatch(/active|warning/);
    const left = answers.map(({ absoluteLeft }) => absoluteLeft);
    expect(Math.max(...left) - Math.min(...left)).toBeLessThan(idle / 1000);

    await sleep(idle + 50);
    const { cookie } = browser;
    for (const instance of instances()) {
      browser.cookie = cookie;
      expect(await browser.get(instance, '/me')).toMatchObject({ status: 401, body: { reason: 'idle' } });
    }
  });
}
