import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Frame, Page } from 'playwright-core';
import { Gate } from '../support/gate.js';
import { visit } from './support/browser.js';
import { AUTO } from './support/html.js';
import { isReadable, look, SECOND, until } from './support/page.js';
import { openSite, type Site, status } from './support/site.js';

const PRIVATE = '<p id="secret">earns 4 200</p><label>Note <input name="note"/></label>';
/** Chromium runs no module scripts in XML. */
const IN_XML = '<script>import("/session/client.js");</script>';
const LOSING = `<script>addEventListener('beforeunload', (event) => { event.preventDefault(); });</script>`;

/** Pages that are no ordinary HTML. */
@Controller()
class DocumentsController {
  @Get('xhtml')
  @Header('Content-Type', 'application/xhtml+xml')
  xhtml() {
    return `<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" lang="en">
      <head><title>Payroll</title>${IN_XML}${LOSING}</head><body>${PRIVATE}</body></html>`;
  }

  @Get('frameset')
  frameset() {
    return `<!doctype html><html lang="en"><head><title>Payroll</title>${AUTO}</head>
      <frameset cols="50%,50%"><frame src="/pane"><frame src="/pane"></frameset></html>`;
  }

  @Get('pane')
  pane() {
    return `<!doctype html><title>Pane</title>${PRIVATE}`;
  }

  /** Its script never comes, so that it never loads. */
  @Get('hanging')
  hanging() {
    return `<!doctype html><title>Hanging</title>${PRIVATE}<script src="/never.js"></script>`;
  }

  @Get('never.js')
  never(@Req() req: Request, @Res() res: Response) {
    const { site } = this.constructor as unknown as { site: Site };
    site.never(res);
    req.on('close', () => res.end());
  }

  static site: Site;
}

async function open(path: string, body = '') {
  const site = await openSite({ controllers: [DocumentsController], page: { body, script: AUTO } });
  DocumentsController.site = site;
  const visitor = await visit(site);
  const page = await visitor.open(path);
  return { site, visitor, page };
}

const typing = (page: Page) => () => page.keyboard.type('x');

describe('a page of XHTML', () => {
  test('is covered, warns, and is left though it asks to stay', async () => {
    const { site, visitor, page } = await open('/xhtml');
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.waitForFunction(() => 'sessionTimeout' in window);
    await visitor.settle();
    await page.mouse.click(300, 300);
    await visitor.pass(44 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('warning');
    await page.keyboard.press('Enter');
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('page');
    site.onPing = status(503);
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('cover');
    site.onPing = undefined;
    await page.keyboard.press('x');
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await look(page)).toBe('login idle');
    expect(asked).toEqual([]);
  });

  test('counts typing', async () => {
    const { visitor, page } = await open('/xhtml');
    await page.waitForFunction(() => 'sessionTimeout' in window);
    await page.locator('input').focus();
    await visitor.pass(80 * SECOND, { each: typing(page), step: 4 * SECOND });
    expect(await look(page)).toBe('page');
  });
});

describe('a page of <frame>s', () => {
  test('warns, can be answered, is covered and left', async () => {
    const { site, visitor, page } = await open('/frameset');
    const isSeen = () => page.frames()[1]!.locator('#secret').isVisible();
    expect(await isSeen()).toBe(true);
    await visitor.pass(44 * SECOND, { step: 2 * SECOND });
    await page.getByRole('button', { name: 'Stay signed in' }).click({ timeout: 3000 });
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await page.locator('dialog[open]').count()).toBe(0);
    site.onPing = status(503);
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await page.evaluate(() => document.elementFromPoint(200, 200)?.closest('dialog')?.className)).toBe(
      'session-cover',
    );
    site.onPing = undefined;
    await page.mouse.click(200, 200);
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await look(page)).toBe('login idle');
  });

  test('counts typing in a frame', async () => {
    const { visitor, page } = await open('/frameset');
    await page.frames()[1]!.getByLabel('Note').focus();
    await visitor.pass(80 * SECOND, { each: typing(page), step: 4 * SECOND });
    expect(await visitor.status()).toMatchObject({ state: 'active' });
    expect(await page.locator('dialog[open]').count()).toBe(0);
  });
});

