import type { Page } from 'playwright-core';
import { heardOn } from './support/accessibility.js';
import { visit } from './support/browser.js';
import { esmStart } from './support/html.js';
import { look, MINUTE, SECOND, warningOf } from './support/page.js';
import { openSite, type SiteOptions } from './support/site.js';
import { almostWarned, LONG, warnedPage } from './support/warned.js';

/** Where the focus is, into frames and shadow trees as far as they are open. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const path: string[] = [];
    let element = document.activeElement;
    while (element) {
      const { id, tagName } = element;
      path.push(tagName === 'BODY' ? tagName : id || element.getAttribute('name') || element.textContent || tagName);
      element =
        element.shadowRoot?.activeElement ?? (element as HTMLIFrameElement).contentDocument?.activeElement ?? null;
    }
    return path;
  });

test('the warning comes two minutes before the end, by default', async () => {
  const { page, site, visitor } = await almostWarned();
  expect(await look(page)).toBe('page');
  await visitor.pass(1500, { step: 500 });
  expect(await look(page)).toBe('warning');
  expect((await visitor.status()).expiresIn).toBeGreaterThan(119);
  expect(site.events).toHaveLength(1);
});

test('after a sleep the warning shows how little time is left', async () => {
  const site = await openSite({ options: LONG });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.sleep(14 * MINUTE + 50 * SECOND);
  await visitor.pass(SECOND, { step: 250 });
  expect(await look(page)).toBe('warning');
  expect(await warningOf(page).textContent()).toMatch(/0:0[89]/);
});

test('a page does not scroll when the focus goes back to a field that is out of sight', async () => {
  const site = await openSite({ page: { body: '<div style="height:5000px"></div>' } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.getByLabel('Note').focus();
  await page.evaluate(() => scrollTo(0, 2000));
  await visitor.pass(42 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('warning');
  // The focus waits until the key is released.
  await page.keyboard.down('Enter');
  await visitor.pass(500, { step: 250 });
  expect(await look(page)).toBe('page');
  await page.keyboard.up('Enter');
  expect(await focused(page)).toEqual(['note']);
  expect(await page.evaluate(() => scrollY)).toBe(2000);
});

test('the session can be extended twelve times in a row by the keyboard alone', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  for (let round = 0; round < 12; round++) {
    await visitor.pass(39 * SECOND, { step: 13 * SECOND });
    await visitor.pass(3 * SECOND);
    expect([round, await look(page)]).toEqual([round, 'warning']);
    await page.keyboard.press(['Enter', 'Space', 'Escape'][round % 3] as string);
    await visitor.pass(500, { step: 250 });
    expect([round, await look(page)]).toEqual([round, 'page']);
  }
  expect(await visitor.status()).toMatchObject({ state: 'active' });
});

test('the dialog has a name and a description, is modal, and nothing else can be heard', async () => {
  const { page } = await warnedPage();
  const heard = await heardOn(page);
  const [dialog, ...others] = heard.filter(({ role }) => /dialog/.test(role));
  expect(others).toEqual([]);
  expect(dialog).toMatchObject({ name: 'Your session is about to end', properties: { modal: true } });
  expect(dialog?.description).toContain('signed out');
  expect(heard.filter(({ role }) => /^(main|banner|textbox|link)$/.test(role))).toEqual([]);
  expect(heard.filter(({ role }) => role === 'button').map(({ name }) => name)).toEqual([
    'Stay signed in',
    'Sign out now',
  ]);
});

describe('the focus goes into the dialog, stays there, and returns', () => {
  const body = `<div id="host"></div><iframe id="frame" src="/frame"></iframe>
    <dialog id="own"><button id="inside">Inside</button></dialog>`;
  const places: [string, (page: Page) => Promise<unknown>][] = [
    ['to a field', (page) => page.getByLabel('Note').first().focus()],
    [
      'into a shadow tree',
      (page) =>
        page.evaluate(() => {
          const input = document.createElement('input');
          input.id = 'deep';
          document.getElementById('host')?.attachShadow({ mode: 'open' }).append(input);
          input.focus();
        }),
    ],
    [
      'into a shadow tree whose host can have the focus, too',
      (page) =>
        page.evaluate(() => {
          const host = document.getElementById('host')!;
          const input = document.createElement('input');
          input.id = 'deep';
          host.tabIndex = -1;
          host.attachShadow({ mode: 'open' }).append(input);
          input.focus();
        }),
    ],
    [
      'into a frame',
      (page) =>
        page
          .frameLocator('iframe')
          .getByLabel('Note')
          .evaluate((input) => input.focus()),
    ],
    [
      'into a dialog of the page',
      (page) => page.evaluate(() => document.querySelector<HTMLDialogElement>('#own')?.showModal()),
    ],
  ];

  test.each(places)('%s', async (_name, put) => {
    const { page, visitor } = await almostWarned({ page: { body } });
    await put(page);
    const before = await focused(page);
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await focused(page)).toEqual(['Stay signed in']);
    for (let i = 0; i < 5; i++) {
      await page.keyboard.press('Tab');
      // Between its last and its first button the focus belongs to the browser.
      expect(['Stay signed in', 'Sign out now', 'BODY']).toContain((await focused(page))[0]);
    }
    await page.keyboard.press('Escape');
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('page');
    expect(await focused(page)).toEqual(before);
  });
});

test('before the absolute limit the warning offers no "stay" but advises to save', async () => {
  const site = await openSite({ options: { ...LONG, absoluteTimeout: 10 * MINUTE } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(7 * MINUTE + 58 * SECOND, {
    step: 14 * SECOND,
    each: () => page.mouse.move(Math.random() * 300, 9),
  });
  expect(await look(page)).toBe('page');
  await visitor.pass(4 * SECOND, { step: 500 });
  expect(await look(page)).toBe('warning');
  expect(await page.getByRole('button', { name: 'Stay signed in' }).count()).toBe(0);
  expect(await warningOf(page).textContent()).toContain('Save your work now');
  await page.getByRole('button', { name: 'Back to the page' }).click();
  expect(await look(page)).toBe('page');
  // It ends on time, whatever the user does.
  await visitor.pass(115 * SECOND, { step: 5 * SECOND, each: () => page.keyboard.press('x') });
  expect(await look(page)).toBe('page');
  await visitor.pass(5 * SECOND, { each: () => page.keyboard.press('x') });
  expect(await look(page)).toBe('login absolute');
});

test('the text says why the session ends and what is lost', async () => {
  const { page } = await warnedPage();
  expect(await warningOf(page).textContent()).toMatch(/not been active.*not saved will be lost/);
});

describe('the text says nothing of a loss', () => {
  test.each([
    ['on a page that stays when the session ends', "{ whenEnded: 'sign-in-here' }", false],
    ['where drafts are kept', '{}', true],
  ])('%s', async (_where, start, hasDrafts) => {
    expect(await warningText(start, hasDrafts)).toMatch(/not been active and will be signed out\.(?!.*lost)/);
  });

  test('but it does on a page that keeps no drafts', async () => {
    expect(await warningText('{ drafts: false }', true)).toMatch(/not saved will be lost/);
  });

  test('and on plain http, where browsers can keep none', async () => {
    expect(await warningText('{}', true, { byAddress: true })).toMatch(/not saved will be lost/);
  });

  async function warningText(start: string, hasDrafts: boolean, given: SiteOptions = {}): Promise<string | null> {
    const options = hasDrafts ? { drafts: { secret: 'a secret that has more than 32 characters' } } : {};
    const visitor = await visit(await openSite({ ...given, page: { script: esmStart(start) }, options }));
    const page = await visitor.open();
    await visitor.pass(44 * SECOND, { step: 4 * SECOND });
    return warningOf(page).textContent();
  }
});

test('an alert on the login page says why the session ended', async () => {
  const { page, visitor } = await warnedPage();
  await visitor.pass(2 * MINUTE + 5 * SECOND, { step: 5 * SECOND });
  expect(await look(page)).toBe('login idle');
  const alert = (await heardOn(page)).find(({ role }) => role === 'alert');
  expect(alert).toBeDefined();
  expect(await page.getByRole('alert').textContent()).toContain('inactive');
});

test('a failed "stay" is announced as an alert', async () => {
  const { page, visitor, site } = await warnedPage();
  site.onPing = (_req, res) => void res.status(500).end();
  await page.keyboard.press('Enter');
  await visitor.pass(500, { step: 250 });
  const alerts = (await heardOn(page)).filter(({ role }) => role === 'alert');
  expect(alerts).toHaveLength(1);
  expect(await warningOf(page).getByRole('alert').textContent()).toMatch(/not work/);
  expect(await focused(page)).toEqual(['Stay signed in']);
});

test('the title counts down, and is restored when the warning goes', async () => {
  const { page, visitor } = await warnedPage();
  expect(await page.title()).toMatch(/^\(1:5\d\) /);
  await visitor.pass(30 * SECOND, { step: 5 * SECOND });
  expect(await page.title()).toMatch(/^\(1:2\d\) /);
  await page.keyboard.press('Enter');
  await visitor.pass(500, { step: 250 });
  expect(await page.title()).toBe('Payroll 1');
});

test('what the browser has translated stays translated', async () => {
  const { page, visitor } = await warnedPage();
  await page.evaluate(() => {
    const translation = document.createElement('font');
    translation.textContent = 'Phiên của bạn sắp kết thúc';
    document.querySelector('dialog h2')!.replaceChildren(translation);
  });
  await visitor.pass(3 * SECOND, { step: 500 });
  expect(await warningOf(page).locator('h2').textContent()).toBe('Phiên của bạn sắp kết thúc');
});

test('typing while the warning opens does not sign out', async () => {
  const { page, visitor, site } = await almostWarned();
  await page.getByLabel('Note').focus();
  await visitor.pass(SECOND, { step: 250 });
  while ((await look(page)) !== 'warning') await visitor.pass(50, { step: 50 });
  // Even if the focus had gone to the other button.
  await page.getByRole('button', { name: 'Sign out now' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await visitor.pass(400, { step: 200 });
  expect(await look(page)).toBe('warning');
  await visitor.pass(200);
  await page.getByRole('button', { name: 'Sign out now' }).press('Enter');
  await visitor.pass(2 * SECOND, { step: 250 });
  expect(await look(page)).toBe('login signed-out');
  expect(site.events.map(({ type }) => type)).toEqual(['started', 'ended']);
});

test('typing while the warning of the absolute limit opens does not close it unread', async () => {
  const { page, visitor } = await almostWarned({ options: { idleTimeout: false, absoluteTimeout: 15 * MINUTE } });
  await page.getByLabel('Note').focus();
  await visitor.pass(SECOND, { step: 250 });
  while ((await look(page)) !== 'warning') await visitor.pass(50, { step: 50 });
  for (const key of ['Space', 'Enter', 'Escape']) await page.keyboard.press(key);
  await visitor.pass(400, { step: 200 });
  expect(await look(page)).toBe('warning');
  await visitor.pass(200);
  await page.keyboard.press('Enter');
  expect(await look(page)).toBe('page');
});

test('Escape that is stuck does not close the warning of the absolute limit', async () => {
  const { page, visitor } = await almostWarned({ options: { idleTimeout: false, absoluteTimeout: 15 * MINUTE } });
  const press = () => page.keyboard.down('Escape');
  await press();
  await visitor.pass(5 * SECOND, { step: 500, each: press });
  expect(await look(page)).toBe('warning');
  await page.keyboard.up('Escape');
  await press();
  expect(await look(page)).toBe('page');
});

describe('what never signs out', () => {
  const acts: [string, (page: Page) => Promise<unknown>][] = [
    ['Escape', (page) => page.keyboard.press('Escape')],
    [
      'Escape, again and again',
      async (page) => {
        for (let i = 0; i < 5; i++) await page.keyboard.press('Escape');
      },
    ],
    ['a press beside the dialog', (page) => page.mouse.click(3, 3)],
    [
      'a request to close it, as the Back of Android makes',
      (page) => page.evaluate(() => (document.querySelector('dialog[open]') as HTMLDialogElement).requestClose()),
    ],
  ];

  test.each(acts)('%s', async (_name, act) => {
    const { page, visitor, site } = await warnedPage();
    await act(page);
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('page');
    expect(site.events.map(({ type }) => type)).toEqual(['started']);
    expect(await visitor.status()).toMatchObject({ state: 'active' });
  });
});

test('a close event that comes when the dialog is open again does not mean "stay"', async () => {
  const { page, visitor, site } = await warnedPage();
  const before = site.pings.length;
  await page.evaluate(() => {
    const dialog = document.querySelector('dialog[open]') as HTMLDialogElement;
    dialog.close();
    dialog.showModal();
  });
  await visitor.pass(SECOND, { step: 250 });
  expect(await look(page)).toBe('warning');
  expect(site.pings).toHaveLength(before);
});

test('a dialog of the application takes the place of the built-in one', async () => {
  const own = `{ dialog: (client) => {
    const box = document.body.appendChild(document.createElement('output'));
    const stop = client.subscribe(() => { box.textContent = client.snapshot().state + ' ' + client.snapshot().expiresIn / 1000; });
    return () => { stop(); box.remove(); };
  } }`;
  const { page, visitor } = await almostWarned({ page: { script: esmStart(own) } });
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await page.locator('dialog').count()).toBe(0);
  expect(await page.locator('output').textContent()).toMatch(/^warning 11[89]$/);
});
