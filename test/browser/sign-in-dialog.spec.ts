import { heardOn, violations } from './support/accessibility.js';
import type { PageOptions } from './support/html.js';
import { look, SECOND } from './support/page.js';
import { awayTooLong, backAt, ended, lookAt, openLogin, signInAt, STAY } from './support/sign-in.js';

const TITLES = {
  en: ['Your session has ended', 'Sign in'],
  cy: ['Mae eich sesiwn wedi dod i ben', 'Mewngofnodi'],
  ar: ['انتهت جلستك', 'تسجيل الدخول'],
  de: ['Ihre Sitzung ist abgelaufen', 'Anmelden'],
} as const;

/** What has the focus: the text of a button or link, or the name of another element. */
const focused = (page: Parameters<typeof look>[0]) =>
  page.evaluate(() => {
    const { tagName, textContent } = document.activeElement!;
    return /^(A|BUTTON)$/.test(tagName) ? textContent : tagName;
  });

test('the dialog is an alert with a name and a description, and nothing else can be heard', async () => {
  const { page } = await awayTooLong();
  const heard = await heardOn(page);
  const dialogs = heard.filter(({ role }) => /dialog/.test(role));
  expect(dialogs).toEqual([
    expect.objectContaining({
      role: 'alertdialog',
      name: 'Your session has ended',
      description: expect.stringMatching(/^You were signed out .* Sign in again to go on with it\.$/),
      properties: expect.objectContaining({ modal: true }),
    }),
  ]);
  expect(heard.filter(({ role }) => /^(main|banner|textbox|link)$/.test(role))).toEqual([]);
  expect(heard.filter(({ role }) => role === 'button').map(({ name }) => name)).toEqual(['Sign in', 'Leave this page']);
  expect(JSON.stringify(heard)).not.toMatch(/earns|Payroll|half a letter/);
});

test('the focus goes to "Sign in", stays in the dialog, and no key or click uncovers the page', async () => {
  const { visitor, page } = await awayTooLong();
  expect(await focused(page)).toBe('Sign in');
  const seen = new Set<string | null>();
  for (let presses = 0; presses < 6; presses++) {
    await page.keyboard.press('Tab');
    seen.add(await focused(page));
  }
  // Browsers leave a modal dialog for their own buttons, and report the body then.
  seen.delete('BODY');
  expect([...seen].toSorted()).toEqual(['Leave this page', 'Sign in']);
  for (const key of ['Escape', 'Escape', 'Escape', 'Delete', 'a']) await page.keyboard.press(key);
  await page.mouse.click(5, 5);
  await visitor.pass(2 * SECOND);
  expect(await ended(page).isVisible()).toBe(true);
  expect(await look(page)).toBe('cover');
});

test('is announced once: its text does not change while the page waits', async () => {
  const { visitor, page } = await awayTooLong();
  await page.evaluate(() => {
    const changes = { seen: 0 };
    Object.assign(window, { changes });
    const dialog = document.querySelector('dialog[open]')!;
    new MutationObserver((records) => (changes.seen += records.length)).observe(dialog, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
  await visitor.pass(60 * SECOND, { step: 5 * SECOND });
  await lookAt(page);
  await visitor.settle();
  expect(await page.evaluate(() => (window as never as { changes: { seen: number } }).changes.seen)).toBe(0);
});

test('a key that was meant for the page opens no window: buttons do nothing in the first half second', async () => {
  const { visitor, page } = await awayTooLong({}, {}, 0);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Leave this page' }).click();
  await visitor.settle();
  expect(visitor.context.pages()).toHaveLength(1);
  expect(await ended(page).isVisible()).toBe(true);
});

describe('in all languages and settings', () => {
  const languages: [keyof typeof TITLES, PageOptions][] = [
    ['en', { lang: 'en' }],
    ['cy', { lang: 'cy' }],
    ['ar', { lang: 'ar', dir: 'rtl' }],
    ['de', { lang: 'de' }],
  ];

  test.each(languages)('%s: axe finds nothing wrong, also at 320 px and in forced colours', async (lang, options) => {
    const [title, signIn] = TITLES[lang];
    const given = { page: { ...options, script: STAY } };
    const { visitor, page } = await awayTooLong(given, { viewport: { width: 320, height: 256 } }, SECOND, title);
    const dialog = page.getByRole('alertdialog', { name: title });
    expect(await dialog.evaluate((element: HTMLElement) => element.lang)).toBe(lang);
    const direction = await dialog
      .locator('p')
      .first()
      .evaluate((text) => getComputedStyle(text).direction);
    expect(direction).toBe(options.dir ?? 'ltr');
    expect(await violations(page)).toEqual([]);
    for (const button of await dialog.getByRole('button').all()) {
      await button.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await button.boundingBox())!;
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(24);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(320);
      expect(y + height).toBeLessThanOrEqual(256);
    }
    const heading = dialog.getByRole('heading');
    await heading.scrollIntoViewIfNeeded();
    expect((await heading.boundingBox())!.y).toBeGreaterThanOrEqual(0);

    await page.emulateMedia({ forcedColors: 'active' });
    expect(await violations(page)).toEqual([]);
    const border = await page
      .getByRole('button', { name: signIn })
      .evaluate((button) => getComputedStyle(button).borderTopStyle);
    expect(border).toBe('solid');
    await page.emulateMedia({ forcedColors: 'none', colorScheme: 'dark', reducedMotion: 'reduce' });
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);

    const login = await openLogin(page, signIn);
    await signInAt(login, 'alice');
    await backAt(page);
    await visitor.settle();
    expect(await page.locator('dialog').count()).toBe(0);
  });
});

test('under the strictest policy it has its styles, and breaks no rule', async () => {
  const policy =
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'none'; base-uri 'none'; form-action 'self'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'";
  const { visitor, page } = await awayTooLong({ headers: { 'Content-Security-Policy': policy } });
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const signIn = page.getByRole('button', { name: 'Sign in' });
  expect(await signIn.evaluate((button) => getComputedStyle(button).minHeight)).toBe('44px');
  await signInAt(await openLogin(page), 'alice');
  await backAt(page);
  await visitor.settle();
  expect(complaints).toEqual([]);
});
