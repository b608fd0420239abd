import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import { heardOn, violations } from './support/accessibility.js';
import { AUTO, type PageOptions } from './support/html.js';
import { MULTILINGUAL, STRINGS } from './support/languages.js';
import { look, MINUTE, SECOND, warningOf } from './support/page.js';
import { warnedPage } from './support/warned.js';

describe('the warning and the cover in all languages and settings', () => {
  const languages: [string, PageOptions][] = [
    ['en', { lang: 'en' }],
    ['cy', { lang: 'cy' }],
    ['ar', { lang: 'ar', dir: 'rtl' }],
    ['de', { lang: 'de' }],
  ];

  test.each(languages)('%s: axe finds nothing wrong, also at 320 px and in forced colours', async (lang, options) => {
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
  });

  test.each([
    ['fr', 'ltr', 'Rester connecté'],
    ['pt-BR', 'ltr', 'Manter sessão iniciada'],
    ['he', 'rtl', 'להישאר בחשבון'],
  ])('%s: the texts of the package are loaded', async (lang, dir, stay) => {
    const { page, visitor } = await warnedPage({ page: { lang, dir } });
    await visitor.pass(2 * SECOND);
    const dialog = warningOf(page);
    expect(await page.getByRole('button', { name: stay }).isVisible()).toBe(true);
    expect(await dialog.evaluate((element: HTMLElement) => element.lang)).toBe(lang);
    expect(await dialog.evaluate((element) => getComputedStyle(element).direction)).toBe(dir);
    expect(await violations(page)).toEqual([]);
  });

  test.each(['de_DE', 'de-AT'])(
    '%s: the texts of the language are loaded, also for a tag with an underscore',
    async (lang) => {
      const { page, visitor } = await warnedPage({ page: { lang } });
      await visitor.pass(2 * SECOND);
      expect(await page.getByRole('button', { name: 'Angemeldet bleiben' }).isVisible()).toBe(true);
      expect(await warningOf(page).evaluate((element: HTMLElement) => element.lang)).toBe(lang.replace('_', '-'));
      expect(await warningOf(page).getByRole('status').textContent()).toContain('Minute');
    },
  );

  test('a page that changes its language gets the texts of the new one', async () => {
    const body = `<script>setTimeout(() => { document.documentElement.lang = 'de'; }, 1000);</script>`;
    const { page, visitor } = await warnedPage({ page: { lang: 'fr', body, script: AUTO } });
    await visitor.pass(2 * SECOND);
    expect(await page.getByRole('button', { name: 'Angemeldet bleiben' }).isVisible()).toBe(true);
    await page.evaluate(() => void (document.documentElement.lang = 'en'));
    await visitor.pass(2 * SECOND);
    expect(await page.getByRole('button', { name: 'Stay signed in' }).isVisible()).toBe(true);
  });

  test('a page whose texts could not be loaded at first gets them later, and asks for texts that do not exist once', async () => {
    const asked: string[] = [];
    const setup = (app: NestExpressApplication) =>
      app.use('/session/texts', (req: Request, res: Response, next: () => void) => {
        asked.push(req.path);
        if (asked.length === 1) res.status(503).json({ title: 'Later' });
        else next();
      });
    const { page, visitor } = await warnedPage({ page: { lang: 'de' }, setup });
    await visitor.pass(2 * SECOND);
    expect(await page.getByRole('button', { name: 'Angemeldet bleiben' }).isVisible()).toBe(true);
    await page.evaluate(() => void (document.documentElement.lang = 'tlh'));
    await visitor.pass(6 * SECOND);
    expect(await page.getByRole('button', { name: 'Stay signed in' }).isVisible()).toBe(true);
    expect(asked).toEqual(['/de', '/de', '/tlh']);
  });

  test('a tag that is none leaves the time in figures', async () => {
    const script = `<script type="module" src="/session/client.js" data-lang="x" data-strings='{"stay":"Bleib"}'></script>`;
    const { page, visitor } = await warnedPage({ page: { script } });
    await visitor.pass(2 * SECOND);
    expect(await page.getByRole('button', { name: 'Bleib' }).isVisible()).toBe(true);
    expect(await warningOf(page).getByRole('status').textContent()).toContain('1:50');
  });

  test('a language without texts has English ones', async () => {
    const { page } = await warnedPage({ page: { lang: 'tlh' } });
    expect(await warningOf(page).evaluate((element: HTMLElement) => element.lang)).toBe('en');
    expect(await page.getByRole('button', { name: 'Stay signed in' }).isVisible()).toBe(true);
  });

  test('nothing moves for users who want reduced motion', async () => {
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

  test('the cover of a dark page is dark', async () => {
    const body = '<style>:root{color-scheme:dark}</style>';
    const { page, visitor } = await warnedPage({ page: { body, script: AUTO } });
    await visitor.context.setOffline(true);
    await visitor.pass(2 * MINUTE, { step: 10 * SECOND });
    expect(await look(page)).toBe('cover');
    const cover = page.locator('.session-cover');
    expect(await cover.evaluate((dialog) => getComputedStyle(dialog).backgroundColor)).toBe('rgb(18, 18, 18)');
  });

  test('axe finds nothing wrong with the cover, and nothing of the page can be heard', async () => {
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