test('typing in a frame counts although the part for frames could not be loaded at first', async () => {
  const body = '<iframe src="/pane"></iframe>';
  const site = await openSite({ controllers: [DocumentsController], page: { body, script: AUTO } });
  const visitor = await visit(site);
  let asked = 0;
  await visitor.context.route('**/session/extras.js*', (route) =>
    ++asked === 1 ? route.fulfill({ status: 502, body: 'Bad gateway' }) : route.continue(),
  );
  const page = await visitor.open();
  await visitor.pass(2 * SECOND);
  await page.frames()[1]!.getByLabel('Note').click();
  await visitor.pass(2 * SECOND);
  let warnings = 0;
  await visitor.pass(80 * SECOND, {
    step: 4 * SECOND,
    async each() {
      await page.keyboard.type('x');
      warnings += await page.locator('dialog.session-timeout').count();
    },
  });
  expect(warnings).toBe(0);
  expect(asked).toBe(2);
});

test('somebody who only moves the mouse over a frame in a shadow tree is not signed out', async () => {
  const body = `<div id="host"></div><script>
    document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML =
      '<iframe src="/frame" style="width: 600px; height: 400px"></iframe>';</script>`;
  const site = await openSite({ page: { body, script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.waitForLoadState();
  const { x, y } = (await (await page.frames()[1]!.frameElement()).boundingBox())!;
  await page.mouse.move(x - 5, y + 20);
  let step = 0;
  const read = () => page.mouse.move(x + 20 + (++step % 20) * 5, y + 20);
  await visitor.pass(80 * SECOND, { each: read, step: 4 * SECOND });
  expect(await visitor.status()).toMatchObject({ state: 'active' });
});

test('a page of the application in a frame does not sign out the page around it', async () => {
  const site = await openSite({ page: { script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  // Applications clear their own storage this way. Then the client in the frame is the first to write into it.
  await page.evaluate(() => {
    sessionStorage.clear();
    document.body.append(Object.assign(document.createElement('iframe'), { src: '/page?inside' }));
  });
  await page.frameLocator('iframe').locator('#secret').waitFor();
  await visitor.pass(6 * SECOND, { step: 500 });
  expect(await look(page)).toBe('page');
  expect(await visitor.status()).toMatchObject({ state: 'active' });
});

describe('a second page that never finishes loading', () => {
  test.each([
    ['in an iframe', '/page', '<iframe src="/pane"></iframe>'],
    ['in a <frame>', '/frameset', ''],
  ])('%s is watched', async (_name, path, body) => {
    const { visitor, page } = await open(path, body);
    await page.waitForLoadState();
    await page.frames()[1]!.waitForLoadState();
    await visitor.pass(SECOND);
    await page.frames()[1]!.evaluate(() => location.assign('/hanging'));
    await page.frames()[1]!.waitForURL(/hanging/, { waitUntil: 'commit' });
    await page.frames()[1]!.getByLabel('Note').focus();
    await visitor.pass(80 * SECOND, { each: typing(page), step: 4 * SECOND });
    expect(await visitor.status()).toMatchObject({ state: 'active' });
  });
});

describe('a window that the page has opened and written into', () => {
  const body = `<button id="popup" onclick="
    const view = window.view = window.open('', '', 'width=300,height=300');
    view.document.write('<title>Report</title><p id=secret>earns 4 200</p><label>Note <input></label>');
    view.document.close();">Open</button>`;

  async function openPopup() {
    const opened = await open('/page', body);
    const [popup] = await Promise.all([opened.page.waitForEvent('popup'), opened.page.locator('#popup').click()]);
    expect(await popup.locator('#secret').isVisible()).toBe(true);
    return { ...opened, popup };
  }

  test('counts', async () => {
    const { visitor, popup } = await openPopup();
    await visitor.pass(2 * SECOND, { step: SECOND });
    await popup.getByLabel('Note').focus();
    await visitor.pass(80 * SECOND, { each: typing(popup), step: 4 * SECOND });
    expect(await visitor.status()).toMatchObject({ state: 'active' });
  });

  test('is hidden with the page, also its title, and closed at the end', async () => {
    const { site, visitor, page, popup } = await openPopup();
    site.onPing = status(503);
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('cover');
    expect(await isReadable(popup)).toBe(false);
    expect(await popup.title()).toBe(await page.title());
    site.onPing = undefined;
    await page.mouse.click(300, 300);
    const isClosed = popup.waitForEvent('close');
    // The clock of the tests does not like windows that close.
    await visitor.pass(2 * SECOND, { step: 500 }).catch(() => undefined);
    await isClosed;
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await look(page)).toBe('login idle');
  });

  test('is closed when the page is left, as the next page does not know of it', async () => {
    const { visitor, page, popup } = await openPopup();
    await visitor.pass(2 * SECOND, { step: SECOND });
    const isClosed = popup.waitForEvent('close');
    await page.getByText('Next').click();
    await isClosed;
    await page.waitForURL(/n=2/);
    expect(await isReadable(page)).toBe(true);
  });

  test('stays open if it is empty and about to go to a page of its own when the page is left', async () => {
    const { visitor, page } = await open(
      '/page',
      `<button onclick="
        const view = window.open('');
        view.location = '/frame';
        location.href = '/page?n=2';">Go</button>`,
    );
    const gate = new Gate();
    await visitor.context.route('**/frame', async (route) => {
      await gate.pass();
      await route.continue();
    });
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByText('Go').click()]);
    await page.waitForURL(/n=2/);
    gate.open();
    await popup.waitForURL(/frame/);
    await visitor.pass(SECOND);
    expect(popup.isClosed()).toBe(false);
  });

  test('stays open when a visitor leaves the page', async () => {
    const { site, visitor, page: signedIn } = await open('/page', body);
    await signedIn.close();
    await visitor.context.clearCookies();
    const page = await visitor.open('/page');
    await visitor.pass(2 * SECOND, { step: SECOND });
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('#popup').click()]);
    await visitor.pass(2 * SECOND, { step: SECOND });
    await page.goto(`${site.origin}/page?n=2`);
    await visitor.pass(SECOND);
    expect(popup.isClosed()).toBe(false);
    expect(await popup.locator('#secret').isVisible()).toBe(true);
  });

  test('is hidden, also if a frame has opened it', async () => {
    const frame = `<iframe srcdoc="${body.replaceAll('"', '&quot;')}"></iframe>`;
    const { site, visitor, page } = await open('/page', frame);
    await visitor.pass(2 * SECOND, { step: SECOND });
    const button = page.frameLocator('iframe').locator('#popup');
    const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
    expect(await popup.locator('#secret').isVisible()).toBe(true);
    site.onPing = status(503);
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('cover');
    expect(await isReadable(popup)).toBe(false);
  });

  test('is shown again with the page, and keeps its title and the `display` of its root', async () => {
    const { site, visitor, page, popup } = await openPopup();
    const display = () => popup.evaluate(() => document.documentElement.style.display);
    await popup.evaluate(() => {
      document.documentElement.style.display = 'grid';
    });
    await visitor.pass(2 * SECOND, { step: SECOND });
    expect(await display()).toBe('grid');
    site.onPing = status(503);
    await visitor.pass(30 * SECOND, { step: 2 * SECOND });
    await page.mouse.move(200, 200);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await isReadable(popup)).toBe(false);
    expect(await popup.title()).not.toBe('Report');
    site.onPing = undefined;
    await page.mouse.click(300, 300);
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await look(page)).toBe('page');
    expect(await popup.title()).toBe('Report');
    expect(await isReadable(popup)).toBe(true);
    expect(await display()).toBe('grid');
  });
});

