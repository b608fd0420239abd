import type { Frame, Page } from 'playwright-core';
import { type PageTools, visit } from './support/browser.js';
import { AUTO } from './support/html.js';
import { type Client, isReadable, readerOf, SECOND, setHidden, until, warningOf } from './support/page.js';
import { openSite, status } from './support/site.js';

declare const sessionTimeout: Client;

/** Writes a document anew, as old applications and editors do. This removes all listeners. */
async function rewrite(view: Page | Frame): Promise<void> {
  await view.evaluate(() => {
    document.open();
    document.write('<title>New</title><p id="secret">new content</p><label>Note <input></label>');
    document.close();
    // The tests take an emptied page for one that is about to be left.
    (window as unknown as PageTools).underWay = 0;
  });
}

async function open(body = '') {
  const site = await openSite({ page: { body, script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  return { site, visitor, page };
}

async function openRewritten() {
  const opened = await open();
  await rewrite(opened.page);
  await opened.visitor.pass(2 * SECOND);
  expect(await isReadable(opened.page)).toBe(true);
  return opened;
}

describe('a page that has written itself anew', () => {
  test('is covered when another tab signs out', async () => {
    const { visitor, page } = await openRewritten();
    const other = await visitor.open();
    await other.evaluate(() => sessionTimeout.signOut());
    await visitor.pass(SECOND, { step: 500 });
    expect(await isReadable(page)).toBe(false);
  });

  test('is hidden before it goes into the back/forward cache', async () => {
    const { page } = await openRewritten();
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    expect(await isReadable(page)).toBe(false);
  });

  test('reports its last activity when it is hidden', async () => {
    const { visitor, page } = await openRewritten();
    const read = readerOf(page);
    await read();
    await visitor.pass(5 * SECOND);
    await read();
    await visitor.pass(100);
    await read();
    await setHidden(page, true);
    await visitor.settle();
    expect((await visitor.status()).idleFor).toBeLessThan(1);
  });

  test('hides its new root at the end', async () => {
    const { site, visitor, page } = await openRewritten();
    site.onPing = status(503);
    await visitor.pass(62 * SECOND);
    expect(await isReadable(page)).toBe(false);
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).visibility)).toBe('hidden');
  });
});

test('somebody who types in a frame that has written itself anew is not warned', async () => {
  const { visitor, page } = await open('<iframe src="/frame"></iframe>');
  await page.waitForLoadState();
  await visitor.pass(3 * SECOND);
  const frame = page.frames()[1]!;
  await rewrite(frame);
  await visitor.pass(2 * SECOND);
  await frame.getByLabel('Note').evaluate((input) => input.focus());
  let warnings = 0;
  await visitor.pass(80 * SECOND, {
    step: 4 * SECOND,
    async each() {
      await page.keyboard.type('x');
      warnings += await warningOf(page).count();
    },
  });
  expect(warnings).toBe(0);
});

test.each([false, true])('a page keeps the visibility that it has given to its root (covered: %s)', async (covered) => {
  const { visitor, page } = await open();
  await page.evaluate(() => document.documentElement.style.setProperty('visibility', 'collapse'));
  if (covered) {
    await page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
  }
  await visitor.pass(20 * SECOND, { each: readerOf(page) });
  await until(() => page.evaluate(() => document.documentElement.style.visibility === 'collapse'));
});
