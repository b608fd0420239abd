import type { Page } from 'playwright-core';
import { theBrowser } from '../../browser/support/browser.js';
import { asScript, type Engine, type Profile, type Tab } from './engine.js';

function tabOf(page: Page): Tab {
  const tab: Tab = {
    async goto(url) {
      await page.goto(url);
    },
    async evaluate(work, ...given) {
      const json = await page.evaluate<string>(`(${asScript(work, given)})()`);
      return JSON.parse(json);
    },
    async press(key, meanwhile) {
      const keys = key.split('+');
      for (const key of keys) await page.keyboard.down(key);
      await meanwhile?.();
      for (const key of keys.toReversed()) await page.keyboard.up(key);
    },
    type: (text) => page.keyboard.type(text),
    move: (x, y) => page.mouse.move(x, y),
    click: (x, y) => page.mouse.click(x, y),
    show: () => page.bringToFront(),
    async asksBefore(url) {
      const asked = page.waitForEvent('dialog').then(async (dialog) => {
        await dialog.dismiss();
        return dialog.type() === 'beforeunload';
      });
      asked.catch(() => undefined);
      return Promise.race([
        asked,
        page.goto(url).then(
          () => false,
          () => asked,
        ),
      ]);
    },
    screenshot: async () => (await page.screenshot()).toString('base64'),
    close: () => page.close({ runBeforeUnload: true }),
  };
  return tab;
}

/** Chromium, as in the other browser tests. It is closed after the tests of a file. */
export const chromium: Engine = {
  name: 'Chromium',
  // Installed, or from npm.
  isInstalled: true,
  packages: 'chromium',
  keepsPages: false,
  async open(): Promise<Profile> {
    const context = await (await theBrowser()).newContext();
    return {
      newTab: async () => tabOf(await context.newPage()),
      close: () => context.close(),
    };
  },
  stop: () => Promise.resolve(),
};