test('a window with a page of its own stays open, even if its address begins like about:blank', async () => {
  const { visitor, page } = await open('/page', `<button onclick="window.open('about-us')">About us</button>`);
  const [other] = await Promise.all([page.waitForEvent('popup'), page.getByText('About us').click()]);
  await visitor.pass(64 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('login idle');
  expect(other.isClosed()).toBe(false);
});

test('a window that goes on to another origin causes no errors', async () => {
  const { site, visitor, page } = await open('/page', `<button onclick="window.view = window.open('')">Open</button>`);
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByText('Open').click()]);
  await visitor.pass(3 * SECOND, { step: SECOND });
  await popup.goto(`${site.origin.replace('localhost', '127.0.0.1')}/frame`);
  await visitor.pass(3 * SECOND, { step: SECOND });
  expect(errors).toEqual([]);
});

test('a window with a client of its own is left to that client', async () => {
  const body = `<button onclick="window.open('/page?n=2', 'help')">Help</button>
    <button onclick="window.open('', 'help')">Front</button>`;
  const { visitor, page } = await open('/page', body);
  const [other] = await Promise.all([page.waitForEvent('popup'), page.getByText('Help').click()]);
  await other.waitForLoadState();
  await visitor.settle();
  await page.getByText('Front').click();
  await visitor.pass(64 * SECOND, { step: 2 * SECOND });
  expect([await look(page), await look(other)]).toEqual(['login idle', 'login idle']);
});

