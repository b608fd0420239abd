import type { Page } from 'playwright-core';
import { until } from '../support/page.js';
import { kept, openWith, settle, type, type Writer } from './support/drafts.js';

const TEXT = '[name=text]';
const valueOf = (page: Page) => page.locator(TEXT).inputValue();
const goTo = ({ page }: Writer, path: string) =>
  page.evaluate((path) => (window as never as { goTo(path: string): void }).goTo(path), path);

test('a form that a script has saved is no draft any more, also if the router leaves its route at once', async () => {
  const writer = await openWith(
    `<div id="app"></div><script>
      function show() {
        app.innerHTML = location.search ? 'Saved.' : '<form id="letter"><input name="text" aria-label="Text"><button>Save</button></form>';
      }
      function goTo(path) {
        history.pushState(null, '', path);
        show();
      }
      addEventListener('submit', async (event) => {
        event.preventDefault();
        await fetch('/save', { method: 'POST', body: new FormData(event.target) });
        goTo('/page?list');
      });
      show();
    </script>`,
    { realTime: true, options: { idleTimeout: '1h', warnBefore: '1m' } },
  );
  const { page } = writer;
  await page.locator(TEXT).pressSequentially('Dear harbour master');
  await until(async () => (await kept(page)).length === 1);
  await page.getByText('Save').click();
  await page.getByText('Saved.').waitFor();
  await until(async () => (await kept(page)).length === 0);
  await goTo(writer, '/page');
  await page.waitForTimeout(1500);
  expect(await valueOf(page)).toBe('');
});

test('a save of one route leaves the drafts of the others', async () => {
  const writer = await openWith(`<div id="app"></div><script>
    function goTo(path) {
      history.pushState(null, '', path);
      app.innerHTML = '<form><input name="text" aria-label="Text"></form>';
    }
    goTo('/page');
  </script>`);
  await type(writer, TEXT, 'one');
  await goTo(writer, '/page?route=2');
  await type(writer, TEXT, 'two');
  expect(await kept(writer.page)).toHaveLength(2);
  await writer.page.evaluate(() => dispatchEvent(new Event('session-draft-saved')));
  await settle(writer.visitor);
  expect(await kept(writer.page)).toHaveLength(1);
  await goTo(writer, '/page');
  await settle(writer.visitor);
  expect(await valueOf(writer.page)).toBe('one');
});

test('a route that shows its content in the fields of another one gets its draft back', async () => {
  const writer = await openWith(`<input name="text" aria-label="Text"><script>
    const text = document.querySelector('[name=text]');
    function goTo(path) {
      history.pushState(null, '', path);
      text.value = path === '/page' ? 'first ' : 'second ';
    }
    goTo('/page');
  </script>`);
  await type(writer, TEXT, 'and mine');
  const typed = await valueOf(writer.page);
  await goTo(writer, '/page?item=2');
  await settle(writer.visitor);
  expect(await valueOf(writer.page)).toBe('second ');
  await goTo(writer, '/page');
  await settle(writer.visitor);
  expect(await valueOf(writer.page)).toBe(typed);
});

test('a field that the user empties on another route stays empty on the way back', async () => {
  const writer = await openWith(`<input name="text" aria-label="Text"><script>
    function goTo(path) {
      history.pushState(null, '', path);
    }
  </script>`);
  await type(writer, TEXT, 'filter');
  await goTo(writer, '/page?text=filter');
  await writer.visitor.pass(1000, { step: 250 });
  await writer.page.locator(TEXT).fill('');
  await goTo(writer, '/page');
  await settle(writer.visitor);
  expect(await valueOf(writer.page)).toBe('');
});
