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
