import type { Page } from 'playwright-core';
import { type PageTools, visit } from './support/browser.js';
import { unknownSnapshot } from '../../src/client/state/snapshot.js';
import { AUTO, esmStart } from './support/html.js';
import {
  type Client,
  isReadable,
  isWarned,
  look,
  readerOf,
  SECOND,
  snapshot,
  until,
  warningOf,
} from './support/page.js';
import { openSite, type SiteOptions, status } from './support/site.js';
import { almostWarned, warnedPage } from './support/warned.js';

declare const client: Client & { check(): void };

/** What the page has heard of keys and clicks, before and after the target. */
const LISTENS = `<script>
  window.heard = [];
  for (const type of ['keydown', 'keyup', 'click', 'dblclick', 'mousedown', 'mouseup', 'touchstart', 'touchend'])
    for (const capture of [true, false])
      document.addEventListener(type, (event) => window.heard.push(event.key ?? type), capture);
</script>`;

const heard = (page: Page): Promise<string[]> => page.evaluate(() => (window as never as { heard: string[] }).heard);

async function open(given: SiteOptions = {}) {
  const site = await openSite(given);
  const visitor = await visit(site);
  return { site, visitor, page: await visitor.open() };
}

describe('a warning on a page with a life of its own', () => {
  test.each(['Escape', 'Enter', 'Space', 'Delete', 'a'])(
    'is answered by %s, of which the page hears nothing',
    async (key) => {
      const { visitor, page } = await warnedPage({ page: { body: LISTENS, script: AUTO } });
      await page.keyboard.down(key);
      // A space bar presses a button when it is let go.
      if (key !== 'Space') {
        await visitor.pass(SECOND);
        expect(await look(page)).toBe('page');
        // It is still held, and repeats.
        await page.keyboard.down(key);
      }
      await page.keyboard.up(key);
      await visitor.pass(SECOND);
      expect(await look(page)).toBe('page');
      expect(await heard(page)).toEqual([]);
      await page.keyboard.press(key);
      expect(await heard(page)).not.toEqual([]);
    },
  );

  test.each([
    ['a button', '#go'],
    ['a field of a form', '[name=in]'],
  ])('is answered by a key that is held on, and then presses nothing where %s had the focus', async (_what, field) => {
    const count = 'window.pressed = (window.pressed ?? 0) + 1;';
    const body = `<button id="go" onclick="${count}">Go</button>
      <form onsubmit="event.preventDefault(); ${count}"><input name="in"><button>Send</button></form>`;
    const { visitor, page } = await almostWarned({ page: { body, script: AUTO } });
    await page.locator(field).focus();
    await visitor.pass(2 * SECOND, { step: 500 });
    await page.keyboard.down('Enter');
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('page');
    await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    const pressed = () => page.evaluate(() => (window as never as { pressed?: number }).pressed ?? 0);
    expect(await pressed()).toBe(0);
    await page.keyboard.press('Enter');
    expect(await pressed()).toBe(1);
  });

  test('is answered by a press of a screen reader, also after a key was held in the page', async () => {
    const { visitor, page } = await open();
    await page.getByLabel('Note').focus();
    await page.keyboard.down('a');
    await page.keyboard.down('a');
    await page.keyboard.up('a');
    await visitor.pass(39 * SECOND, { step: 13 * SECOND });
    await visitor.pass(3 * SECOND);
    expect(await look(page)).toBe('warning');
    // It sends a click, and neither a key nor a pointer.
    await page.getByRole('button', { name: 'Stay signed in' }).evaluate((button: HTMLElement) => button.click());
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('page');
  });

  test('is answered by a key, during which the page hears of other keys', async () => {
    const { visitor, page } = await warnedPage({ page: { body: LISTENS, script: AUTO } });
    await page.keyboard.down('Escape');
    await visitor.pass(SECOND);
    await page.keyboard.press('b');
    await page.keyboard.up('Escape');
    expect(await heard(page)).toEqual(['b', 'b', 'b', 'b']);
  });

  test('is answered by a key together with Command, whose release macOS does not tell, and gives the focus back', async () => {
    const { visitor, page } = await almostWarned();
    const note = page.getByLabel('Note');
    await note.focus();
    await visitor.pass(2 * SECOND, { step: 500 });
    await page.keyboard.down('Meta');
    await page.keyboard.down('v');
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('page');
    await page.keyboard.up('Meta');
    await page.keyboard.type('dear');
    expect(await note.inputValue()).toBe('dear');
  });

  test('is answered by a press beside it, of which the page hears nothing', async () => {
    const { visitor, page } = await warnedPage({ page: { body: LISTENS, script: AUTO } });
    await page.mouse.move(3, 3);
    await page.mouse.down();
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('page');
    await page.mouse.up();
    expect(await heard(page)).toEqual([]);
    await page.mouse.click(3, 3);
    expect(await heard(page)).toContain('click');
  });

  test.each<[string, (page: Page) => Promise<unknown>]>([
    ['a key', (page) => page.locator('#go').press('Enter')],
    ['a script', (page) => page.locator('#go').evaluate((button: HTMLElement) => button.click())],
  ])('is answered by a press beside it, after which the page hears of the click of %s', async (_who, act) => {
    const { visitor, page } = await warnedPage({
      page: { body: '<button id="go">Go</button>' + LISTENS, script: AUTO },
    });
    await page.mouse.move(3, 3);
    await page.mouse.down();
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('page');
    await page.mouse.up();
    await act(page);
    expect(await heard(page)).toContain('click');
  });

  test('is answered by a click, of which the page hears nothing', async () => {
    const { visitor, page } = await warnedPage({ page: { body: LISTENS, script: AUTO } });
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('page');
    expect(await heard(page)).toEqual([]);
  });

  test('hides also double clicks and other buttons of the mouse', async () => {
    const body = `<script>
      window.heard = [];
      for (const type of ['dblclick', 'auxclick'])
        document.addEventListener(type, () => window.heard.push(type), true);
    </script>`;
    const { site, visitor, page } = await warnedPage({ page: { body, script: AUTO } });
    // The warning stays until the server has answered.
    site.onPing = (_req, _res, next) => site.after(SECOND, next);
    const box = await page.getByRole('heading', { name: /about to end/ }).boundingBox();
    const title = [box!.x + 5, box!.y + 5] as const;
    await page.mouse.dblclick(...title);
    await page.mouse.click(...title, { button: 'middle' });
    expect(await look(page)).toBe('warning');
    expect(await heard(page)).toEqual([]);
    await visitor.pass(2 * SECOND, { step: 250 });
    expect(await look(page)).toBe('page');
    await page.mouse.click(1, 1, { button: 'middle' });
    expect(await heard(page)).toEqual(['auxclick']);
  });

  test('is answered by a finger, of which the page hears nothing', async () => {
    const site = await openSite({ page: { body: LISTENS, script: AUTO } });
    const visitor = await visit(site, { hasTouch: true });
    const page = await visitor.open();
    await visitor.pass(42 * SECOND, { step: SECOND });
    await page.getByRole('button', { name: 'Stay signed in' }).tap();
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('page');
    expect(await heard(page)).toEqual([]);
  });

  test('can be pressed where the page takes no clicks', async () => {
    const { visitor, page } = await warnedPage({
      page: { body: '<style>html{pointer-events:none}</style>', script: AUTO },
    });
    await visitor.pass(SECOND);
    await page.getByRole('button', { name: 'Sign out now' }).click();
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('login signed-out');
  });

  test.each([['closes'], ['is followed by the cover']])(
    'gives the page its popovers back when it %s, with the focus',
    async (how) => {
      const body = `<div popover id="outer">Letter <div popover id="inner"><input id="deep"></div></div>
        <div popover id="other">Menu</div>`;
      const { site, visitor, page } = await almostWarned({ page: { body, script: AUTO } });
      await page.getByLabel('Note').focus();
      await page.evaluate(() => {
        for (const id of ['other', 'outer', 'inner']) document.getElementById(id)!.showPopover();
        document.getElementById('deep')!.focus();
      });
      await visitor.pass(2 * SECOND, { step: 500 });
      const open = () => page.locator(':popover-open').evaluateAll((all) => all.map(({ id }) => id));
      expect(await open()).toEqual([]);
      if (how !== 'closes') {
        site.onPing = status(503);
        await visitor.pass(100 * SECOND, { step: 10 * SECOND });
        await visitor.context.request.get(`${site.origin}/me`);
        await visitor.pass(20 * SECOND, { step: 2 * SECOND });
        site.onPing = undefined;
      }
      await page.keyboard.press('x');
      await visitor.pass(SECOND, { step: 250 });
      expect(await look(page)).toBe('page');
      expect(await open()).toEqual(['outer', 'inner']);
      await page.keyboard.type('dear');
      expect(await page.locator('#deep').inputValue()).toBe('dear');
    },
  );

  test('stays above a dialog that the page opens later', async () => {
    const { visitor, page } = await warnedPage();
    await page.evaluate(() => {
      const dialog = document.createElement('dialog');
      dialog.textContent = 'Really?';
      dialog.style.cssText = 'width:90vw;height:90vh';
      document.body.append(dialog);
      dialog.showModal();
    });
    await visitor.pass(SECOND, { step: 500 });
    await page.getByRole('button', { name: 'Stay signed in' }).click({ timeout: 2000 });
    await visitor.pass(SECOND);
    expect(await isWarned(page)).toBe(false);
  });

  test('keeps its layout under styles for dialogs and buttons', async () => {
    const style = `<style>dialog{display:flex;width:inherit;min-width:100%;height:inherit;min-height:100%;padding:0;
      background:red;align-items:center}dialog p,button{display:none;width:100%}</style>`;
    const { page } = await warnedPage({ page: { body: style, script: AUTO } });
    const { width, height } = (await warningOf(page).boundingBox())!;
    expect(width).toBeLessThanOrEqual(512);
    expect(height).toBeLessThan(500);
    expect(await page.getByRole('button', { name: 'Stay signed in' }).isVisible()).toBe(true);
  });

  test.each([
    'dialog[open]{opacity:0;width:100vw;max-width:none} dialog:modal{min-height:100vh}',
    'button:not(:disabled){display:none} dialog[open] p{display:none}',
    'dialog.session-timeout.session-timeout{opacity:0;height:90vh} html dialog[open] button{opacity:0;height:0}',
  ])('keeps its layout, like the cover, under stronger styles: %s', async (css) => {
    const { site, visitor, page } = await warnedPage({ page: { body: `<style>${css}</style>`, script: AUTO } });
    const { width, height } = (await warningOf(page).boundingBox())!;
    expect(width).toBeLessThanOrEqual(512);
    expect(height).toBeLessThan(500);
    const stay = page.getByRole('button', { name: 'Stay signed in' });
    expect((await stay.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    expect(await warningOf(page).evaluate((dialog) => getComputedStyle(dialog).opacity)).toBe('1');
    site.onPing = status(503);
    await visitor.pass(3 * 60 * SECOND, { step: 10 * SECOND });
    expect((await page.getByRole('button', { name: 'Try again' }).boundingBox())!.height).toBeGreaterThan(20);
    expect(await page.getByText('The server cannot be reached').isVisible()).toBe(true);
  });

  test.each([
    ['Stay signed in', 'page'],
    ['Sign out now', 'login signed-out'],
  ])('is answered by "%s", also where the browser has translated it', async (name, then) => {
    const { visitor, page } = await warnedPage();
    await visitor.pass(SECOND);
    await page.evaluate(() => {
      // As Chromium does.
      for (const button of document.querySelectorAll('dialog button')) {
        const [outer, inner] = [document.createElement('font'), document.createElement('font')];
        inner.textContent = button.textContent;
        outer.append(inner);
        button.replaceChildren(outer);
      }
    });
    await page.getByRole('button', { name }).click();
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe(then);
  });

  test('changes no element of the page, whatever its id', async () => {
    const style = '<style>#session{width:100px;padding:0;color:red}</style>';
    const { page } = await warnedPage({ page: { body: `${style}<div id="session">Workshop</div>`, script: AUTO } });
    const [width, padding, colour] = await page.locator('#session').evaluate((element) => {
      const { width, padding, color } = getComputedStyle(element);
      return [width, padding, color];
    });
    expect([width, padding, colour]).toEqual(['100px', '0px', 'rgb(255, 0, 0)']);
  });

  test.each(['10px', '62.5%', '100px'])('keeps its size where the root of the page has a font of %s', async (size) => {
    const { page } = await warnedPage({ page: { body: `<style>html{font-size:${size}}</style>`, script: AUTO } });
    expect(await warningOf(page).evaluate((dialog) => getComputedStyle(dialog).fontSize)).toBe('16px');
    expect((await warningOf(page).boundingBox())!.width).toBe(512);
  });

  test('is answered by a key of which a dialog hears nothing that the page has opened before', async () => {
    const opens = `<script>
      window.heard = [];
      setTimeout(() => {
        for (const type of ['keydown', 'keyup']) addEventListener(type, () => window.heard.push(type), true);
      }, 1000);
    </script>`;
    const { visitor, page } = await warnedPage({ page: { body: opens, script: AUTO } });
    await page.keyboard.press('Escape');
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('page');
    expect(await heard(page)).toEqual([]);
  });

  test('is neither on paper nor in the title of what is printed', async () => {
    const { page } = await warnedPage();
    expect(await page.title()).toMatch(/^\(1:5\d\)/);
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await warningOf(page).isVisible()).toBe(false);
    expect(await isReadable(page)).toBe(true);
    expect(await page.title()).toBe('Payroll 1');
  });
});

describe('a new session id', () => {
  test('of the same user carries the page on, with what was typed', async () => {
    const { site, visitor, page } = await open();
    await page.getByLabel('Note').fill('half a letter');
    const { session } = await snapshot(page);
    await visitor.signIn('alice');
    await visitor.pass(2 * SECOND);
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await visitor.pass(3 * SECOND, { step: 500 });
    expect((await snapshot(page)).session).not.toBe(session);
    expect(await isReadable(page)).toBe(true);
    expect(await page.getByLabel('Note').inputValue()).toBe('half a letter');
    expect(site.loads).toEqual({ '/page': 1 });
  });

  test('of another user empties the page and loads it again', async () => {
    const { site, visitor, page } = await open();
    await visitor.signIn('bob');
    await visitor.pass(2 * SECOND);
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(await page.locator('#secret').textContent()).toContain('bob');
    expect(site.loads).toEqual({ '/page': 2 });
  });
});

describe('somebody who is active is not signed out', () => {
  test('on a page with a <base> of another origin', async () => {
    const { site, visitor, page } = await open({
      page: { body: '<base href="https://cdn.example/assets/">', script: AUTO },
    });
    await visitor.pass(90 * SECOND, { each: readerOf(page), step: 3 * SECOND });
    expect(await look(page)).toBe('page');
    expect(site.pings.length).toBeGreaterThan(5);
  });

  test('on a page that has written itself anew', async () => {
    const { visitor, page } = await open();
    await page.evaluate(() => {
      document.open();
      document.write('<title>New</title><p id="secret">new content</p>');
      document.close();
      // The tests take an emptied page for one that is about to be left.
      (window as unknown as PageTools).underWay--;
    });
    await visitor.pass(90 * SECOND, { each: readerOf(page), step: 3 * SECOND });
    expect(await visitor.status()).toMatchObject({ state: 'active' });
  });

  test.each([
    [
      'an iframe in a shadow tree',
      `<div id="host"></div><script>
      document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML = '<iframe src="/frame"></iframe>';</script>`,
    ],
    ['an object', '<object data="/frame" type="text/html" width="300" height="200"></object>'],
    ['an iframe that another page has come into', '<iframe src="/nowhere"></iframe>'],
  ])('who types in %s', async (name, body) => {
    const { visitor, page } = await open({ page: { body, script: AUTO } });
    await page.waitForLoadState();
    const frame = page.frames()[1]!;
    if (name.endsWith('into')) await frame.evaluate(() => location.assign('/frame'));
    await frame.waitForURL(/frame/);
    const note = frame.getByLabel('Note');
    await note.evaluate((input) => input.focus());
    await visitor.pass(2 * SECOND, { step: SECOND });
    await visitor.pass(80 * SECOND, { each: () => page.keyboard.type('x'), step: 4 * SECOND });
    expect(await visitor.status()).toMatchObject({ state: 'active' });
    expect(await look(page)).toBe('page');
  });

  test('in a browser that has neither modal dialogs nor constructable style sheets', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    await visitor.context.addInitScript(() => {
      delete (HTMLDialogElement.prototype as { showModal?: unknown }).showModal;
      delete (Document.prototype as { adoptedStyleSheets?: unknown }).adoptedStyleSheets;
      delete (window as { CSSStyleSheet?: unknown }).CSSStyleSheet;
      delete (AbortSignal as { timeout?: unknown }).timeout;
    });
    const page = await visitor.open();
    await visitor.pass(90 * SECOND, { each: readerOf(page), step: 3 * SECOND });
    expect(await isReadable(page)).toBe(true);
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login idle');
  });
});

