import type { Page } from 'playwright-core';
import { visit } from './support/browser.js';
import { AUTO, esmStart } from './support/html.js';
import {
  atLogin,
  type Client,
  countFlashes,
  isReadable,
  leap,
  look,
  readerOf,
  SECOND,
  snapshot,
  until,
} from './support/page.js';
import { openSite, status } from './support/site.js';

declare const client: Client;

/** Goes back; says whether the page came out of the back/forward cache. Not every Chromium has one. */
async function goBack(page: Page): Promise<boolean> {
  const left = page.url();
  await page.evaluate(() => history.back()).catch(() => undefined);
  const isThere = (from: string) => location.href !== from && document.readyState === 'complete';
  await until(() => page.evaluate(isThere, left).catch(() => false));
  return page.evaluate(() => (window as never as { restored?: boolean }).restored === true);
}

/**
 * What a page goes through that is put into the back/forward cache, and comes out of it `later`. Returns
 * whether the secret could be read in its first moment. Works also where there is no such cache.
 */
async function cached(page: Page, later: () => Promise<void>): Promise<boolean> {
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  expect(await isReadable(page)).toBe(false);
  await later();
  return page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    return document.getElementById('secret')?.checkVisibility({ visibilityProperty: true }) ?? false;
  });
}

const NOTES_RESTORE = `<script type="module">
  addEventListener('pageshow', ({ persisted }) => { window.restored = persisted; });
</script>`;

/** Keeps a page out of the back/forward cache: then Back loads it again, without asking the server. */
const NOT_KEPT = "<script>addEventListener('unload', () => {});</script>";

describe('a tab that is closed', () => {
  test('and opened again within the idle limit is still signed in, as the last activity is reported on the way out', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(49 * SECOND, { each: readerOf(page), step: 2 * SECOND });
    const before = site.pings.length;
    await page.mouse.move(400, 20);
    await page.close({ runBeforeUnload: true });
    await until(() => site.pings.length > before && page.isClosed());
    site.clock.advance(45 * SECOND);
    const again = await visitor.open();
    expect(await look(again)).toBe('page');
  });

  test('by killing its process loses at most one report interval', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(30 * SECOND, { each: readerOf(page) });
    const devtools = await visitor.context.newCDPSession(page);
    await Promise.race([devtools.send('Page.crash').catch(() => undefined), page.waitForEvent('crash')]);
    await page.close();
    expect((await visitor.status()).idleFor).toBeLessThanOrEqual(8);
  });
});

test('a page that has had no answer yet is hidden before it goes into the back/forward cache', async () => {
  const site = await openSite({ options: { serverTiming: false } });
  site.onPing = status(503);
  const visitor = await visit(site);
  const page = await visitor.open();
  expect(await isReadable(page)).toBe(true);
  expect(await cached(page, () => visitor.pass(SECOND))).toBe(false);
});

