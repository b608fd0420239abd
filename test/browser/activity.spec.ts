import type { Page } from 'playwright-core';
import { visit, type Visitor } from './support/browser.js';
import { AUTO, esmStart } from './support/html.js';
import { atLogin, type Client, countDialogs, look, MINUTE, readerOf, SECOND, snapshot } from './support/page.js';
import { openSite, type Site } from './support/site.js';

declare const client: Client;

const reports = (site: Site): number => site.pings.filter(({ idleFor }) => idleFor !== undefined).length;

test('somebody who only moves the mouse for five idle limits is never warned', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  const dialogs = await countDialogs(page);
  await visitor.pass(5 * MINUTE, { each: readerOf(page), step: 2 * SECOND });
  expect(await dialogs()).toBe(0);
  expect(await visitor.status()).toMatchObject({ state: 'active' });
  expect(site.loads).toEqual({ '/page': 1 });
  // A report per tenth of the idle limit.
  expect(site.pings.length).toBeLessThanOrEqual((5 * MINUTE) / (6 * SECOND) + 1);
});

test('somebody who does nothing is warned, and is then sent to the login page with the reason', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open('/page?n=7');
  await visitor.pass(39 * SECOND, { step: 13 * SECOND });
  expect(await look(page)).toBe('page');
  await visitor.pass(2 * SECOND);
  expect(await look(page)).toBe('warning');
  await visitor.pass(18 * SECOND, { step: 3 * SECOND });
  expect(await look(page)).toBe('warning');
  await visitor.pass(2 * SECOND);
  expect(await look(page)).toBe('login idle');
  expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/page?n=7');
  expect(await page.getByRole('alert').textContent()).toContain('inactive');
  expect(site.events.map(({ type }) => type)).toEqual(['started', 'expired']);
});

test.each(['rests on the page', 'is elsewhere'])(
  'a passive page that reloads itself keeps no session of somebody who does nothing (the pointer %s)',
  async (pointer) => {
    const site = await openSite({ page: { script: AUTO }, options: { passiveRoutes: ['/page'] } });
    const visitor = await visit(site);
    const page = await visitor.open();
    if (pointer === 'rests on the page') {
      await page.mouse.move(100, 100);
      await page.mouse.move(120, 130);
    }
    const reload = async () => {
      await page.reload();
      // Browsers send the move of a pointer that rests some frames after the page was painted.
      await page.waitForTimeout(300);
    };
    await visitor.pass(56 * SECOND, { step: 14 * SECOND, each: reload });
    await visitor.pass(6 * SECOND);
    expect((await atLogin(page)).get('reason')).toBe('idle');
  },
);

