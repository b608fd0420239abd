import type { Page } from 'playwright-core';
import { visit } from './support/browser.js';
import { AUTO, esmStart } from './support/html.js';
import { isReadable, isWarned, look, SECOND } from './support/page.js';
import { openSite, status } from './support/site.js';
import { warnedPage } from './support/warned.js';

/** A page that is covered, as the server does not answer. Its session may go on, thanks to another page. */
async function coveredPage(goesOn = false, body = '') {
  const site = await openSite({ page: { body, script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  site.onPing = status(503);
  await visitor.pass(58 * SECOND, { step: 2 * SECOND });
  if (goesOn) await visitor.context.request.get(`${site.origin}/me`);
  await visitor.pass(4 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('cover');
  return { site, visitor, page };
}

/** What lies in the middle of the window. */
const inTheMiddle = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('dialog')?.className);

describe('where the login page has the path of the page itself,', () => {
  test.each(['/page#/login', '/page', '/page?at=login', '/page?reason=idle'])(
    '%s, the page is emptied and loaded once',
    async (redirectTo) => {
      const site = await openSite({ options: { redirectTo } });
      const visitor = await visit(site);
      const page = await visitor.open();
      await page.evaluate(() => Object.assign(window, { old: true }));
      await visitor.pass(64 * SECOND, { step: 2 * SECOND });
      expect(await page.evaluate(() => 'old' in window)).toBe(false);
      expect(await isReadable(page)).toBe(false);
      expect(new URL(page.url()).searchParams.get('reason')).toBe('idle');
      await visitor.pass(10 * SECOND, { step: 2 * SECOND });
      expect(site.loads).toEqual({ '/page': 2 });
    },
  );

  test('also if it is there already, with the reason of the last time', async () => {
    const site = await openSite({ options: { redirectTo: '/page#/login' } });
    const visitor = await visit(site);
    const page = await visitor.open('/page?reason=idle#/login');
    await page.evaluate(() => Object.assign(window, { old: true }));
    await visitor.pass(64 * SECOND, { step: 2 * SECOND });
    expect(await page.evaluate(() => 'old' in window)).toBe(false);
    expect(await isReadable(page)).toBe(false);
    expect(site.loads).toEqual({ '/page': 2 });
  });
});

test('a script that clicks and types keeps nobody signed in', async () => {
  const site = await openSite({
    page: {
      body: '<label><input type="radio" name="r" id="a">A</label><label><input type="radio" name="r" id="b">B</label>',
    },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.getByLabel('Note').focus();
  await visitor.pass(6 * SECOND);
  const act = () =>
    page
      .evaluate(() => {
        document.execCommand('insertText', false, 'x');
        const [a, b] = ['a', 'b'].map((id) => document.getElementById(id) as HTMLInputElement);
        (a!.checked ? b! : a!).click();
      })
      .catch(() => undefined);
  await visitor.pass(58 * SECOND, { each: act, step: 2 * SECOND });
  expect(await look(page)).toBe('login idle');
});

test.each([
  ['clicks a label', `document.querySelector('#label').click()`],
  [
    'clicks by a bound method',
    `document.querySelector('[name=r]:not(:checked)').click.bind(document.querySelector('[name=r]:not(:checked)'))()`,
  ],
  ['closes all dialogs', `document.querySelectorAll('dialog').forEach((dialog) => dialog.close())`],
])('a timer that %s keeps nobody signed in', async (_name, code) => {
  const body = `<label id="label"><input type="checkbox">C</label><input type="radio" name="r"><input type="radio" name="r">
    <script>setInterval(() => { ${code}; }, 2000);</script>`;
  const site = await openSite({ page: { body, script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(64 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('login idle');
});

test.each([
  ['clicks a box', `const box = document.querySelector('#box'); setInterval(box.click.bind(box), 300);`],
  [
    'types',
    `document.querySelector('[name=note]').focus(); setInterval(document.execCommand.bind(document, 'insertText', false, 'x'), 300);`,
  ],
])('a timer of the browser itself that %s keeps nobody signed in', async (_name, code) => {
  const body = `<input type="checkbox" id="box"><script>addEventListener('load', () => { ${code} });</script>`;
  const site = await openSite({
    realTime: true,
    options: { idleTimeout: 4000, warnBefore: 1000 },
    page: { body, script: AUTO },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.waitForURL(/login/, { timeout: 20 * SECOND });
  expect(await look(page)).toBe('login idle');
});

test.each([0, 1])(
  'a script that types keeps nobody signed in where errors have %d entries of the stack',
  async (limit) => {
    const site = await openSite();
    const visitor = await visit(site);
    await visitor.context.addInitScript((limit) => void (Error.stackTraceLimit = limit), limit);
    const page = await visitor.open();
    await page.getByLabel('Note').focus();
    await visitor.pass(6 * SECOND);
    const type = () => page.evaluate(() => document.execCommand('insertText', false, 'x')).catch(() => undefined);
    await visitor.pass(58 * SECOND, { each: type, step: 2 * SECOND });
    expect(await look(page)).toBe('login idle');
  },
);

test('somebody who dictates is not signed out by a page that wraps listeners, as tools for errors do', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  await visitor.context.addInitScript(() => {
    const { addEventListener } = EventTarget.prototype;
    EventTarget.prototype.addEventListener = function (type: string, listener: never, options: never) {
      const wrapped = (event: Event) => (listener as (event: Event) => unknown)(event);
      addEventListener.call(this, type, wrapped, options);
    };
  });
  const page = await visitor.open();
  await page.getByLabel('Note').focus();
  await visitor.pass(80 * SECOND, { each: () => page.keyboard.insertText('x'), step: 4 * SECOND });
  expect(await look(page)).toBe('page');
});

test('a page that wraps listeners gets no more of them with time', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  await visitor.context.addInitScript(() => {
    const { addEventListener } = EventTarget.prototype;
    const page = Object.assign(window, { heard: 0 });
    EventTarget.prototype.addEventListener = function (type: string, listener: never, options: never) {
      const wrapped = (event: Event) => {
        if (type === 'pointermove') page.heard++;
        return (listener as (event: Event) => unknown)(event);
      };
      addEventListener.call(this, type, wrapped, options);
    };
  });
  const page = await visitor.open();
  await page.getByLabel('Note').focus();
  await visitor.pass(20 * SECOND, { each: () => page.mouse.move(Math.random() * 99, 9), step: 2 * SECOND });
  await page.evaluate(() => Object.assign(window, { heard: 0 }));
  await page.mouse.move(100, 100);
  expect(await page.evaluate(() => (window as never as { heard: number }).heard)).toBe(1);
});

test('a page may replace random numbers and stack traces', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  await visitor.context.addInitScript(() => {
    Math.random = () => 0;
    (Error as { prepareStackTrace?: unknown }).prepareStackTrace = (_error: unknown, sites: unknown) => sites;
  });
  const page = await visitor.open();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.getByLabel('Note').focus();
  await visitor.pass(80 * SECOND, { each: () => page.keyboard.insertText('x'), step: 4 * SECOND });
  expect(await look(page)).toBe('page');
  expect(errors).toEqual([]);
});

test('a page without a login page is loaded again although its router fails', async () => {
  const body = `<script>history.replaceState = () => { throw new Error('No such route'); };</script>`;
  const site = await openSite({ options: { redirectTo: undefined }, page: { body, script: AUTO } });
  const visitor = await visit(site);
  await visitor.open();
  await visitor.pass(64 * SECOND, { step: 2 * SECOND });
  expect(site.loads).toEqual({ '/page': 2 });
});

test('a page is left although its router fails', async () => {
  const site = await openSite({ page: { script: esmStart(`{ onLeave() { throw new Error('No such route'); } }`) } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(64 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('login idle');
});

describe('a page whose router could keep every page (Navigation API),', () => {
  const router = (keep: string) => `<script>
    const show = async () => { document.documentElement.innerHTML = '<p id="secret">earns 4 200</p>'; };
    navigation.addEventListener('navigate', (event) => { ${keep}; });
  </script>`;

  test.each([
    ['by showing the next one itself', 'event.intercept({ handler: show })'],
    ['by refusing to go', 'event.preventDefault()'],
  ])('%s, is left', async (_how, keep) => {
    const site = await openSite({ page: { body: router(keep), script: AUTO } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(64 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login idle');
    expect(site.loads).toMatchObject({ '/login': 1 });
  });

  test('is loaded again if there is no login page', async () => {
    const body = router('event.intercept({ handler: show })');
    const site = await openSite({ options: { redirectTo: undefined }, page: { body, script: AUTO } });
    const visitor = await visit(site);
    await visitor.open();
    await visitor.pass(64 * SECOND, { step: 2 * SECOND });
    expect(site.loads).toEqual({ '/page': 2 });
  });
});

describe('a page that is covered shows nothing of', () => {
  const message = `<style>:host,p{visibility:visible;position:fixed;inset:auto 0 0 auto}</style><p popover="manual">earns 4 200</p>`;
  const isShown = (page: Page): Promise<boolean> =>
    page.locator('#toast p').evaluate((text) => text.checkVisibility({ visibilityProperty: true }));

  test('a component that comes later, above all dialogs, and shows it again afterwards', async () => {
    const { site, visitor, page } = await coveredPage(true);
    await page.evaluate((message) => {
      const [outer, host] = [document.createElement('div'), document.createElement('div')];
      host.id = 'toast';
      outer.attachShadow({ mode: 'open' }).append(host);
      host.attachShadow({ mode: 'open' }).innerHTML = message;
      document.body.append(outer);
      host.shadowRoot!.querySelector('p')!.showPopover();
    }, message);
    expect(await isShown(page)).toBe(false);
    site.onPing = undefined;
    await page.keyboard.press('a');
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('page');
    expect(await isShown(page)).toBe(true);
  });

  test('a component that was there before', async () => {
    const body = `<div id="toast"><template shadowrootmode="open">${message}</template></div>`;
    const { page } = await coveredPage(false, body);
    await page.locator('#toast p').evaluate((text) => (text as HTMLElement).showPopover());
    expect(await isShown(page)).toBe(false);
  });

  test('what is typed, though a frame takes the focus', async () => {
    const { visitor, page } = await coveredPage(true, '<iframe src="/frame"></iframe>');
    const note = page.frames()[1]!.getByLabel('Note');
    await note.evaluate((field) => setInterval(() => field.focus(), 400));
    await visitor.pass(SECOND, { step: 100 });
    await page.keyboard.type('dear');
    expect(await note.inputValue()).toBe('');
  });
});

describe('a page that changes its title while it is covered', () => {
  const titleOf = (page: Page, then: number): Promise<string[]> =>
    page.evaluate((then) => {
      const seen: string[] = [];
      document.title = `Salary of Bob ${then}`;
      // Nobody sees what was there before the browser could paint.
      return Promise.resolve().then(() => {
        seen.push(document.title);
        document.querySelector('title')!.firstChild!.nodeValue = 'Salary of Carol';
        return Promise.resolve().then(() => [...seen, document.title]);
      });
    }, then);

  test('does not show it, and gets it back', async () => {
    const { site, visitor, page } = await coveredPage(true);
    for (let then = 0; then < 3; then++) {
      expect(await titleOf(page, then)).toEqual([
        expect.stringContaining('cannot be reached'),
        expect.stringContaining('cannot be reached'),
      ]);
      await visitor.pass(SECOND);
      expect(await page.title()).toContain('cannot be reached');
    }
    site.onPing = undefined;
    await page.keyboard.press('a');
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('page');
    expect(await page.title()).toBe('Salary of Carol');
  });

  test('is not stopped if it insists', async () => {
    const { visitor, page } = await coveredPage();
    await page.evaluate(() => {
      const insist = () => {
        if (document.title !== 'Mine') document.title = 'Mine';
      };
      new MutationObserver(insist).observe(document.head, { subtree: true, childList: true });
      insist();
    });
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(await look(page)).toBe('cover');
  });
});

describe('a page that takes away', () => {
  test('the style sheets cannot be read while it is covered', async () => {
    const { visitor, page } = await coveredPage();
    await page.evaluate(() => {
      document.adoptedStyleSheets = [];
    });
    expect(await isReadable(page)).toBe(false);
    expect(await inTheMiddle(page)).toBe('session-cover');
    await page.evaluate(() => document.getElementById('secret')!.style.setProperty('visibility', 'visible'));
    await visitor.pass(SECOND);
    expect(await isReadable(page)).toBe(false);
  });

  test.each(['remove', 'close'] as const)('the cover (%s) gets it back', async (how) => {
    const { visitor, page } = await coveredPage();
    await page.evaluate((how) => document.querySelector<HTMLDialogElement>('.session-cover')![how](), how);
    expect(await isReadable(page)).toBe(false);
    await visitor.pass(SECOND);
    expect(await inTheMiddle(page)).toBe('session-cover');
  });

  test('the warning gets it back, with the focus on the same button', async () => {
    const { visitor, page } = await warnedPage();
    await page.keyboard.press('Tab');
    await page.evaluate(() => document.querySelector('dialog.session-timeout')!.remove());
    expect(await isWarned(page)).toBe(false);
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await isWarned(page)).toBe(true);
    await page.evaluate(() => {
      document.adoptedStyleSheets = [];
    });
    await visitor.pass(SECOND, { step: 500 });
    expect(await page.evaluate(() => document.adoptedStyleSheets.length)).toBe(1);
  });
});
