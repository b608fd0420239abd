// Makes docs/images/two-tabs.png, the moving picture of the README: npm run picture. It starts the sample with short
// limits, and takes pictures of two tabs in Chromium.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { findChromium } from '../test/browser/support/chromium.ts';
import { animatedPng } from './animated-png.js';

const PORT = '3099';
const SITE = `http://localhost:${PORT}`;
const WIDTH = 1000;
const TAB = { width: 900, height: 600 };

const warning = (tab) => tab.getByRole('dialog', { name: 'Your session is about to end' });

const sample = spawn(process.execPath, ['sample/dist/main.js'], {
  env: { ...process.env, PORT, IDLE_TIMEOUT: '16s', WARN_BEFORE: '8s', ABSOLUTE_TIMEOUT: '10m' },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const { executablePath, env } = await findChromium();
const browser = await chromium.launch({ executablePath, env: { ...process.env, ...env } });

try {
  while (!(await fetch(`${SITE}/login`).catch(() => undefined))) await setTimeout(100);
  const context = await browser.newContext({ viewport: TAB, reducedMotion: 'reduce' });
  const tabs = [await context.newPage(), await context.newPage()];
  const canvas = await browser.newPage({ viewport: { width: WIDTH, height: 380 } });
  const frames = [];

  /** Adds a picture of both tabs. */
  async function take(milliseconds) {
    const pictures = await Promise.all(tabs.map((tab) => tab.screenshot()));
    const [left, right] = pictures.map((picture, i) => {
      return `<figure><figcaption>Tab ${i + 1}</figcaption><img src="data:image/png;base64,${picture.toString('base64')}" /></figure>`;
    });
    await canvas.setContent(`<style>
      body { margin: 0; padding: 12px; display: flex; gap: 12px; background: #dfe3e8; font: 13px system-ui, sans-serif }
      figure { margin: 0; flex: 1; border-radius: 8px; overflow: hidden; background: #fff; box-shadow: 0 1px 4px #0004 }
      figcaption { padding: 5px 12px; background: #eef1f4; color: #444 }
      img { display: block; width: 100% }
    </style>${left}${right}`);
    frames.push({ png: await canvas.screenshot(), milliseconds });
  }

  const inBoth = (wait) => Promise.all(tabs.map(wait));

  const [first, second] = tabs;
  await first.goto(`${SITE}/login`);
  const [name, password] = await first.getByRole('row').nth(1).getByRole('cell').allInnerTexts();
  await first.getByLabel('User name').fill(name);
  await first.getByLabel('Password').fill(password);
  await first.getByRole('button', { name: 'Sign in' }).click();
  await first.waitForURL(`${SITE}/`);
  await second.goto(`${SITE}/visitors`);
  await take(1500);

  await inBoth((tab) => warning(tab).waitFor());
  for (const _ of [1, 2, 3]) {
    await take(1000);
    await setTimeout(1000);
  }
  await first.getByRole('button', { name: 'Stay signed in' }).focus();
  await take(800);
  await first.getByRole('button', { name: 'Stay signed in' }).click();
  await inBoth((tab) => warning(tab).waitFor({ state: 'hidden' }));
  await take(1500);

  await inBoth((tab) => warning(tab).waitFor());
  await setTimeout(1000);
  await second.getByRole('button', { name: 'Sign out now' }).focus();
  await take(1500);
  await second.getByRole('button', { name: 'Sign out now' }).click();
  await inBoth((tab) => tab.waitForURL(/\/login\?/));
  await take(3000);
  await writeFile('docs/images/two-tabs.png', animatedPng(frames));
} finally {
  await browser.close();
  if (sample.kill()) await once(sample, 'exit');
}
