import { sleep } from './binaries.js';
import { Browser, type Instance } from './instances.js';

/** A limit that is not reached, and the interval that goes with it: a twentieth. In seconds. */
const IDLE = 60;
const TOUCH_INTERVAL = IDLE / 20;

/** What becomes of activity that waits in an instance when that ends. */
export function endings(start: (options: { idleTimeout: number }) => Promise<Instance[]>): void {
  /** How long somebody has been idle by what another instance knows, and since the last request began and ended. */
  async function idleForAfter(signal: 'SIGTERM' | 'SIGKILL') {
    const [instance, other] = (await start({ idleTimeout: IDLE * 1000 })) as [Instance, Instance];
    const browser = await new Browser().signIn(instance);
    await sleep(1000);
    const askedAt = performance.now();
    expect((await browser.get(instance, '/me')).status).toBe(200);
    const answeredAt = performance.now();
    await instance.stop(signal);
    const { idleFor } = (await browser.get(other, '/session/ping')).body as { idleFor: number };
    const now = performance.now();
    await other.stop();
    return { idleFor, sinceAsked: (now - askedAt) / 1000, sinceAnswered: (now - answeredAt) / 1000 };
  }

  test('by SIGTERM loses no activity', async () => {
    const { idleFor, sinceAsked } = await idleForAfter('SIGTERM');
    expect(idleFor).toBeLessThan(sinceAsked + 0.01);
  });

  test('by SIGKILL loses the activity of at most one interval', async () => {
    const { idleFor, sinceAsked, sinceAnswered } = await idleForAfter('SIGKILL');
    // Something was lost, or this test has looked at nothing.
    expect(idleFor).toBeGreaterThan(sinceAnswered + 0.5);
    expect(idleFor).toBeLessThan(sinceAsked + TOUCH_INTERVAL);
  });
}
