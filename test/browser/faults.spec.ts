import type { RequestHandler } from 'express';
import { visit } from './support/browser.js';
import { esmStart } from './support/html.js';
import {
  type Client,
  countDialogs,
  isReadable,
  look,
  MINUTE,
  readerOf,
  SECOND,
  setHidden,
  snapshot,
  warningOf,
} from './support/page.js';
import { openSite, type Site } from './support/site.js';

declare const client: Client;

const status = (code: number): RequestHandler => {
  return (_req, res) => void res.status(code).send('<h1>Sorry</h1>');
};
const reset: RequestHandler = (req) => void req.socket.destroy();
const loginPage: RequestHandler = (_req, res) => res.redirect('/login');

describe('S2 an active user is not signed out, nor bothered, by one failure', () => {
  const faults: [string, RequestHandler][] = [
    ['500', status(500)],
    ['502', status(502)],
    ['401 of a proxy', status(401)],
    ['a redirect to a login page', loginPage],
    ['a connection that is reset', reset],
  ];

  test.each(faults)('%s as answer to each second report, and to three in a row', async (_name, fault) => {
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

  test('the very first question: it is asked again within a second', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    site.onPing = status(500);
    const page = await visitor.open();
    site.onPing = undefined;
    await visitor.pass(1200, { step: 100 });
    expect(site.pings).toHaveLength(2);
    expect((await snapshot(page)).state).toBe('active');
  });

  test('no answer at all: the question is given up, and the next one is answered', async () => {
    const site = await openSite({ realTime: true, options: { idleTimeout: 8 * SECOND, warnBefore: 2 * SECOND } });
    const visitor = await visit(site);
    const page = await visitor.open();
    const dialogs = await countDialogs(page);
    const move = readerOf(page);
    let swallowed = 0;
    site.onPing = (_req, _res, next) => (++swallowed > 1 ? next() : undefined);
    for (const end = performance.now() + 12 * SECOND; performance.now() < end;) {
      await move();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(swallowed).toBeGreaterThan(2);
    expect(await dialogs()).toBe(0);
    expect(await visitor.status()).toMatchObject({ state: 'active' });
  });
});

test('S3 a slow answer does not erase what was done while it was on its way', async () => {
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

test('S4 answers that come in the wrong order: the newest question wins', async () => {
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

test('S15 a server clock that is set forward and back brings no storm of questions', async () => {
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

/** Ends the session of whoever has signed in, as an administrator would. */
async function revoke(site: Site): Promise<void> {
  const started = site.events.find(({ type }) => type === 'started');
  if (!started?.session) throw new Error('Nobody has signed in.');
  await site.service.end(started.session, 'revoked');
}

describe('S22 a session that is ended elsewhere', () => {
  test('is noticed by an active user within a report interval', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    const move = readerOf(page);
    await visitor.pass(10 * SECOND, { each: move });
    await revoke(site);
    await visitor.pass(8 * SECOND, { each: move });
    expect(await look(page)).toBe('login revoked');
    expect(await page.getByRole('alert').textContent()).toContain('ended');
    await visitor.pass(5 * SECOND, { step: 500 });
    expect(site.loads).toEqual({ '/page': 1, '/login': 1 });
  });

  test('is noticed by an idle one when the page is looked at', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await setHidden(page, true);
    await visitor.pass(10 * SECOND);
    await revoke(site);
    await visitor.pass(10 * SECOND);
    expect(await look(page)).toBe('page');
    await setHidden(page, false);
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('login revoked');
  });

  test('and at the latest when a warning is due', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await revoke(site);
    await visitor.pass(42 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login revoked');
  });
});

describe('S27 a server that is away', () => {
  test('for two minutes: the page stays, is covered at its end, and comes back', async () => {
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

  test('past the end: covered, not lost; what was typed is there again when the server says it lives', async () => {
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
    await visitor.pass(35 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('page');
    expect(await page.getByLabel('Note').inputValue()).toBe('half a letter');
  });

  test('it comes back without its memory: the reason is "lost", and nothing loops', async () => {
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

describe('S28 offline', () => {
  test('before the end, and online again after it: covered, then the login page', async () => {
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

  test('for a while before the end: what was done meanwhile is reported', async () => {
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

describe('S36 C11 "Stay signed in"', () => {
  async function warnedPage() {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(41 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('warning');
    await visitor.pass(SECOND);
    return { site, visitor, page, stay: page.getByRole('button', { name: 'Stay signed in' }) };
  }

  test('that fails is announced, keeps the focus, counts down, and is tried again until it works', async () => {
    const { site, visitor, page, stay } = await warnedPage();
    site.onPing = status(500);
    await stay.click();
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('warning');
    expect(await warningOf(page).getByRole('alert').textContent()).not.toBe('');
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true);
    expect((await snapshot(page)).expiresIn).toBeLessThan(18 * SECOND);
    site.onPing = undefined;
    await visitor.pass(6 * SECOND, { step: 500 });
    expect(await look(page)).toBe('page');
    expect((await visitor.status()).idleFor).toBeLessThan(8);
  });

  test('that never gets through ends with the page covered', async () => {
    const { visitor, page, stay } = await warnedPage();
    await visitor.context.setOffline(true);
    await stay.click();
    await visitor.pass(20 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('cover');
  });

  test('that comes too late is answered at once: the session has ended', async () => {
    const { site, visitor, page, stay } = await warnedPage();
    await revoke(site);
    await stay.click();
    await visitor.pass(500, { step: 250 });
    expect(await look(page)).toBe('login revoked');
  });
});

test('guarantee 8: the dialog does not close before the server has agreed', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(42 * SECOND);
  site.onPing = (_req, _res, next) => site.after(3 * SECOND, next);
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await look(page)).toBe('warning');
  expect((await snapshot(page)).stay).toBe('pending');
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await look(page)).toBe('page');
});

test('focus that moves between fields asks nothing; a window that gets it back does, once a second', async () => {
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

test('guarantee 8: a "stay" in the very moment of the last answer is sent, too: some browsers blur their clocks', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(42 * SECOND, { step: 42 * SECOND });
  expect(await look(page)).toBe('warning');
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await visitor.pass(SECOND, { step: 250 });
  expect(await look(page)).toBe('page');
});
