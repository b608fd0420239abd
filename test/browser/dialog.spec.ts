import type { BrowserContextOptions, Page } from 'playwright-core';
import { heardOn, violations } from './support/accessibility.js';
import { visit } from './support/browser.js';
import { esmStart, type PageOptions } from './support/html.js';
import { MULTILINGUAL, STRINGS } from './support/languages.js';
import { look, MINUTE, SECOND, warningOf } from './support/page.js';
import { openSite, type SiteOptions } from './support/site.js';

const LONG = { idleTimeout: 15 * MINUTE, warnBefore: 2 * MINUTE } as const;

/** A page whose warning is due in `lead` milliseconds. */
async function almostWarned(given: SiteOptions = {}, context: BrowserContextOptions = {}, lead = SECOND) {
  const site = await openSite({ ...given, options: { ...LONG, ...given.options } });
  const visitor = await visit(site, context);
  const page = await visitor.open();
  await visitor.pass(13 * MINUTE - lead, { step: 13 * MINUTE - lead });
  expect(await look(page)).toBe('page');
  return { site, visitor, page };
}

async function warnedPage(given: SiteOptions = {}, context: BrowserContextOptions = {}) {
  const opened = await almostWarned(given, context);
  await opened.visitor.pass(2 * SECOND, { step: 500 });
  expect(await look(opened.page)).toBe('warning');
  return opened;
}

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

test('C1 the warning is there two minutes before the end, by default', async () => {
  const { page, site, visitor } = await almostWarned();
  expect(await look(page)).toBe('page');
  await visitor.pass(1500, { step: 500 });
  expect(await look(page)).toBe('warning');
  expect((await visitor.status()).expiresIn).toBeGreaterThan(119);
  expect(site.events).toHaveLength(1);
});

test('C1 after a sleep it tells how little is left, never more than is true', async () => {
  const site = await openSite({ options: LONG });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.sleep(14 * MINUTE + 50 * SECOND);
  await visitor.pass(SECOND, { step: 250 });
  expect(await look(page)).toBe('warning');
  expect(await warningOf(page).textContent()).toMatch(/0:0[89]/);
});

