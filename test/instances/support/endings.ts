import { sleep } from './binaries.js';
import { Browser, type Instance } from './instances.js';

/** A limit that is not reached, and the interval that goes with it: a twentieth. In seconds. */
const IDLE = 60;
const TOUCH_INTERVAL = IDLE / 20;

/** What becomes of activity that waits in an instance when that ends. */
export function endings(instances: () => readonly [Instance, Instance, Instance]): void {
  /** What another instance knows afterwards of how long somebody is idle, and what is true. */
  async function idleForAfter(instance: Instance, signal: 'SIGTERM' | 'SIGKILL') {
    const browser = await new Browser({ 'x-idle': String(IDLE * 1000) }).signIn(instance);
    await sleep(1000);
    expect((await browser.get(instance, '/me')).status).toBe(200);
    const activeAt = performance.now();
    await instance.stop(signal);
    const { idleFor } = (await browser.get(instances()[0], '/session/ping')).body as { idleFor: number };
    return { known: idleFor, real: (performance.now() - activeAt) / 1000 };
  }

  test('by SIGTERM, no activity is lost', async () => {
    const { known, real } = await idleForAfter(instances()[1], 'SIGTERM');
    expect(known).toBeLessThan(real + 0.3);
  });

  test('by SIGKILL, the activity of one interval at most', async () => {
    const { known, real } = await idleForAfter(instances()[2], 'SIGKILL');
    expect(known).toBeGreaterThan(real + 0.5);
    expect(known).toBeLessThan(real + TOUCH_INTERVAL);
  });
}
