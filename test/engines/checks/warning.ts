import { SECOND, until } from '../../browser/support/page.js';
import type { Engine, Key, Tab } from '../support/engine.js';
import { buttons, clickOn, focused, isFrontmost, look, press, readerOf } from '../support/page.js';
import { visit, warned } from '../support/visitor.js';

const titleOf = (tab: Tab): Promise<string> => tab.evaluate(() => document.title);

/** The warning: when it comes, how it is answered, and how the page is left. */
export function warning(engine: Engine): void {
  test('nobody active is warned: activity is reported', async () => {
    const { site, tab, pass, status } = await visit(engine);
    await pass(75 * SECOND, { each: readerOf(tab), step: 5 * SECOND });
    expect(await look(tab)).toBe('page');
    expect((await status()).idleFor).toBeLessThan(12);
    expect(site.pings.filter(({ idleFor }) => idleFor !== undefined).length).toBeGreaterThan(5);
  });

  test('somebody idle is warned in time, sees a countdown, and is led to the login page', async () => {
    const { tab, pass } = await warned(engine);
    expect(await titleOf(tab)).toMatch(/^\(0:(19|20)\)/);
    await pass(5 * SECOND, { step: SECOND });
    expect(await titleOf(tab)).toMatch(/^\(0:1[45]\)/);
    expect(await tab.evaluate(() => document.querySelector('dialog')!.innerText)).toMatch(/0:1[45]/);
    await pass(16 * SECOND, { step: SECOND });
    expect(await look(tab)).toBe('login idle');
    expect(await tab.evaluate(() => new URL(location.href).searchParams.get('returnTo'))).toBe('/page');
    const alert = () => tab.evaluate(() => document.querySelector('[role=alert]')?.textContent);
    // The URL changes before the page is there.
    await until(alert);
    expect(await alert()).toContain('inactive');
  });

  test('it is modal: the focus stays in it, and nothing behind it can be pressed', async () => {
    const { tab } = await warned(engine);
    expect(await tab.evaluate(() => document.querySelector('dialog')!.matches(':modal'))).toBe(true);
    expect(await isFrontmost(tab, 'dialog.session-timeout')).toBe(true);
    expect(await isFrontmost(tab, 'header a')).toBe(false);
    for (const key of ['Tab', 'Tab', 'Tab', 'Shift+Tab'] as const) {
      await tab.press(key);
      // Between its last and its first button the focus is in the dialog itself, or belongs to the browser.
      expect(['Stay signed in', 'Sign out now', 'DIALOG', 'BODY']).toContain(await focused(tab));
      expect(await look(tab)).toBe('warning');
    }
  });

  test.each<[string, (tab: Tab) => Promise<void>]>([
    ['Enter', (tab) => tab.press('Enter')],
    ['Escape', (tab) => tab.press('Escape')],
    ['Space', (tab) => tab.press('Space')],
    ['a click', (tab) => press(tab, 'Stay signed in')],
    ['a click beside it', (tab) => tab.click(5, 5)],
  ])('%s keeps the session, and the focus and the title are as before', async (_name, answer) => {
    const { tab, pass, status } = await warned(engine);
    expect(await focused(tab)).toBe('Stay signed in');
    await answer(tab);
    await pass(SECOND, { step: 250 });
    expect(await look(tab)).toBe('page');
    expect(await focused(tab)).toBe('note');
    expect(await titleOf(tab)).toBe('Payroll 1');
    expect((await status()).idleFor).toBeLessThan(3);
  });

  test('a bump of the mouse does not answer it', async () => {
    const { tab, pass } = await warned(engine);
    await pass(3 * SECOND, { each: readerOf(tab), step: SECOND });
    expect(await look(tab)).toBe('warning');
  });

  test('the keyboard signs out', async () => {
    const { site, tab, pass } = await warned(engine);
    await tab.press('Tab');
    expect(await focused(tab)).toBe('Sign out now');
    await pass(SECOND, { step: 500 });
    await tab.press('Enter');
    await pass(SECOND, { step: 250 });
    expect(await look(tab)).toBe('login signed-out');
    expect(site.events.map(({ type }) => type)).toEqual(['started', 'ended']);
  });

  test('before the absolute limit it offers no "stay", and the session ends on time', async () => {
    const { tab, pass } = await visit(engine, { options: { absoluteTimeout: 50 * SECOND } });
    const read = readerOf(tab);
    await pass(25 * SECOND, { each: read, step: 5 * SECOND });
    await pass(6 * SECOND, { each: read, step: SECOND });
    expect(await look(tab)).toBe('warning');
    expect(await buttons(tab)).toEqual(['Back to the page', 'Sign out now']);
    await clickOn(tab, 'button', 'Back to the page');
    expect(await look(tab)).toBe('page');
    const type = (): Promise<void> => tab.press('a' satisfies Key);
    await pass(15 * SECOND, { each: type, step: 5 * SECOND });
    expect(await look(tab)).toBe('page');
    await pass(5 * SECOND, { step: SECOND });
    expect(await look(tab)).toBe('login absolute');
  });

  test.each([
    ['fr', 'ltr', 'Rester connecté'],
    ['ar', 'rtl', 'البقاء مسجلاً للدخول'],
  ])('speaks %s on a page in that language', async (lang, dir, stay) => {
    const { tab } = await warned(engine, { page: { lang, dir } });
    expect(await buttons(tab)).toContain(stay);
    const shown = await tab.evaluate(() => {
      const dialog = document.querySelector('dialog')!;
      return [dialog.lang, getComputedStyle(dialog).direction];
    });
    expect(shown).toEqual([lang, dir]);
  });
}
