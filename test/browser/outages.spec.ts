import { visit } from './support/browser.js';
import { AUTO } from './support/html.js';
import { isReadable, look, MINUTE, readerOf, SECOND } from './support/page.js';
import { openSite, status } from './support/site.js';

describe('a server that does not answer', () => {
  test('for two minutes: the page stays, is covered at the end it knows of, and comes back', async () => {
    const site = await openSite({ options: { idleTimeout: 3 * MINUTE, warnBefore: MINUTE } });
    const visitor = await visit(site);
    const page = await visitor.open();
    const move = readerOf(page);
    await visitor.pass(20 * SECOND, { each: move, step: 2 * SECOND });
    const before = site.pings.length;
    site.onPing = status(503);
    await visitor.pass(110 * SECOND, { each: move, step: 2 * SECOND });
    expect(await look(page)).toBe('page');
    // Backed off: never more than a few questions a minute.
    expect(site.pings.length - before).toBeLessThan(25);
    site.onPing = undefined;
    await visitor.pass(32 * SECOND, { each: move, step: 2 * SECOND });
    expect(await look(page)).toBe('page');
    expect((await visitor.status()).idleFor).toBeLessThan(30);
  });

  test('past the end: the page is covered, and typed text is there again when the server says that the session lives', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await page.getByLabel('Note').fill('half a letter');
    site.onPing = status(503);
    await visitor.pass(58 * SECOND, { step: 2 * SECOND });
    // Something else of this user's is at work: the page cannot know.
    await visitor.context.request.get(`${site.origin}/me`);
    await visitor.pass(8 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('cover');
    expect(await page.getByText(/cannot be reached/).isVisible()).toBe(true);
    site.onPing = undefined;
    // The longest that is waited between two attempts is half a minute.
    await visitor.pass(32 * SECOND, { step: 2 * SECOND });
    expect(await isReadable(page)).toBe(true);
    expect(await page.getByLabel('Note').inputValue()).toBe('half a letter');
  });

  test('and has lost its memory: the reason is "lost", and nothing loops', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    for (const id of Object.keys(site.store.sessions)) delete site.store.sessions[id];
    await visitor.pass(8 * SECOND, { each: readerOf(page) });
    expect(await look(page)).toBe('login lost');
    await visitor.pass(10 * SECOND, { each: readerOf(page) });
    expect(site.loads['/login']).toBe(1);
  });
});

describe('offline', () => {
  test('before the end and online again after it: the page is covered, then the login page comes', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.context.setOffline(true);
    await visitor.pass(61 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('cover');
    expect(await isReadable(page)).toBe(false);
    await visitor.pass(30 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('cover');
    await visitor.context.setOffline(false);
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await look(page)).toBe('login idle');
  });

  test('for a while before the end: activity in the meantime is reported', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(10 * SECOND);
    await visitor.context.setOffline(true);
    await visitor.pass(25 * SECOND, { each: readerOf(page) });
    await visitor.context.setOffline(false);
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(await look(page)).toBe('page');
    expect((await visitor.status()).idleFor).toBeLessThan(6);
  });
});

test('a field in a frame does not get the focus while the page is covered', async () => {
  const site = await openSite({ page: { body: '<iframe src="/frame"></iframe>', script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.frames()[1]!.getByLabel('Note').focus();
  await visitor.pass(42 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('warning');
  site.onPing = status(503);
  await visitor.pass(24 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('cover');
  await page.keyboard.type('dear');
  expect(await page.frames()[1]!.getByLabel('Note').inputValue()).toBe('');
});

test('a field in a frame in a shadow tree in another one gets the focus back after a warning and an outage', async () => {
  const body = `<div id="host"></div><script>
    const inner = document.createElement('div');
    document.getElementById('host').attachShadow({ mode: 'open' }).append(inner);
    inner.attachShadow({ mode: 'open' }).innerHTML = '<iframe src="/frame"></iframe>';</script>`;
  const site = await openSite({ page: { body, script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.frames()[1]!.getByLabel('Note').focus();
  await visitor.pass(42 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('warning');
  site.onPing = status(503);
  await visitor.context.request.get(`${site.origin}/me`);
  await visitor.pass(24 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('cover');
  site.onPing = undefined;
  await page.keyboard.press('x');
  await visitor.pass(2 * SECOND, { step: 500 });
  await page.keyboard.type('dear');
  expect(await page.frames()[1]!.getByLabel('Note').inputValue()).toBe('dear');
});

test('a field in a shadow tree gets the focus back after a warning and an outage', async () => {
  const body = `<div id="host"></div><script>
    document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML = '<input id="deep">';</script>`;
  const site = await openSite({ page: { body, script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.locator('#deep').focus();
  await visitor.pass(42 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('warning');
  site.onPing = status(503);
  await visitor.context.request.get(`${site.origin}/me`);
  await visitor.pass(24 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('cover');
  site.onPing = undefined;
  await page.keyboard.press('x');
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await look(page)).toBe('page');
  expect(await page.evaluate(() => document.getElementById('host')!.shadowRoot!.activeElement?.id)).toBe('deep');
});
