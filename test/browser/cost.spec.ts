import { visit } from './support/browser.js';
import { countDialogs, look, readerOf, SECOND, snapshot, until } from './support/page.js';
import { openSite } from './support/site.js';

test('the number of pings does not depend on the number of tabs, active or idle', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const counted: { tabs: number; active: number; idle: number }[] = [];
  for (const tabs of [1, 5, 20]) {
    while (visitor.context.pages().length < tabs) await visitor.open();
    const page = visitor.context.pages()[0] as Awaited<ReturnType<typeof visitor.open>>;
    await page.bringToFront();
    const start = site.pings.length;
    await visitor.pass(60 * SECOND, { each: readerOf(page), step: 3 * SECOND });
    const active = site.pings.length - start;
    await visitor.pass(8 * SECOND, { step: 2 * SECOND });
    await visitor.pass(30 * SECOND, { step: 30 * SECOND });
    await visitor.pass(4 * SECOND, { step: 500 });
    expect(await look(page)).toBe('warning');
    await visitor.pass(12 * SECOND, { step: 3 * SECOND });
    counted.push({ tabs, active, idle: site.pings.length - start - active });
    await page.keyboard.press('Enter');
    await visitor.pass(SECOND);
  }
  console.log('Pings in one idle limit (a report is due ten times):', counted);
  for (const { active, idle } of counted) {
    expect(active).toBeGreaterThanOrEqual(8);
    expect(active).toBeLessThanOrEqual(12);
    // The last report, and the question before the warning; two tabs may ask it in the same moment.
    expect(idle).toBeLessThanOrEqual(4);
  }
});

test('a page of visitors does not take its own pings for requests of the application, whatever the name of its host', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.context.newPage();
  // The cookie belongs to the other host.
  await page.goto(`${site.origin.replace('localhost', 'endpoint.localhost')}/page`);
  await visitor.settle();
  await visitor.pass(60 * SECOND, { step: SECOND });
  expect((await snapshot(page)).state).toBe('anonymous');
  expect(site.pings).toHaveLength(1);
});

test('a move of the mouse costs a timestamp: no storage, no request, no long task', async () => {
  const site = await openSite({ realTime: true, options: { idleTimeout: '1h' } });
  const visitor = await visit(site);
  await visitor.context.addInitScript(() => {
    const heard: ((event: unknown) => void)[] = [];
    Object.assign(window, { heard });
    const { addEventListener } = window;
    window.addEventListener = ((type: string, listener: (event: unknown) => void, options: never) => {
      if (type === 'pointermove') heard.push(listener);
      addEventListener.call(window, type, listener as never, options);
    }) as never;
  });
  const page = await visitor.open();
  await page.waitForFunction(() => (window as never as { heard: unknown[] }).heard.length > 0);
  await until(() => site.pings.length > 0 && site.open.size === 0);
  const before = site.pings.length;
  const { nanoseconds, written } = await page.evaluate(() => {
    let written = 0;
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (...item) {
      written++;
      setItem.apply(this, item);
    };
    const { heard } = window as never as { heard: ((event: unknown) => void)[] };
    const move = { type: 'pointermove', isTrusted: true, screenX: 0, screenY: 0 };
    const run = (times: number): number => {
      const start = performance.now();
      for (let i = 0; i < times; i++) {
        move.screenX = i;
        for (const hear of heard) hear(move);
      }
      return ((performance.now() - start) / times) * 1e6;
    };
    run(10_000);
    return { nanoseconds: Math.min(run(10_000), run(10_000), run(10_000)), written };
  });
  console.log(`A move of the mouse costs ${Math.round(nanoseconds)} ns.`);
  // Whatever the machine does meanwhile: it is a tenth of that.
  expect(nanoseconds).toBeLessThan(25_000);
  expect(written).toBe(0);
  expect(site.pings.length).toBe(before);
});

test.each([
  ['a field', 'const root = list;'],
  [
    'a field in a shadow tree',
    "const root = list.appendChild(document.createElement('div')).attachShadow({ mode: 'open' });",
  ],
])('%s that the page has removed is not held, so that a page can stay for days', async (_where, root) => {
  const site = await openSite({
    page: {
      body: `<div id="list"></div><script>
        const held = [];
        function show() {
          list.replaceChildren();
          ${root}
          root.innerHTML += '<form><input type="checkbox" name="done" aria-label="Done"></form>';
          held.push(new WeakRef(root.lastChild.firstChild));
        }
        show();
      </script>`,
    },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(2 * SECOND, { step: SECOND });
  for (let i = 0; i < 5; i++) {
    await page.getByLabel('Done').press('Space');
    await page.evaluate('show()');
    await visitor.pass(2 * SECOND, { step: SECOND });
  }
  const devTools = await visitor.context.newCDPSession(page);
  await devTools.send('HeapProfiler.collectGarbage');
  // The one on the page, and perhaps the last one that had the focus.
  expect(await page.evaluate('held.filter((field) => field.deref()).length')).toBeLessThanOrEqual(2);
});

describe('the Server-Timing of ordinary answers', () => {
  const ask = () => fetch('/me').then((response) => response.text());

  test('saves reports', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    const dialogs = await countDialogs(page);
    const before = site.pings.length;
    for (let i = 0; i < 30; i++) {
      await page.mouse.move(10 + i, 10);
      await visitor.pass(1);
      await page.evaluate(ask);
      await visitor.pass(4 * SECOND, { step: 4 * SECOND });
    }
    expect(await dialogs()).toBe(0);
    expect(site.pings.length - before).toBeLessThanOrEqual(3);
  });

  test('counts from the page itself: without any ping the page is covered on time', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    site.onPing = (_req, res) => void res.status(503).end();
    const page = await visitor.open();
    await visitor.pass(58 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('page');
    await visitor.pass(3 * SECOND);
    expect(await look(page)).toBe('cover');
  });

  test('makes the client notice a 401 of the application at once, without a change to fetch', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(5 * SECOND);
    const started = site.events.find(({ type }) => type === 'started');
    await site.service.end(started?.session ?? '', 'revoked');
    expect(await page.evaluate(ask)).toContain('SESSION_EXPIRED');
    await page.waitForURL(/login/);
    expect(await look(page)).toBe('login revoked');
  });
});
