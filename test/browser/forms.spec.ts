import { Controller, Get } from '@nestjs/common';
import type { Page } from 'playwright-core';
import { visit } from './support/browser.js';
import { AUTO } from './support/html.js';
import { look, SECOND, until } from './support/page.js';
import { REACT_APP, reactApp } from './support/react-app.js';
import { openSite } from './support/site.js';

const body = `<form id="letter" action="/nothing" method="get">
    <input name="title" value="Draft"><input type="checkbox" name="urgent"><button id="send">Send</button><button type="reset">Reset</button>
  </form>
  <input type="radio" name="way" value="land" checked><input type="radio" name="way" value="sea">
  <input aria-label="Alone"><div contenteditable aria-label="Free">free</div>`;

/** Whether the browser asks before the page is left. */
async function asks(page: Page): Promise<boolean> {
  const asked = page.waitForEvent('dialog').then(async (dialog) => {
    await dialog.dismiss();
    return dialog.type() === 'beforeunload';
  });
  asked.catch(() => undefined);
  const left = page.waitForURL(/public/, { waitUntil: 'commit' }).then(
    () => false,
    // The answer to the question was no.
    () => asked,
  );
  await page.evaluate(() => location.assign('/public')).catch(() => undefined);
  return Promise.race([asked, left]);
}

async function openForm() {
  const site = await openSite({ page: { body } });
  const visitor = await visit(site);
  return { site, visitor, page: await visitor.open() };
}

/** A page without a field of its own. */
@Controller()
class EmptyController {
  @Get('empty')
  empty() {
    return `<!doctype html><title>Empty</title>${AUTO}${REACT_APP}<div id="root"></div>`;
  }
}

const edits: [string, (page: Page) => Promise<unknown>][] = [
  ['a field that is still being typed in', (page) => page.locator('[name=title]').pressSequentially('!')],
  ['a box that is ticked', (page) => page.locator('[name=urgent]').check()],
  ['another radio button', (page) => page.locator('[value=sea]').check()],
  ['a field without a form', (page) => page.getByLabel('Alone').pressSequentially('x')],
  ['text that is edited in place', (page) => page.getByLabel('Free').pressSequentially('x')],
];

test.each(edits)('the browser asks before %s is lost', async (_name, edit) => {
  const { page } = await openForm();
  await edit(page);
  expect(await asks(page)).toBe(true);
  expect(new URL(page.url()).pathname).toBe('/page');
});

test.each([
  ['from the start', '<Letter />'],
  ['from the moment when it is shown', '<App />'],
])('the browser asks before a field that React controls is lost, also if it has the focus %s', async (_when, shows) => {
  const source = `
    import { useState } from 'react';
    import { createRoot } from 'react-dom/client';
    function Letter() {
      const [text, setText] = useState('');
      return <textarea autoFocus value={text} onChange={(event) => setText(event.target.value)} />;
    }
    function App() {
      const [isWriting, write] = useState(false);
      return isWriting ? <Letter /> : <button onClick={() => write(true)}>Write</button>;
    }
    createRoot(document.getElementById('root')).render(${shows});`;
  const site = await openSite({ setup: await reactApp(source), controllers: [EmptyController] });
  const visitor = await visit(site);
  const page = await visitor.open('/empty');
  if (shows === '<App />') await page.getByText('Write').press('Enter');
  // The part for forms is loaded when there is a field.
  await until(() =>
    page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => /extras/.test(name))),
  );
  await visitor.settle();
  await page.keyboard.type('half a letter');
  expect(await asks(page)).toBe(true);
});

test('the browser asks before text in an editor is lost that is a frame', async () => {
  const site = await openSite({
    page: { body: '<iframe srcdoc="&lt;body contenteditable&gt;text&lt;/body&gt;"></iframe>', script: AUTO },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.frames()[1]!.locator('body').pressSequentially('x');
  expect(await asks(page)).toBe(true);
});

const changes: [string, (frame: HTMLIFrameElement) => unknown][] = [
  ['shows another page', (frame) => (frame.src = '/public')],
  ['is gone', (frame) => frame.remove()],
];

test.each(changes)('the browser does not ask about text in a frame that %s', async (_what, change) => {
  const site = await openSite({ page: { body: '<iframe src="/frame"></iframe>', script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(2 * SECOND);
  await page.frames()[1]!.getByLabel('Note').pressSequentially('x');
  await page.locator('iframe').evaluate(change);
  await until(() => !page.frames().some((frame) => frame.url().endsWith('/frame')));
  await visitor.pass(2 * SECOND);
  expect(await asks(page)).toBe(false);
});

test('a custom element with options or a form of its own disturbs nothing', async () => {
  const site = await openSite({ page: { body: '<x-chart tabindex="0">chart</x-chart><textarea></textarea>' } });
  const visitor = await visit(site);
  const page = await visitor.open();
  const errors: unknown[] = [];
  page.on('pageerror', (error) => errors.push(error));
  await page.evaluate(() => {
    const chart = document.querySelector('x-chart')!;
    Object.assign(chart, { options: { color: 'red' }, form: 'round' });
  });
  await visitor.pass(2 * SECOND);
  await page.locator('x-chart').focus();
  await page.locator('x-chart').evaluate((chart) => chart.dispatchEvent(new Event('input', { bubbles: true })));
  expect(errors).toEqual([]);
});

test('the browser does not ask when a select sends its form itself', async () => {
  const site = await openSite({
    page: { body: '<form action="/public"><select onchange="form.submit()"><option>1<option>2</select></form>' },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  const prompts: string[] = [];
  page.on('dialog', (dialog) => {
    prompts.push(dialog.type());
    void dialog.accept();
  });
  await page.locator('select').selectOption('2');
  await page.waitForURL(/public/);
  expect(prompts).toEqual([]);
});

const harmless: [string, (page: Page) => Promise<unknown>][] = [
  ['nothing was typed', (page) => page.locator('[name=title]').click()],
  [
    'what was typed was taken back',
    async (page) => {
      await page.locator('[name=title]').press('End');
      await page.keyboard.type('!');
      await page.keyboard.press('Backspace');
    },
  ],
  [
    'another radio button was chosen, and then the first one again',
    async (page) => {
      await page.locator('[value=sea]').check();
      await page.locator('[value=land]').check();
    },
  ],
  [
    'the form was reset',
    async (page) => {
      await page.locator('[name=title]').pressSequentially('!');
      await page.getByText('Reset').click();
      await page.clock.runFor(10);
    },
  ],
  [
    'the form was sent',
    async (page) => {
      await page.locator('[name=title]').pressSequentially('!');
      await page.getByText('Send').click();
    },
  ],
];

test.each(harmless)('the browser does not ask when %s', async (_name, act) => {
  const { page } = await openForm();
  await act(page);
  expect(await asks(page)).toBe(false);
});

test('"Stay signed in" keeps the typed text; the end of the session removes it without asking', async () => {
  const { visitor, page } = await openForm();
  await page.locator('[name=title]').fill('A long letter');
  await visitor.pass(43 * SECOND, { step: SECOND });
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await visitor.pass(SECOND, { step: 250 });
  expect(await look(page)).toBe('page');
  expect(await page.locator('[name=title]').inputValue()).toBe('A long letter');
  await visitor.pass(62 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('login idle');
});