test('a menu of the page stays closed after a dialog of the page whose class begins like ours', async () => {
  const body = `<div popover id="menu"><button onclick="details.showModal()">Details</button></div>
    <dialog id="details" class="session-details"><button onclick="details.close()">Done</button></dialog>`;
  const { visitor, page } = await open({ page: { body, script: AUTO } });
  await visitor.pass(SECOND, { step: 500 });
  await page.evaluate(() => document.getElementById('menu')!.showPopover());
  await page.getByText('Details').click();
  await page.getByText('Done').click();
  await visitor.pass(SECOND, { step: 500 });
  expect(await page.locator(':popover-open').count()).toBe(0);
});

test('pings that take eight seconds delay the warning by little, and "Stay signed in" is granted', async () => {
  const { site, visitor, page } = await open();
  site.onPing = (_req, _res, next) => site.after(8 * SECOND, next);
  await visitor.pass(44 * SECOND, { step: SECOND });
  expect(await look(page)).toBe('warning');
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await visitor.pass(10 * SECOND, { step: SECOND });
  expect(await look(page)).toBe('page');
});

describe('for applications', () => {
  test('the snapshot says when the session ends', async () => {
    const { site, visitor, page } = await open();
    const { expiresAt } = await snapshot(page);
    expect(Math.abs(expiresAt! - site.clock.now() - 60 * SECOND)).toBeLessThan(SECOND);
    await visitor.pass(10 * SECOND);
    expect((await snapshot(page)).expiresAt).toBe(expiresAt);
    await visitor.pass(32 * SECOND, { step: SECOND });
    expect(await snapshot(page)).toMatchObject({ state: 'warning' });
    expect(Math.abs((await snapshot(page)).expiresAt! - expiresAt!)).toBeLessThan(SECOND);
  });

  test('a router may lead to the login page itself', async () => {
    const options = `{ onLeave: (url, reason) => {
      window.asked = [url, reason];
      history.pushState(null, '', '/login?by=router');
      document.getElementById('secret').remove();
      return true;
    } }`;
    const { site, visitor, page } = await open({ page: { script: esmStart(options) } });
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(page.url()).toBe(`${site.origin}/login?by=router`);
    expect(await page.evaluate(() => (window as never as { asked: unknown }).asked)).toEqual([
      `${site.origin}/login?reason=idle&returnTo=%2Fpage`,
      'idle',
    ]);
    expect(site.loads).toEqual({ '/page': 1 });
    expect(await snapshot(page)).toMatchObject({ state: 'anonymous', concealed: false });
    await visitor.signIn('alice');
    await page.evaluate(() => client.check());
    await visitor.pass(100);
    expect((await snapshot(page)).state).toBe('active');
  });

  test('a page whose router stays at the end is loaded again if another user has signed in', async () => {
    const script = esmStart('{ onLeave: () => true }');
    const { site, visitor, page } = await open({ page: { script } });
    await visitor.signIn('bob');
    await visitor.pass(2 * SECOND);
    await visitor.open();
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(site.loads).toEqual({ '/page': 3 });
    expect(await page.locator('#secret').textContent()).toContain('bob');
  });

  test('a page is left if its router returns something else than `true`, such as a promise', async () => {
    const { visitor, page } = await open({ page: { script: esmStart('{ async onLeave() {} }') } });
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login idle');
  });

  test('a relative `url` starts from the page, also after a router has changed its path', async () => {
    const { page } = await open({ page: { script: esmStart("{ url: 'session/' }") } });
    const paths: string[] = [];
    page.on('request', (request) => paths.push(new URL(request.url()).pathname));
    await page.evaluate(() => {
      history.pushState(null, '', '/orders/7/edit');
      document.documentElement.lang = 'cy';
      dispatchEvent(new Event('focus'));
      client.stayActive();
    });
    await until(() => paths.some((path) => path.includes('texts')));
    expect(paths.filter((path) => path.startsWith('/orders'))).toEqual([]);
  });

  test('`check()` asks at once', async () => {
    const { site, visitor, page } = await open({ page: { script: esmStart() } });
    await visitor.pass(100);
    const before = site.pings.length;
    await page.evaluate(() => client.check());
    await visitor.pass(100);
    expect(site.pings.length).toBe(before + 1);
  });

  test('pages with the script tag find all that a module offers at `window.sessionTimeout`', async () => {
    const { page } = await open();
    const names = await page.evaluate(() =>
      Object.entries((window as never as { sessionTimeout: object }).sessionTimeout)
        .filter(([, value]) => typeof value === 'function')
        .map(([name]) => name),
    );
    for (const name of ['hold', 'check', 'snapshot', 'subscribe', 'stayActive', 'signOut'])
      expect(names).toContain(name);
    expect(Object.keys(await snapshot(page))).toEqual(Object.keys(unknownSnapshot));
  });

  test('a page of nobody is left alone while the server is in trouble', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    await visitor.context.clearCookies();
    site.onPing = status(503);
    const page = await visitor.open();
    await visitor.pass(120 * SECOND, { step: 10 * SECOND });
    expect(await page.getByRole('heading').isVisible()).toBe(true);
  });
});
