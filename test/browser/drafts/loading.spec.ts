import type { Page } from 'playwright-core';
import { SECOND, until } from '../support/page.js';
import { comeBack, kept, openWith, timeOut, type, type Writer, holdBack } from './support/drafts.js';

const TEXT = '[name=text]';
const valueOf = (page: Page, selector = TEXT) => page.locator(selector).inputValue();

const TWO = `<form><input name="title" aria-label="Title"><input name="text" aria-label="Text"></form>
  <form><input name="own" aria-label="Own"></form><script>document.querySelector('[name=own]').value = 'of the application'</script>`;

async function untilKept({ page, visitor }: Writer): Promise<void> {
  await until(async () => {
    await visitor.pass(250);
    return (await kept(page)).length > 0;
  });
  await visitor.pass(SECOND, { step: 250 });
}

test('what is typed into several fields before the first part is loaded is filled in', async () => {
  const writer = await openWith(TWO);
  const { page } = writer;
  const gate = await holdBack(page, '**/extras.js');
  await page.reload();
  await gate.hasArrived();
  await page.locator('[name=title]').pressSequentially('Pilot');
  await page.locator(TEXT).pressSequentially('typed meanwhile');
  gate.open();
  await untilKept(writer);
  // What the application has put into a field is nobody's draft.
  expect(await kept(page)).toHaveLength(1);
  await timeOut(writer);
  await comeBack(writer);
  expect([await valueOf(page, '[name=title]'), await valueOf(page)]).toEqual(['Pilot', 'typed meanwhile']);
});

test('text is kept although the part for drafts could not be loaded at first', async () => {
  const writer = await openWith();
  let failures = 2;
  await writer.page.route('**/drafts.js*', (route) =>
    failures-- > 0 ? route.fulfill({ status: 502 }) : route.continue(),
  );
  await type(writer, TEXT, 'Dear');
  // It is loaded again after 5 seconds, and after 10 more.
  await writer.visitor.pass(16 * SECOND, { step: 2 * SECOND });
  await untilKept(writer);
  expect(failures).toBeLessThan(0);
  await timeOut(writer);
  const page = await comeBack(writer);
  expect(await valueOf(page)).toBe('Dear');
});

test('what a chat has sent while the part for drafts was loaded does not come back', async () => {
  const writer = await openWith(`<input name="text" aria-label="Text"><script>
    const text = document.querySelector('[name=text]');
    text.onkeydown = ({ key }) => { if (key === 'Enter') text.value = ''; };
  </script>`);
  const { page, visitor } = writer;
  const gate = await holdBack(page, '**/draft-key*');
  await page.locator(TEXT).pressSequentially('hello');
  await gate.hasArrived();
  await page.locator(TEXT).press('Enter');
  gate.open();
  await visitor.pass(5 * SECOND, { step: 500 });
  expect(await valueOf(page)).toBe('');
  expect(await kept(page)).toEqual([]);
});

test('what the server has put into an editor is no draft, although the editor has the focus when the part is loaded', async () => {
  const writer = await openWith('<div id="free" contenteditable><p>of the server</p></div>');
  const { page, visitor } = writer;
  const gate = await holdBack(page, '**/extras.js');
  await page.reload();
  await gate.hasArrived();
  await page.locator('#free').focus();
  gate.open();
  await visitor.settle();
  await visitor.pass(3 * SECOND, { step: 250 });
  expect(await kept(page)).toEqual([]);
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(', and mine');
  await untilKept(writer);
  await timeOut(writer);
  await comeBack(writer);
  expect(await page.locator('#free').textContent()).toBe('of the server, and mine');
});
