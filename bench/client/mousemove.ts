// Measures what a mouse move costs in Chromium, in nanoseconds: the handlers that a page gets.
import { chromium } from 'playwright-core';
import { findChromium, versionOf } from '../../test/browser/support/chromium.js';
import { bundle } from '../../test/client/support/bundle.js';
import { report } from '../support/child.js';

export interface MousemoveResult {
  readonly nanoseconds: number;
  readonly version: string;
}

interface Watcher {
  activityWatcher(now: () => number): { watch(view: unknown): void };
}

const ROUNDS = 30;

const watcher = await bundle('inputs/activity', { format: 'iife', globalName: 'watcher' });
const found = await findChromium();
const browser = await chromium.launch({
  executablePath: found.executablePath,
  env: { ...process.env, ...found.env } as Record<string, string>,
  chromiumSandbox: false,
  args: ['--disable-gpu'],
});
try {
  const page = await browser.newPage();
  await page.addScriptTag({ content: watcher });
  const nanoseconds = await page.evaluate((rounds) => {
    const heard: ((event: unknown) => void)[] = [];
    const view = {
      addEventListener: (type: string, hear: (event: unknown) => void) => type === 'pointermove' && heard.push(hear),
    };
    (window as never as { watcher: Watcher }).watcher.activityWatcher(() => performance.now()).watch(view);
    if (heard.length !== 1) throw new Error('The client does not listen to the mouse');
    const move = { type: 'pointermove', isTrusted: true, screenX: 0, screenY: 0 };
    let least = Infinity;
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now();
      for (let i = 0; i < 10_000; i += 1) {
        move.screenX = i;
        heard[0]!(move);
      }
      least = Math.min(least, (performance.now() - startedAt) * 100);
    }
    return least;
  }, ROUNDS);
  report({ nanoseconds, version: await versionOf(found) } satisfies MousemoveResult);
} finally {
  await browser.close();
}