describe('nothing can prevent that the page is left', () => {
  test('a beforeunload handler and typed text do not: no prompt, and nothing is left of the page', async () => {
    const site = await openSite({
      page: {
        body: `<script>
          addEventListener('beforeunload', (event) => { event.preventDefault(); event.returnValue = 'Stay?'; });
          onbeforeunload = () => 'Stay!';
        </script>`,
        script: AUTO,
      },
    });
    const visitor = await visit(site);
    const page = await visitor.open();
    const prompts: string[] = [];
    page.on('dialog', (dialog) => {
      prompts.push(dialog.type());
      void dialog.dismiss();
    });
    await page.getByLabel('Note').pressSequentially('a letter');
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login idle');
    expect(prompts).toEqual([]);
  });

  test('without a login page it is emptied and reloaded once', async () => {
    const site = await openSite({ options: { redirectTo: undefined } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(64 * SECOND, { step: 2 * SECOND });
    expect(await page.locator('body').textContent()).not.toContain('earns');
    expect(await page.locator('body').textContent()).toContain('SESSION_EXPIRED');
    expect(site.loads).toEqual({ '/page': 2 });
  });

  test('after a download or an answer without a page the client goes on', async () => {
    const site = await openSite({ page: { body: '<a href="/nothing">Nothing</a>' } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await page.getByText('Nothing').click();
    await visitor.pass(SECOND);
    expect(new URL(page.url()).pathname).toBe('/page');
    await visitor.pass(42 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('warning');
  });
});

test.each([
  ['/page?n=2#/orders/7?sort=date', '/page?n=2#/orders/7?sort=date'],
  ['/page#!/orders', '/page#!/orders'],
  ['/page#access_token=secret', '/page'],
])('the way back of %s is %s', async (path, returnTo) => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open(path);
  await visitor.pass(64 * SECOND, { step: 2 * SECOND });
  expect((await atLogin(page)).get('returnTo')).toBe(returnTo);
});

test('a route behind # is the way back also where the login page is such a route', async () => {
  const site = await openSite({ options: { redirectTo: '/page#/login' } });
  const visitor = await visit(site);
  const page = await visitor.open('/page#/orders/7');
  await visitor.pass(64 * SECOND, { step: 2 * SECOND });
  const { searchParams, hash } = new URL(page.url());
  expect([searchParams.get('returnTo'), hash]).toEqual(['/page#/orders/7', '#/login']);
  expect(site.loads).toEqual({ '/page': 2 });
});

test('the login page may load the client, too, and is not left', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(62 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('login idle');
  await visitor.pass(60 * SECOND, { step: 5 * SECOND });
  expect(site.loads).toEqual({ '/page': 1, '/login': 1 });
  expect(await page.getByRole('alert').isVisible()).toBe(true);
});

test('the login page tells apart users who signed out and users who were signed out', async () => {
  const site = await openSite({ page: { script: esmStart() } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.evaluate(() => client.signOut());
  await visitor.pass(SECOND, { step: 250 });
  expect(await look(page)).toBe('login signed-out');
  expect(await page.getByRole('alert').textContent()).toBe('You have signed out.');
});

describe('a page in the back/forward cache', () => {
  test.each([
    ['a page', '/page', NOTES_RESTORE],
    ['one that may not be stored', '/no-store', NOTES_RESTORE],
    ['one out of the ordinary cache', '/page', `${NOTES_RESTORE}${NOT_KEPT}`],
  ])('%s: after signing out, Back never shows what was private', async (_name, path, body) => {
    const site = await openSite({ page: { body, script: AUTO } });
    const visitor = await visit(site);
    const page = await visitor.open(path);
    expect(await isReadable(page)).toBe(true);
    await visitor.pass(SECOND);
    await page.goto(`${site.origin}/public`);
    await visitor.context.request.post(`${site.origin}/logout`);
    await goBack(page).catch(() => undefined);
    await visitor.pass(SECOND, { step: 250 });
    expect(await isReadable(page)).toBe(false);
    expect(await page.locator('body').innerText()).not.toMatch(/alice/);
  });

  test('is shown as it was if it comes back within a living session', async () => {
    const site = await openSite({ page: { body: NOTES_RESTORE, script: AUTO } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await page.goto(`${site.origin}/page?n=2`);
    await visitor.settle();
    await visitor.pass(3 * SECOND);
    await goBack(page);
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('page');
    await visitor.pass(60 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login idle');
  });

  test('is hidden before it goes in, and is shown only after the server has agreed', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(SECOND);
    expect(await cached(page, async () => {})).toBe(false);
    await visitor.settle();
    expect(await look(page)).toBe('page');
    expect((await snapshot(page)).state).toBe('active');
  });

  test('is shown after one question, whatever events tell that it is back', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(5 * SECOND);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    await visitor.pass(5 * SECOND);
    const before = site.pings.length;
    site.onPing = (_req, _res, next) => site.after(200, next);
    const events = [
      () => document.dispatchEvent(new Event('resume')),
      () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
      () => document.dispatchEvent(new Event('visibilitychange')),
      () => dispatchEvent(new Event('focus')),
    ];
    for (const event of events) {
      await page.evaluate(event);
      await visitor.pass(5, { step: 5 });
      expect(await look(page)).toBe('cover');
    }
    await visitor.pass(200, { step: 50 });
    expect(await look(page)).toBe('page');
    await visitor.pass(2 * SECOND, { step: 100 });
    expect(site.pings.length).toBe(before + 1);
  });

  test('is not shown again after somebody has signed out, not even offline', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(SECOND);
    const flash = await cached(page, async () => {
      await visitor.context.request.post(`${site.origin}/logout`);
      await visitor.context.setOffline(true);
    });
    expect(flash).toBe(false);
    const flashes = await countFlashes(page);
    await visitor.pass(5 * SECOND);
    expect(await look(page)).toBe('cover');
    expect(await flashes()).toBe(0);
    await visitor.context.setOffline(false);
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(await look(page)).toMatch(/^login (lost|signed-out|revoked)/);
  });

  test('is not shown again if its session has ended in the meantime', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(SECOND);
    const flash = await cached(page, async () => {
      site.clock.advance(120 * SECOND);
      await leap(page, 120 * SECOND, 0);
    });
    expect(flash).toBe(false);
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('login idle');
  });
});