test('C2 twelve times in a row the session is extended by the keyboard alone', async () => {
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

test('C3 the dialog has a name and a description, is modal, and nothing else can be heard', async () => {
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

describe('C4 the focus goes into the dialog, stays there, and returns', () => {
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

describe('what is spoken', () => {
  /** Lets a warning run to its end; what the live region said, and how long was really left. */
  async function listen(options: SiteOptions = {}) {
    const { page, visitor, site } = await almostWarned(options);
    await page.evaluate(() => {
      const log: [string, number][] = [];
      Object.assign(window, { log });
      new MutationObserver((records) => {
        for (const { target, addedNodes } of records) {
          const inserted = [...addedNodes].some((node) => node instanceof HTMLDialogElement);
          const live = (target instanceof Element ? target : target.parentElement)?.closest('[role=status]');
          if (live || inserted)
            log.push([(live ?? document.querySelector('dialog [role=status]'))?.textContent ?? '', Date.now()]);
        }
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    const end = site.clock.now() + 2 * MINUTE + SECOND;
    await visitor.pass(2 * MINUTE);
    const log = await page.evaluate(() => (window as never as { log: [string, number][] }).log);
    return { page, log: log.map(([text, at]) => ({ text, left: (end - at) / SECOND })) };
  }

  test('C5 C6 C7 C8 begins in silence, is said at few marks, never twice, and never promises too much', async () => {
    const { log } = await listen();
    expect(log[0]?.text).toBe('');
    const said = log.slice(1);
    expect(said.length).toBeGreaterThanOrEqual(4);
    expect(said.length).toBeLessThanOrEqual(6);
    expect(new Set(said.map(({ text }) => text)).size).toBe(said.length);
    expect(said[0]?.left).toBeLessThan(119.6);
    for (const { text, left } of said) {
      const [, minutes = 0, seconds = 0] = /^(?:(\d+) minutes?)?,? ?(?:(\d+) seconds?)?/.exec(text) ?? [];
      const spoken = Number(minutes) * 60 + Number(seconds);
      expect(spoken).toBeGreaterThan(0);
      // The clocks of page and server are a few milliseconds apart.
      expect(spoken).toBeLessThanOrEqual(left + 0.1);
      expect(spoken).toBeGreaterThan(left - 13);
    }
  });

  test('C5 the live region is inside the dialog and atomic; the ticking time is not heard', async () => {
    const { page, visitor } = await warnedPage();
    await visitor.pass(2 * SECOND);
    const status = (await heardOn(page)).find(({ role }) => role === 'status');
    expect(status?.properties).toMatchObject({ live: 'polite', atomic: true });
    expect(await warningOf(page).locator('[role=status]').textContent()).toMatch(/^1 minute, [45]\d seconds/);
    const heard = (await heardOn(page)).filter(({ role }) => role === 'StaticText').map(({ name }) => name);
    expect(heard.join(' ')).not.toMatch(/\d:\d\d/);
    expect(await warningOf(page).textContent()).toMatch(/1:5\d/);
  });
});

test('C9 guarantee 9: before the absolute limit there is no "stay", but the advice to save', async () => {
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
  // S37: it ends on time, whatever is done.
  await visitor.pass(115 * SECOND, { step: 5 * SECOND, each: () => page.keyboard.press('x') });
  expect(await look(page)).toBe('page');
  await visitor.pass(5 * SECOND, { each: () => page.keyboard.press('x') });
  expect(await look(page)).toBe('login absolute');
});

test('C9 the text tells the reason and what is lost', async () => {
  const { page } = await warnedPage();
  expect(await warningOf(page).textContent()).toMatch(/not been active.*not saved will be lost/);
});

test('C10 at the login page an alert tells why', async () => {
  const { page, visitor } = await warnedPage();
  await visitor.pass(2 * MINUTE + 5 * SECOND, { step: 5 * SECOND });
  expect(await look(page)).toBe('login idle');
  const alert = (await heardOn(page)).find(({ role }) => role === 'alert');
  expect(alert).toBeDefined();
  expect(await page.getByRole('alert').textContent()).toContain('inactive');
});

test('C11 a failed "stay" is announced as an alert', async () => {
  const { page, visitor, site } = await warnedPage();
  site.onPing = (_req, res) => void res.status(500).end();
  await page.keyboard.press('Enter');
  await visitor.pass(500, { step: 250 });
  const alerts = (await heardOn(page)).filter(({ role }) => role === 'alert');
  expect(alerts).toHaveLength(1);
  expect(await warningOf(page).getByRole('alert').textContent()).toMatch(/not work/);
  expect(await focused(page)).toEqual(['Stay signed in']);
});

describe('C12 S45', () => {
  const languages: [string, PageOptions][] = [
    ['en', { lang: 'en' }],
    ['cy', { lang: 'cy' }],
    ['ar', { lang: 'ar', dir: 'rtl' }],
    ['de', { lang: 'de' }],
  ];

  test.each(languages)(
    'C13 %s: nothing is wrong for axe, at 320 px and in forced colours, too',
    async (lang, options) => {
      const { page, visitor } = await warnedPage(
        { page: { ...options, script: MULTILINGUAL } },
        { viewport: { width: 320, height: 480 } },
      );
      await visitor.pass(2 * SECOND);
      const dialog = warningOf(page);
      const texts = lang === 'en' ? undefined : STRINGS[lang as 'cy'];
      const stay = page.getByRole('button', { name: texts?.stay ?? 'Stay signed in' });
      expect(await stay.isVisible()).toBe(true);
      expect(await dialog.evaluate((element: HTMLElement) => element.lang)).toBe(lang);
      expect(await dialog.evaluate((element) => getComputedStyle(element).direction)).toBe(options.dir ?? 'ltr');

      const spoken = (await dialog.locator('[role=status]').textContent()) ?? '';
      expect(spoken).not.toBe('');
      if (lang !== 'en') expect(spoken).not.toMatch(/minute|second\b/);

      expect(await violations(page)).toEqual([]);
      const { box, overflow } = await dialog.evaluate((element) => ({
        box: element.getBoundingClientRect(),
        overflow: element.scrollWidth - element.clientWidth,
      }));
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.right).toBeLessThanOrEqual(320);
      expect(overflow).toBe(0);
      for (const button of await dialog.getByRole('button').all()) {
        const { width = 0, height = 0 } = (await button.boundingBox()) ?? {};
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(24);
      }

      await page.emulateMedia({ forcedColors: 'active' });
      expect(await violations(page)).toEqual([]);
      expect(await stay.evaluate((button) => getComputedStyle(button).borderTopStyle)).toBe('solid');
      await page.emulateMedia({ forcedColors: 'none', colorScheme: 'dark' });
      expect(await violations(page)).toEqual([]);
    },
  );

  test('nothing moves for those who want reduced motion', async () => {
    const { page } = await warnedPage({}, { reducedMotion: 'reduce' });
    const moving = await warningOf(page).evaluate((dialog) => {
      const { animationName, transitionDuration } = getComputedStyle(dialog);
      return { animationName, transitionDuration, running: document.getAnimations().length };
    });
    expect(moving).toEqual({ animationName: 'none', transitionDuration: '0s', running: 0 });
  });

  test('at 400 % zoom (320 by 256 px) both buttons can be reached', async () => {
    const { page } = await warnedPage({}, { viewport: { width: 320, height: 256 } });
    const signOut = page.getByRole('button', { name: 'Sign out now' });
    await signOut.scrollIntoViewIfNeeded();
    const box = await signOut.boundingBox();
    expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThanOrEqual(256);
  });

  test('the cover: axe finds nothing wrong with it, and nothing of the page is heard', async () => {
    const { page, visitor } = await warnedPage();
    await visitor.context.setOffline(true);
    await visitor.pass(2 * MINUTE, { step: 10 * SECOND });
    expect(await look(page)).toBe('cover');
    expect(await violations(page)).toEqual([]);
    const heard = await heardOn(page);
    expect(JSON.stringify(heard)).not.toMatch(/earns|Payroll/);
    expect(heard.some(({ role }) => role === 'status' || role === 'dialog')).toBe(true);
  });
});

test('C14 the title counts down, and is as before when the warning goes', async () => {
  const { page, visitor } = await warnedPage();
  expect(await page.title()).toMatch(/^\(1:5\d\) /);
  await visitor.pass(30 * SECOND, { step: 5 * SECOND });
  expect(await page.title()).toMatch(/^\(1:2\d\) /);
  await page.keyboard.press('Enter');
  await visitor.pass(500, { step: 250 });
  expect(await page.title()).toBe('Payroll 1');
});

test('C16 what is typed when the warning opens signs nobody out', async () => {
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

describe('C17 never signs out', () => {
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
