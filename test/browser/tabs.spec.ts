import type { Page } from 'playwright-core';
import { visit, type Visitor } from './support/browser.js';
import { esmStart } from './support/html.js';
import { countDialogs, leap, look, MINUTE, readerOf, SECOND, setHidden } from './support/page.js';
import { openSite } from './support/site.js';

async function openTabs(visitor: Visitor, count: number): Promise<Page[]> {
  const pages: Page[] = [];
  for (let i = 0; i < count; i++) pages.push(await visitor.open());
  return pages;
}

const looks = (pages: Page[]) => Promise.all(pages.map(look));

/** Has scripts of the page run before any of its own. */
async function without(visitor: Visitor, what: () => void): Promise<void> {
  await visitor.context.addInitScript(what);
}

test('with activity in one of two tabs the other never warns, and the traffic is that of one tab', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const [busy, idle] = (await openTabs(visitor, 2)) as [Page, Page];
  const dialogs = await countDialogs(idle);
  const before = site.pings.length;
  await visitor.pass(180 * SECOND, { each: readerOf(busy), step: 2 * SECOND });
  expect(await dialogs()).toBe(0);
  expect(await looks([busy, idle])).toEqual(['page', 'page']);
  expect(site.pings.length - before).toBeLessThanOrEqual(180 / 6 + 4);
});

test('many idle tabs send one ping before the warning and one at the end; all warn and all leave', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const tabs = await openTabs(visitor, 6);
  const before = site.pings.length;
  await visitor.pass(39 * SECOND, { step: 13 * SECOND });
  expect(site.pings.length).toBe(before);
  await visitor.pass(2 * SECOND, { step: 100 });
  expect(await looks(tabs)).toEqual(tabs.map(() => 'warning'));
  // Two tabs may ask at the same moment; six do not.
  expect(site.pings.length - before).toBeLessThanOrEqual(2);
  await visitor.pass(18 * SECOND, { step: 3 * SECOND });
  const warned = site.pings.length;
  await visitor.pass(3 * SECOND, { step: 100 });
  expect(await looks(tabs)).toEqual(tabs.map(() => 'login idle'));
  // Each login page asks once, too.
  expect(site.pings.length - warned - tabs.length).toBeLessThanOrEqual(3);
  expect(site.events.filter(({ type }) => type === 'expired')).toHaveLength(1);
});

test('"Stay signed in" in one tab closes the warning of the other and restores focus and title', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const [here, there] = (await openTabs(visitor, 2)) as [Page, Page];
  await there.getByLabel('Note').focus();
  await visitor.pass(42 * SECOND, { step: SECOND });
  expect(await looks([here, there])).toEqual(['warning', 'warning']);
  expect(await there.title()).not.toBe('Payroll 1');
  await here.getByRole('button', { name: 'Stay signed in' }).click();
  await visitor.pass(SECOND, { step: 250 });
  expect(await looks([here, there])).toEqual(['page', 'page']);
  expect(await there.title()).toBe('Payroll 1');
  expect(await there.evaluate(() => (document.activeElement as HTMLInputElement).name)).toBe('note');
});

test('"Stay signed in" in one tab closes the warning of the other also after the clock was set back', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const tabs = (await openTabs(visitor, 2)) as [Page, Page];
  await visitor.pass(10 * SECOND);
  for (const tab of tabs) await leap(tab, -10 * MINUTE, 0);
  await visitor.pass(32 * SECOND);
  expect(await looks(tabs)).toEqual(['warning', 'warning']);
  const before = site.pings.length;
  await visitor.pass(4 * SECOND, { step: 500 });
  expect(site.pings.length).toBe(before);
  await tabs[0].getByRole('button', { name: 'Stay signed in' }).click();
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await looks(tabs)).toEqual(['page', 'page']);
});

test('a tab that freezes during a ping does not delay the others', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const [stopped, other] = (await openTabs(visitor, 2)) as [Page, Page];
  // As if it were frozen: it keeps its lock and never comes back from its question.
  await stopped.evaluate(() => {
    void navigator.locks.request('session-timeout:/session/:asking', () => new Promise(() => undefined));
  });
  const before = site.pings.length;
  const dialogs = await countDialogs(other);
  await visitor.pass(150 * SECOND, { each: readerOf(other) });
  expect(await dialogs()).toBe(0);
  expect(await look(other)).toBe('page');
  expect(site.pings.length - before).toBeGreaterThan(150 / 15);
});

