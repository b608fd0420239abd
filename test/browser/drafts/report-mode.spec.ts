import type { Page } from 'playwright-core';
import { SECOND } from '../support/page.js';
import { kept, openWith, settle, type, type Writer } from './support/drafts.js';

const TEXT = '[name=text]';
/** An application that shows its form again without a new page. */
const APP = `<div id="app"></div><script>
  function show() {
    app.innerHTML = '<form id="letter"><input name="text" aria-label="Text"></form>';
  }
  show();
</script>`;

/** Somebody has typed a letter at a site that only reports which sessions it would end. */
async function written(): Promise<Writer> {
  const writer = await openWith(APP, { options: { mode: 'report' } });
  await type(writer, TEXT, 'Dear harbour master');
  expect(await kept(writer.page)).toHaveLength(1);
  return writer;
}

/** The user comes back to the tab, and the page asks the server who has signed in. */
async function lookAt({ page, visitor }: Writer): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await visitor.pass(5 * SECOND, { step: 500 });
}

async function shownAgain({ page, visitor }: Writer): Promise<string> {
  await page.evaluate('show()');
  await settle(visitor);
  return valueOf(page);
}

const valueOf = (page: Page) => page.locator(TEXT).inputValue();

describe('on a page that stays, as the server only reports,', () => {
  test('what one user has typed is not filled in for the next one, who signs in after a sign-out', async () => {
    const writer = await written();
    await writer.visitor.context.request.post(`${writer.site.origin}/logout`);
    await lookAt(writer);
    await writer.visitor.signIn('bob');
    await lookAt(writer);
    expect(await shownAgain(writer)).toBe('');
  });

  test('what one user has typed is not filled in for another one who signs in over them', async () => {
    const writer = await written();
    await writer.visitor.signIn('bob');
    await lookAt(writer);
    expect(await shownAgain(writer)).toBe('');
  });

  test('what was typed is kept for the same user, who signs in once more', async () => {
    const writer = await written();
    await writer.visitor.signIn('alice');
    await lookAt(writer);
    expect(await shownAgain(writer)).toBe('Dear harbour master');
    expect(await kept(writer.page)).toHaveLength(1);
  });
});
