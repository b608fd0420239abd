import type { RequestHandler } from 'express';
import { visit } from './support/browser.js';
import { esmStart } from './support/html.js';
import { type Client, countDialogs, look, MINUTE, readerOf, SECOND, snapshot } from './support/page.js';
import { openSite, status } from './support/site.js';

declare const client: Client;

const reset: RequestHandler = (req) => void req.socket.destroy();
const loginPage: RequestHandler = (_req, res) => res.redirect('/login');

describe('an active user is not signed out or bothered by failed pings', () => {
  const faults: [string, RequestHandler][] = [
    ['500', status(500)],
    ['502', status(502)],
    ['401 of a proxy', status(401)],
    ['a redirect to a login page', loginPage],
    ['a connection that is reset', reset],
  ];

  test.each(faults)('%s as the answer to every second report, and to three in a row', async (_name, fault) => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    const dialogs = await countDialogs(page);
    let count = 0;
    site.onPing = (req, res, next) => {
      count++;
      if (count % 2 === 0 || (count > 6 && count < 10)) fault(req, res, next);
      else next();
    };
    await visitor.pass(2 * MINUTE, { each: readerOf(page), step: 2 * SECOND });
    expect(count).toBeGreaterThan(12);
    expect(await dialogs()).toBe(0);
    expect(await visitor.status()).toMatchObject({ state: 'active' });
    expect((await visitor.status()).idleFor).toBeLessThan(13);
  });

  test('the first ping fails: it is sent again within a second', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    site.onPing = status(500);
    const page = await visitor.open();
    site.onPing = undefined;
    await visitor.pass(1200, { step: 100 });
    expect(site.pings).toHaveLength(2);
    expect((await snapshot(page)).state).toBe('active');
  });

  test('a ping without an answer is given up, and the next one is answered', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    let asked = 0;
    site.onPing = (_req, res, next) => (++asked > 1 ? next() : site.never(res));
    const page = await visitor.open();
    const dialogs = await countDialogs(page);
    await visitor.pass(2 * MINUTE, { each: readerOf(page), step: 2 * SECOND });
    expect(asked).toBeGreaterThan(10);
    expect(await dialogs()).toBe(0);
    expect(await visitor.status()).toMatchObject({ state: 'active' });
  });
});

test('a slow answer does not erase activity that came while it was on its way', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  const move = readerOf(page);
  await visitor.pass(30 * SECOND, { step: 10 * SECOND });
  site.onPing = (_req, _res, next) => site.after(1500, next);
  await move();
  // The report goes out; then the user moves once more, and stops for good.
  await visitor.pass(500, { step: 250 });
  expect(site.held).toHaveLength(1);
  await visitor.pass(500);
  await move();
  await visitor.pass(4 * SECOND, { step: 500 });
  site.onPing = undefined;
  // The real idle time is 4 s here; a warning is due at 40 s.
  await visitor.pass(35 * SECOND, { step: 500 });
  expect(await look(page)).toBe('page');
  await visitor.pass(2 * SECOND);
  expect(await look(page)).toBe('warning');
});

test('if answers come in the wrong order, the newest question wins', async () => {
  const site = await openSite({ page: { script: esmStart() } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(20 * SECOND, { step: 10 * SECOND });
  // The older question hears of 40 s left, but only after the newer one has heard of 60 s.
  let first = true;
  site.onPing = (req, res, next) => {
    if (!first) return next();
    first = false;
    const { end } = res;
    res.end = ((...body: Parameters<typeof end>) => {
      site.after(3 * SECOND, () => void end.apply(res, body));
      return res;
    }) as typeof end;
    next();
  };
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await visitor.pass(SECOND, { step: 200 });
  expect(site.held).toHaveLength(1);
  await page.mouse.move(50, 50);
  await page.evaluate(() => client.stayActive());
  await visitor.pass(SECOND, { step: 200 });
  const after = (await snapshot(page)).expiresIn;
  await visitor.pass(4 * SECOND, { step: 500 });
  expect(site.held).toHaveLength(0);
  expect(after).toBeGreaterThan(58 * SECOND);
  expect((await snapshot(page)).expiresIn).toBe(after);
});

test('a server clock that is set forward and back does not cause a storm of pings', async () => {
  const site = await openSite({ options: { absoluteTimeout: false } });
  const visitor = await visit(site);
  const page = await visitor.open();
  const dialogs = await countDialogs(page);
  const move = readerOf(page);
  await visitor.pass(20 * SECOND, { each: move });
  site.clock.advance(-60 * MINUTE);
  await visitor.pass(20 * SECOND, { each: move });
  site.clock.advance(30 * SECOND);
  await visitor.pass(20 * SECOND, { each: move });
  expect(await look(page)).toBe('page');
  expect(await dialogs()).toBe(0);
  expect(site.pings.length).toBeLessThan(20);
});

test('focus that moves between fields does not cause a ping; a window that gets it back does, once a second', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  const before = site.pings.length;
  for (let i = 0; i < 6; i++) {
    await visitor.pass(2 * SECOND);
    await page.evaluate((i) => document.querySelectorAll<HTMLElement>('input, button')[i % 2]?.focus(), i);
  }
  await visitor.settle();
  expect(site.pings.length).toBe(before);
  for (let i = 0; i < 5; i++) {
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await visitor.pass(100);
  }
  expect(site.pings.length).toBe(before + 1);
});
