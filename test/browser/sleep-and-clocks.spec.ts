import { visit } from './support/browser.js';
import { countDialogs, isReadable, leap, look, MINUTE, readerOf, SECOND, setHidden, until } from './support/page.js';
import { openSite } from './support/site.js';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a machine that sleeps past the end', () => {
  test('like Windows, where both clocks go on: the page is covered at once, then the login page comes', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(10 * SECOND);
    await visitor.sleep(5 * MINUTE);
    await visitor.pass(SECOND, { step: 500 });
    expect(await look(page)).toBe('login idle');
  });

  test('like a Mac, where performance.now() stops', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(10 * SECOND);
    site.clock.advance(5 * MINUTE);
    await leap(page, 5 * MINUTE, 0);
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await look(page)).toBe('login idle');
  });

  test('and is offline: nothing can be read while nobody answers', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.context.setOffline(true);
    await visitor.sleep(5 * MINUTE);
    await visitor.pass(SECOND, { step: 500 });
    expect(await look(page)).toBe('cover');
    expect(await isReadable(page)).toBe(false);
  });
});

describe.each([
  ['before any timer has run', 0],
  ['a moment later', 500],
])('a tab that was frozen past the end and is touched %s', (_when, after) => {
  test('is not revived by the first move of the mouse', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    // Frozen: the clocks go on, no timer runs.
    site.clock.advance(5 * MINUTE);
    await leap(page, 5 * MINUTE, 5 * MINUTE);
    await page.mouse.move(20, 20);
    await page.keyboard.press('x');
    await page.evaluate(() => document.dispatchEvent(new Event('resume')));
    await visitor.pass(after + 600, { step: 300 });
    expect(await look(page)).toBe('login idle');
    expect(site.pings.filter(({ idleFor }) => idleFor !== undefined)).toEqual([]);
  });
});

test('a sleep that is shorter than the time to the warning is no activity', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(4 * SECOND);
  await page.mouse.move(20, 20);
  site.clock.advance(20 * SECOND);
  await leap(page, 20 * SECOND, 0);
  await visitor.pass(2 * SECOND, { step: 500 });
  // The report told of the 20 s that were slept.
  expect((await visitor.status()).idleFor).toBeGreaterThan(20);
  await visitor.pass(16 * SECOND);
  expect(await look(page)).toBe('page');
  await visitor.pass(4 * SECOND);
  expect(await look(page)).toBe('warning');
});

describe('the clock of the machine is set', () => {
  test('a day forward while somebody works: the page is covered for one ping at most', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    const move = readerOf(page);
    await visitor.pass(10 * SECOND, { each: move });
    await page.getByLabel('Note').fill('half a letter');
    await leap(page, DAY, 0);
    await visitor.pass(SECOND, { step: 250, each: move });
    expect(await look(page)).toBe('page');
    expect(await page.getByLabel('Note').inputValue()).toBe('half a letter');
    await visitor.pass(30 * SECOND, { each: move });
    expect(await look(page)).toBe('page');
    expect(site.loads).toEqual({ '/page': 1 });
  });

  test('a day back: the session does not last longer', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(10 * SECOND);
    await leap(page, -DAY, 0);
    await visitor.pass(32 * SECOND);
    expect(await look(page)).toBe('warning');
    await visitor.pass(20 * SECOND);
    expect(await look(page)).toBe('login idle');
  });
});

test('a clock that was wrong by an hour from the start changes nothing', async () => {
  for (const wrong of [HOUR, -HOUR]) {
    const site = await openSite();
    const visitor = await visit(site);
    await visitor.context.addInitScript((by) => {
      const { now } = Date;
      Date.now = () => now() + by;
    }, wrong);
    const page = await visitor.open();
    await visitor.pass(39 * SECOND, { step: 3 * SECOND });
    expect(await look(page)).toBe('page');
    await visitor.pass(2 * SECOND);
    expect(await look(page)).toBe('warning');
    await visitor.pass(20 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login idle');
  }
});

describe('a hidden tab', () => {
  test('with timers slowed down to one a minute is covered within a second of its end', async () => {
    const site = await openSite({ options: { idleTimeout: 5 * MINUTE + 30 * SECOND, warnBefore: MINUTE } });
    const visitor = await visit(site);
    // Chromium runs chained timers of a hidden page once a minute, and others on time.
    await visitor.context.addInitScript(() => {
      const { setTimeout, setInterval } = window;
      let depth = 0;
      const slow = (delay = 0): number => (document.visibilityState === 'hidden' && depth >= 5 ? 60_000 : delay);
      window.setInterval = ((run: () => void, delay?: number) =>
        setInterval(run, delay && Math.max(delay, 60_000))) as never;
      window.setTimeout = ((run: () => void, delay?: number) => {
        const mine = depth + 1;
        return setTimeout(() => {
          depth = mine;
          run();
          depth = 0;
        }, slow(delay));
      }) as never;
    });
    const page = await visitor.open();
    await setHidden(page, true);
    await visitor.pass(5 * MINUTE + 29 * SECOND, { step: SECOND * 7 });
    expect(await isReadable(page)).toBe(true);
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(await look(page)).toBe('login idle');
    expect(site.events.map(({ type }) => type)).toEqual(['started', 'expired']);
  });

  test('reports its last activity at once when it is hidden', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(8 * SECOND);
    await page.mouse.move(9, 9);
    await visitor.pass(SECOND);
    await page.mouse.move(19, 19);
    const before = site.pings.length;
    await setHidden(page, true);
    await visitor.settle();
    expect(site.pings.length).toBe(before + 1);
    expect((await visitor.status()).idleFor).toBeLessThan(0.5);
  });
});

describe('very long and very short limits', () => {
  test('30 days, more than a timer can hold: nothing fires', async () => {
    const site = await openSite({ options: { idleTimeout: '30d', absoluteTimeout: false, warnBefore: '2m' } });
    const visitor = await visit(site);
    const page = await visitor.open();
    const dialogs = await countDialogs(page);
    const before = site.pings.length;
    await visitor.pass(3 * MINUTE, { step: 20 * SECOND });
    expect(await dialogs()).toBe(0);
    expect(site.pings.length).toBe(before);
    site.clock.advance(26 * DAY);
    await leap(page, 26 * DAY, 26 * DAY);
    await visitor.pass(10 * SECOND);
    expect(await look(page)).toBe('page');
  });

  test('6 seconds: the user is warned, and the session ends on time', async () => {
    const site = await openSite({ options: { idleTimeout: 6 * SECOND, warnBefore: 3 * SECOND } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(2500, { step: 250 });
    expect(await look(page)).toBe('page');
    await visitor.pass(1500, { step: 250 });
    expect(await look(page)).toBe('warning');
    await visitor.pass(2500, { step: 250 });
    expect(await look(page)).toBe('login idle');
  });
});

test('in real time: the renderer process is stopped until after the end', async () => {
  const site = await openSite({ realTime: true, options: { idleTimeout: 4 * SECOND, warnBefore: 2 * SECOND } });
  const visitor = await visit(site);
  const page = await visitor.open();
  const devtools = await visitor.context.browser()?.newBrowserCDPSession();
  const { processInfo } = (await devtools?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] };
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  expect(renderers.length).toBeGreaterThan(0);
  for (const id of renderers) process.kill(id, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 5 * SECOND));
  for (const id of renderers) process.kill(id, 'SIGCONT');
  await until(async () => (await look(page)) === 'login idle');
});