describe('what counts as activity', () => {
  const body = `<div contenteditable aria-label="Text">edit</div><div id="host"></div><iframe src="/frame"></iframe>
    <div style="height:3000px"></div>`;
  let site: Site;
  let visitor: Visitor;
  let page: Page;

  async function open(context: Parameters<typeof visit>[1] = {}): Promise<void> {
    site = await openSite({ page: { body, script: esmStart() } });
    visitor = await visit(site, context);
    page = await visitor.open();
    await page.evaluate(() => {
      const inside = document.createElement('input');
      document.getElementById('host')?.attachShadow({ mode: 'closed' }).append(inside);
      Object.assign(window, { inside });
    });
  }

  /** Whether what is done leads to a report. */
  async function counts(act: () => Promise<unknown>): Promise<boolean> {
    await visitor.pass(7 * SECOND, { step: 3500 });
    const before = reports(site);
    await act();
    await visitor.pass(7 * SECOND, { step: 3500 });
    return reports(site) > before;
  }

  /** Turns the wheel until the page hears of it: a browser drops what comes before it has painted the page. */
  async function turnWheel(): Promise<void> {
    const heard: true[] = [];
    await page.exposeFunction('wheelHeard', () => void heard.push(true));
    await page.evaluate(() =>
      addEventListener('wheel', () => (window as never as { wheelHeard(): void }).wheelHeard()),
    );
    for (let turns = 0; turns < 100 && heard.length === 0; turns += 1) {
      await page.mouse.wheel(0, 10);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const focus = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element: HTMLElement) => element.focus());

  test('mouse, wheel, keys, dictation, editable text, a closed shadow root and a pen count', async () => {
    await open();
    const devtools = await page.context().newCDPSession(page);
    expect(await counts(async () => {})).toBe(false);
    // Where the pointer was before, nobody knows.
    expect(await counts(() => page.mouse.move(300, 300))).toBe(false);
    expect(await counts(() => page.mouse.move(300, 301))).toBe(true);
    expect(await counts(() => page.mouse.move(301, 301))).toBe(true);
    expect(await counts(turnWheel)).toBe(true);
    expect(await counts(() => page.keyboard.press('Tab'))).toBe(true);
    await focus('input');
    expect(await counts(() => page.keyboard.insertText('dictated'))).toBe(true);
    await focus('[contenteditable]');
    expect(await counts(() => page.keyboard.insertText('edited'))).toBe(true);
    await page.evaluate(() => (window as never as { inside: HTMLElement }).inside.focus());
    expect(await counts(() => page.keyboard.type('x'))).toBe(true);
    const pen = { type: 'mouseMoved', pointerType: 'pen', x: 150, y: 150 } as const;
    expect(await counts(() => devtools.send('Input.dispatchMouseEvent', pen))).toBe(true);
  });

  test('touch alone counts', async () => {
    await open({ hasTouch: true, isMobile: true });
    expect(await counts(() => page.touchscreen.tap(100, 300))).toBe(true);
  });

  test('scrolling, focus and events that a script makes do not count', async () => {
    await open();
    const byScript = () =>
      page.evaluate(() => {
        document.querySelector('input')?.focus();
        scrollBy(0, 400);
        document.querySelector('button')?.click();
        for (const type of ['mousemove', 'pointermove', 'pointerdown', 'touchstart', 'keydown', 'input', 'wheel']) {
          document.body.dispatchEvent(new Event(type, { bubbles: true }));
        }
        dispatchEvent(new Event('focus'));
        document.dispatchEvent(new Event('visibilitychange'));
      });
    expect(await counts(byScript)).toBe(false);
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);
  });

  test('a pointer that rests and a key that is stuck do not count', async () => {
    await open();
    expect(await counts(() => page.mouse.move(200, 200))).toBe(true);
    expect(await counts(() => page.mouse.move(200, 200))).toBe(false);
    await focus('input');
    expect(await counts(() => page.keyboard.down('x'))).toBe(true);
    expect(await counts(() => page.keyboard.down('x'))).toBe(false);
    expect(await page.getByLabel('Note').inputValue()).toBe('xx');
  });

  test('reportActivity() counts, and so do events in a window that watch() was given', async () => {
    await open();
    expect(await counts(() => page.evaluate(() => client.reportActivity()))).toBe(true);
    await page.evaluate(() => client.watch(frames[0] as Window));
    const note = page.frameLocator('iframe').getByLabel('Note');
    await note.evaluate((input) => input.focus());
    expect(await counts(() => page.keyboard.type('x'))).toBe(true);
  });

  test('typing in a frame of the same origin counts by itself', async () => {
    await open();
    const note = page.frameLocator('iframe').getByLabel('Note');
    await note.evaluate((input) => input.focus());
    expect(await counts(() => page.keyboard.type('in the frame'))).toBe(true);
  });
});

