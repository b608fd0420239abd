import type { Page } from 'playwright-core';
import { esmStart } from '../support/html.js';
import { atLogin, SECOND } from '../support/page.js';
import { kept, notice, openWith, settle, timeOut, type, type Writer } from './support/drafts.js';

const TEXT = '[name=text]';
const APP = `<div id="app"></div><script>
  function goTo(path) {
    history.pushState(null, '', path);
    app.innerHTML = path === '/login' ? 'Sign in' : '<form id="letter"><input name="text" aria-label="Text"></form>';
  }
  goTo('/page');
</script>`;
const valueOf = (page: Page) => page.locator(TEXT).inputValue();

/** Somebody has typed a letter into a page whose router goes to the login page itself. */
async function written(): Promise<Writer> {
  const script = esmStart("{ onLeave() { goTo('/login'); return true; } }");
  const writer = await openWith(APP, { page: { script } });
  await type(writer, TEXT, 'Dear harbour master');
  expect(await kept(writer.page)).toHaveLength(1);
  return writer;
}

async function signOut({ page, visitor }: Writer): Promise<void> {
  await page.evaluate('client.signOut()');
  await visitor.pass(SECOND, { step: 250 });
  await atLogin(page);
}

/** Signs in by `fetch`. The router shows the form again. */
async function signIn({ page, visitor }: Writer, user: string): Promise<void> {
  await visitor.signIn(user);
  await page.evaluate('client.check()');
  await settle(visitor);
  await page.evaluate("goTo('/page')");
  await settle(visitor);
}

describe('on a page whose router goes to the login page', () => {
  test('what one user has typed is not filled in for the next one, and is gone', async () => {
    const writer = await written();
    await timeOut(writer);
    await signIn(writer, 'bob');
    expect(await valueOf(writer.page)).toBe('');
    expect(await kept(writer.page)).toEqual([]);
    await type(writer, TEXT, 'of bob');
    expect(await kept(writer.page)).toHaveLength(1);
    await signOut(writer);
    await signIn(writer, 'alice');
    expect(await valueOf(writer.page)).toBe('');
  });

  test('what was typed is gone after a sign-out, also for the same user', async () => {
    const writer = await written();
    await signOut(writer);
    expect(await kept(writer.page)).toEqual([]);
    await signIn(writer, 'alice');
    expect(await valueOf(writer.page)).toBe('');
    expect(await kept(writer.page)).toEqual([]);
  });

  test('what was typed comes back to its user after a timeout, and is kept on', async () => {
    const writer = await written();
    await timeOut(writer);
    await signIn(writer, 'alice');
    expect(await valueOf(writer.page)).toBe('Dear harbour master');
    expect(await notice(writer.page).isVisible()).toBe(true);
    await writer.page.locator(TEXT).press('End');
    await type(writer, TEXT, '!');
    expect(await kept(writer.page)).toHaveLength(1);
    await writer.page.reload();
    await settle(writer.visitor);
    expect(await valueOf(writer.page)).toBe('Dear harbour master!');
  });
});
