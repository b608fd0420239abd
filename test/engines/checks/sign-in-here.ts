import { SECOND, until } from '../../browser/support/page.js';
import { STAY } from '../../browser/support/sign-in.js';
import type { Engine, Tab } from '../support/engine.js';
import { buttons, focused, look, press } from '../support/page.js';
import { visit, type Visitor } from '../support/visitor.js';

/** As if the browser opened no windows. */
const BLOCKS = `<script>window.open = (...given) => {
  window.opened = given;
  return null;
};</script>`;

/** Somebody who has typed something, or nothing, and been away until the session had ended. */
async function away(engine: Engine, text = 'half a letter'): Promise<Visitor & { back(): Promise<void> }> {
  const visitor = await visit(engine, { page: { script: STAY, body: BLOCKS } });
  const { tab, pass } = visitor;
  await tab.evaluate(() => document.querySelector<HTMLInputElement>('[name=note]')!.focus());
  if (text) await tab.type(text);
  await pass(64 * SECOND, { step: 4 * SECOND });
  await until(() => isOffered(tab));
  await pass(SECOND);
  return {
    ...visitor,
    async back() {
      await tab.evaluate(() => void dispatchEvent(new Event('focus')));
      await visitor.settle();
      await until(async () => (await look(tab)) === 'page');
    },
  };
}

const isOffered = (tab: Tab): Promise<boolean> =>
  tab.evaluate(() => document.querySelector('dialog[open]')?.getAttribute('role') === 'alertdialog');

const typed = (tab: Tab): Promise<string> =>
  tab.evaluate(() => document.querySelector<HTMLInputElement>('[name=note]')!.value);

/** Signing in again without leaving the page. */
export function signInHere(engine: Engine): void {
  test('the page stays covered, and comes back to its user with what was typed and with the focus', async () => {
    const { site, tab, signIn, back } = await away(engine);
    expect(await look(tab)).toBe('cover');
    expect(await buttons(tab)).toEqual(['Sign in', 'Leave this page']);
    expect(await focused(tab)).toBe('Sign in');
    await signIn('alice');
    await back();
    expect(await typed(tab)).toBe('half a letter');
    await until(async () => (await focused(tab)) === 'note');
    expect(site.loads['/page']).toBe(1);
  });

  test('it is emptied and loaded anew when somebody else has signed in', async () => {
    const { site, tab, signIn, pass } = await away(engine);
    await signIn('bob');
    await tab.evaluate(() => void dispatchEvent(new Event('focus')));
    await pass(2 * SECOND, { step: SECOND });
    await until(() => tab.evaluate(() => document.getElementById('secret')?.textContent === 'bob earns 4 200'));
    expect(await typed(tab)).toBe('');
    expect(site.loads['/page']).toBe(2);
  });

  test('keys do not uncover it', async () => {
    const { tab, pass } = await away(engine);
    for (const key of ['Escape', 'Escape', 'Escape', 'Delete', 'a'] as const) await tab.press(key);
    await pass(2 * SECOND, { step: SECOND });
    expect(await look(tab)).toBe('cover');
    expect(await isOffered(tab)).toBe(true);
  });

  test('a window that the browser does not open is replaced by a link', async () => {
    const { site, tab } = await away(engine);
    await press(tab, 'Sign in');
    const url = `${site.origin}/login?reason=idle&returnTo=%2Fsession%2Fsigned-in%3Flang%3Den`;
    expect(await tab.evaluate(() => (window as unknown as { opened: string[] }).opened[0])).toBe(url);
    expect(await tab.evaluate(() => document.querySelector<HTMLAnchorElement>('dialog a')!.href)).toBe(url);
    expect(await focused(tab)).toBe('A');
  });

  test('Back brings it covered, and its user can still come back to it', async () => {
    const { site, tab, signIn, settle, back } = await away(engine, '');
    await tab.evaluate(() => void Object.assign(window, { old: true }));
    await tab.goto(`${site.origin}/frame`);
    await tab.evaluate(() => void history.back()).catch(() => undefined);
    await until(() => tab.evaluate(() => /page|login/.test(location.pathname)).catch(() => false));
    await settle();
    // Without the cache, the page is loaded anew, and its server leads to the login page.
    if (!(await tab.evaluate(() => 'old' in window))) return;
    expect(await look(tab)).toBe('cover');
    await signIn('alice');
    await back();
  });
}