test('a page that has opened itself shows its cover', async () => {
  const { site, visitor, page } = await open('/page', `<button onclick="window.open('', '_self')">Self</button>`);
  await page.getByText('Self').click();
  await visitor.pass(2 * SECOND);
  site.onPing = status(503);
  await visitor.pass(64 * SECOND, { step: 2 * SECOND });
  expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(true);
});

test('a film in picture-in-picture is closed when the page is hidden', async () => {
  const body = `<script>
    // This browser has no window for films.
    let film = document.body;
    Object.defineProperty(document, 'pictureInPictureElement', { get: () => film });
    document.exitPictureInPicture = async () => { film = null; };
  </script>`;
  const { site, visitor, page } = await open('/page', body);
  const isOpen = () => page.evaluate(() => document.pictureInPictureElement !== null);
  await visitor.pass(30 * SECOND, { step: 2 * SECOND });
  expect(await isOpen()).toBe(true);
  site.onPing = status(503);
  await visitor.pass(32 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('cover');
  expect(await isOpen()).toBe(false);
});

test('a film of a frame in picture-in-picture is closed when the page is hidden, unless the frame has gone to another site', async () => {
  const { site, visitor, page } = await open('/page', '<iframe src="/frame"></iframe><iframe src="/frame"></iframe>');
  const [, frame, other] = page.frames() as [Frame, Frame, Frame];
  for (const one of [frame, other]) await until(() => one.url().includes('/frame'));
  await frame.evaluate(() => {
    // This browser has no window for films.
    let film: Element | null = document.body;
    Object.defineProperty(document, 'pictureInPictureElement', { get: () => film });
    document.exitPictureInPicture = async () => void (film = null);
  });
  const errors: Error[] = [];
  page.on('pageerror', (error) => void errors.push(error));
  await visitor.pass(10 * SECOND, { step: 2 * SECOND });
  await other.goto(`${site.origin.replace('localhost', '127.0.0.1')}/login`);
  site.onPing = status(503);
  await visitor.pass(52 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('cover');
  expect(await frame.evaluate(() => document.pictureInPictureElement)).toBeNull();
  expect(errors).toEqual([]);
});

test('the picture-in-picture window of a page is hidden with the page', async () => {
  const open = `documentPictureInPicture.requestWindow().then((view) => {
    window.view = view;
    view.document.body.textContent = 'earns 4 200';
  })`;
  const site = await openSite({ page: { body: `<button onclick="${open}">Pop out</button>`, script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.getByRole('button', { name: 'Pop out' }).click();
  await page.waitForFunction(() => 'view' in window);
  const display = () =>
    page.evaluate(() => getComputedStyle((window as never as { view: Window }).view.document.documentElement).display);
  await visitor.pass(2 * SECOND);
  expect(await display()).toBe('block');
  site.onPing = status(503);
  await visitor.pass(62 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('cover');
  expect(await display()).toBe('none');
});