test('typing in an embedded page of the same origin counts by itself', async () => {
  const site = await openSite({ page: { body: '<embed type="text/html" src="/frame">' } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.frames()[1]!.waitForURL(/frame/);
  await visitor.pass(2 * SECOND);
  const note = page.frames()[1]!.getByLabel('Note');
  await note.evaluate((input) => input.focus());
  const type = () => page.keyboard.type('x');
  await visitor.pass(70 * SECOND, { each: type });
  expect(await look(page)).toBe('page');
  expect((await note.inputValue()).length).toBeGreaterThan(30);
});

test.each(['x', 'Enter', 'NumpadEnter', 'Space', 'Escape'])(
  'a key that is stuck (%s) keeps nobody signed in',
  async (key) => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    const press = () => page.keyboard.down(key).catch(() => undefined);
    await press();
    await visitor.pass(64 * SECOND, { step: 2 * SECOND, each: press });
    expect(await look(page)).toBe('login idle');
  },
);

test('a frame of another origin reports by message if its origin is named', async () => {
  const other = await openSite();
  const inside = `<iframe src="${other.origin}/public"></iframe>`;
  const named = `<script type="module" src="/session/client.js" data-frame-origins="${other.origin}"></script>`;
  for (const [script, counted] of [
    [undefined, false],
    [named, true],
  ] as const) {
    const site = await openSite({ page: { body: inside, script } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(7 * SECOND);
    await page.frames()[1]?.evaluate(() => parent.postMessage({ type: 'session-timeout:activity' }, '*'));
    await visitor.pass(SECOND);
    expect(reports(site) > 0).toBe(counted);
  }
});

test('a frame that goes to another origin does no harm', async () => {
  const other = await openSite();
  const site = await openSite({ page: { body: '<iframe src="/frame"></iframe>' } });
  const visitor = await visit(site);
  const page = await visitor.open();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.frames()[1]!.waitForURL(/frame/);
  await visitor.pass(4 * SECOND, { step: SECOND });
  await page.evaluate((url) => {
    document.querySelector('iframe')!.src = url;
  }, `${other.origin}/public`);
  await page.frames()[1]!.waitForURL(/public/);
  await visitor.pass(4 * SECOND, { step: SECOND });
  await page.getByLabel('Note').pressSequentially('x');
  await visitor.pass(8 * SECOND, { step: SECOND });
  expect(errors).toEqual([]);
  expect(reports(site)).toBe(1);
});

test('hold() keeps the session until it is released', async () => {
  const site = await openSite({ page: { script: esmStart() } });
  const visitor = await visit(site);
  const page = await visitor.open();
  const dialogs = await countDialogs(page);
  await page.evaluate(() => Object.assign(window, { release: client.hold('a call') }));
  expect((await snapshot(page)).holds).toEqual(['a call']);
  await visitor.pass(3 * MINUTE, { step: 2 * SECOND });
  expect(await dialogs()).toBe(0);
  await page.evaluate(() => (window as never as { release: () => void }).release());
  await visitor.pass(41 * SECOND);
  expect(await look(page)).toBe('warning');
});

test('hold() keeps the session, too, if it begins during the warning', async () => {
  const site = await openSite({ page: { script: esmStart() } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(42 * SECOND);
  expect(await look(page)).toBe('warning');
  await page.evaluate(() => void client.hold('an incoming call'));
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await look(page)).toBe('page');
  await visitor.pass(2 * MINUTE, { step: 2 * SECOND });
  expect(await look(page)).toBe('page');
});

test('hold() ends after maxMs', async () => {
  const site = await openSite({ page: { script: esmStart() } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.evaluate(() => client.hold('a film', { maxMs: 60_000 }));
  await visitor.pass(99 * SECOND, { step: 3 * SECOND });
  expect(await look(page)).toBe('page');
  await visitor.pass(22 * SECOND);
  expect(await look(page)).toBe('login idle');
});

test('hold() never outlasts the absolute limit', async () => {
  const site = await openSite({ options: { absoluteTimeout: 2 * MINUTE }, page: { script: esmStart() } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.evaluate(() => client.hold('a film'));
  await visitor.pass(99 * SECOND, { step: 3 * SECOND });
  expect(await look(page)).toBe('page');
  await visitor.pass(22 * SECOND);
  expect(await look(page)).toBe('login absolute');
});

test('a warning stays when the mouse is bumped, and goes with each deliberate act', async () => {
  const site = await openSite();
  const visitor = await visit(site, { hasTouch: true });
  const page = await visitor.open();
  await page.mouse.move(400, 300);
  const acts: [string, () => Promise<unknown>, 'warning' | 'page'][] = [
    ['nothing, with the pointer under the dialog', async () => {}, 'warning'],
    ['a bump', () => page.mouse.move(410, 310), 'warning'],
    ['the wheel', () => page.mouse.wheel(0, 30), 'warning'],
    ['a key', () => page.keyboard.press('x'), 'page'],
    ['a press', () => page.mouse.click(5, 5), 'page'],
    ['a touch', () => page.touchscreen.tap(5, 5), 'page'],
  ];
  for (const [name, act, then] of acts) {
    while ((await look(page)) !== 'warning') await visitor.pass(2 * SECOND);
    await act();
    await visitor.pass(2 * SECOND);
    expect([name, await look(page)]).toEqual([name, then]);
  }
});