describe('tabs without', () => {
  const parts: [string, () => void][] = [
    [
      'BroadcastChannel',
      () => {
        delete (window as { BroadcastChannel?: unknown }).BroadcastChannel;
      },
    ],
    [
      'locks, as on plain http',
      () => {
        delete (Navigator.prototype as { locks?: unknown }).locks;
      },
    ],
    [
      'storage: it throws',
      () => {
        Object.defineProperty(window, 'localStorage', {
          get() {
            throw new DOMException('No.', 'SecurityError');
          },
        });
      },
    ],
    [
      'all of them',
      () => {
        delete (window as { BroadcastChannel?: unknown }).BroadcastChannel;
        delete (Navigator.prototype as { locks?: unknown }).locks;
        Object.defineProperty(window, 'localStorage', {
          get() {
            throw new DOMException('No.', 'SecurityError');
          },
        });
      },
    ],
  ];

  test.each(parts)(
    '%s: the idle tab never warns while the other is active, and both end together',
    async (_n, take) => {
      const site = await openSite();
      const visitor = await visit(site);
      await without(visitor, take);
      const [busy, idle] = (await openTabs(visitor, 2)) as [Page, Page];
      const dialogs = await countDialogs(idle);
      await visitor.pass(90 * SECOND, { each: readerOf(busy), step: 2 * SECOND });
      expect(await dialogs()).toBe(0);
      await visitor.pass(64 * SECOND, { step: SECOND });
      expect(await looks([busy, idle])).toEqual(['login idle', 'login idle']);
    },
  );
});

describe('signing out in one tab', () => {
  test('covers the other, which is then left, too', async () => {
    const site = await openSite({ page: { script: esmStart() } });
    const visitor = await visit(site);
    const [here, there] = (await openTabs(visitor, 2)) as [Page, Page];
    await here.evaluate(() => (window as never as { client: { signOut(): void } }).client.signOut());
    await visitor.settle();
    await visitor.pass(2 * SECOND, { step: 250 });
    expect(await looks([here, there])).toEqual(['login signed-out', 'login signed-out']);
    // Whoever goes of their own accord is not brought back to where they were.
    expect(new URL(here.url()).searchParams.has('returnTo')).toBe(false);
    expect(site.events.map(({ type }) => type)).toEqual(['started', 'ended']);
    expect(await visitor.status()).toMatchObject({ state: 'anonymous' });
  });

  test('without a network covers both at once, and is done when the network is back', async () => {
    const site = await openSite({ page: { script: esmStart() } });
    const visitor = await visit(site);
    const [here, there] = (await openTabs(visitor, 2)) as [Page, Page];
    // `setOffline` gives the tabs the network back one after another.
    await visitor.context.route('**/*', (route) => route.abort('internetdisconnected'));
    await here.evaluate(() => (window as never as { client: { signOut(): void } }).client.signOut());
    await visitor.settle();
    expect(await looks([here, there])).toEqual(['cover', 'cover']);
    await visitor.pass(5 * SECOND);
    expect(await looks([here, there])).toEqual(['cover', 'cover']);
    await visitor.context.unrouteAll();
    await visitor.pass(10 * SECOND, { step: 500 });
    expect(await looks([here, there])).toEqual(['login signed-out', 'login signed-out']);
  });
});

describe('when somebody else signs in in another tab', () => {
  test('the page of the first user is covered and becomes a page of the second', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(20 * SECOND, { step: 5 * SECOND });
    await setHidden(page, true);
    await visitor.signIn('bob');
    await visitor.open();
    await visitor.pass(SECOND);
    await setHidden(page, false);
    await visitor.pass(2 * SECOND, { step: 250 });
    expect(await page.locator('#secret').textContent()).toContain('bob');
    expect(site.loads['/page']).toBe(3);
  });

  test('activity of the first user does not keep the session of the second', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(10 * SECOND, { step: 5 * SECOND });
    await visitor.signIn('bob');
    await visitor.pass(20 * SECOND, { step: 5 * SECOND });
    await page.mouse.move(10, 10);
    await visitor.pass(SECOND, { step: 250 });
    const { state } = await visitor.status();
    expect(state).toBe('active');
    // Bob's own activity: at his sign-in, or when his page was loaded for him.
    expect(site.events.filter(({ type }) => type === 'report-rejected').length).toBeLessThanOrEqual(1);
    await visitor.pass(2 * SECOND);
    expect(await page.locator('#secret').textContent()).toContain('bob');
  });
});

test('signing in in another tab wakes the client of an anonymous page', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  await visitor.context.clearCookies();
  const waiting = await visitor.open('/public');
  const login = await visitor.open('/login');
  await visitor.pass(20 * SECOND, { step: 10 * SECOND });
  expect(new URL(login.url()).search).toBe('');
  await visitor.signIn('alice');
  await login.goto(`${site.origin}/page`);
  await visitor.settle();
  await visitor.pass(42 * SECOND, { step: 2 * SECOND });
  expect(await look(login)).toBe('warning');
  void waiting;
});
