import type { Page } from 'playwright-core';
import { until } from '../support/page.js';
import { holdBack, kept, LETTER, openWith, type Writer } from './support/drafts.js';

const TEXT = '[name=text]';
const valueOf = (page: Page) => page.locator(TEXT).inputValue();
const soon = (page: Page, milliseconds = 700) =>
  page.evaluate((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)), milliseconds);

/** In real time: whether the server has accepted a form shows at the times of pages. */
async function written(body = LETTER, text = 'Dear harbour master'): Promise<Writer> {
  const writer = await openWith(body, { realTime: true, options: { idleTimeout: '1h', warnBefore: '1m' } });
  await writer.page.locator(TEXT).first().pressSequentially(text);
  await until(async () => (await kept(writer.page)).length > 0);
  // The newest content is written a little later.
  await soon(writer.page);
  return writer;
}

/** Opens the page again. Returns what is in the field when the page has had time to fill it in. */
async function openAgain({ page, site }: Writer): Promise<string> {
  await page.goto(`${site.origin}/page`);
  await soon(page, 1500);
  return valueOf(page);
}

/** Opens the page again, and waits until this text is in the field. */
async function comesBack({ page, site }: Writer, text = 'Dear harbour master'): Promise<void> {
  await page.goto(`${site.origin}/page`);
  await until(async () => (await valueOf(page)) === text);
}

const signInAgain = async ({ visitor }: Writer) => visitor.signIn('alice');
const LETTER_TO = (action: string) => LETTER.replace('/send', action);

describe('a form that the browser sends', () => {
  test('is no draft any more once the server has accepted it', async () => {
    const writer = await written();
    await writer.page.getByText('Send').click();
    await writer.page.waitForLoadState();
    await until(async () => (await kept(writer.page)).length === 0);
    expect(await openAgain(writer)).toBe('');
  });

  test('also if the computer has slept before: clocks of pages that stay open stand still meanwhile', async () => {
    const writer = await written();
    await writer.page.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => now() - 300_000;
    });
    await writer.page.getByText('Send').click();
    await writer.page.waitForLoadState();
    await until(async () => (await kept(writer.page)).length === 0);
    expect(await openAgain(writer)).toBe('');
  });

  test('also if a script submits it', async () => {
    const writer = await written(`${LETTER}<button onclick="letter.submit()">Go</button>`);
    await writer.page.getByText('Go').click();
    await writer.page.waitForLoadState();
    await until(async () => (await kept(writer.page)).length === 0);
  });

  test.each([
    [
      'closes its dialog',
      '<dialog open><form method="dialog"><textarea name="text"></textarea><button>Done</button></form></dialog>',
    ],
    [
      'was shown in another tab, as a preview',
      '<form action="/elsewhere" id="letter"><textarea name="text"></textarea><button formtarget="_blank">Done</button></form>',
    ],
  ])('stays a draft if it only %s', async (_name, body) => {
    const writer = await written(body);
    await writer.page.getByText('Done').click();
    await soon(writer.page, 1200);
    await comesBack(writer);
  });

  test('stays a draft if its data was only collected, and the page is left later', async () => {
    const writer = await written(`${LETTER}<a href="/page?n=2" onclick="">Away</a>`);
    await writer.page.evaluate(
      () => void new FormData(document.querySelector('form:has([name=text])') as HTMLFormElement),
    );
    await soon(writer.page, 1100);
    await writer.page.getByText('Away').click();
    await writer.page.waitForURL(/n=2/);
    await soon(writer.page, 1500);
    await comesBack(writer);
  });

  test('stays a draft if the server refuses it', async () => {
    const writer = await written(LETTER_TO('/refuse'));
    await writer.page.getByText('Send').click();
    await writer.page.waitForURL(/refuse/);
    await soon(writer.page, 1500);
    await comesBack(writer);
  });

  test('stays a draft if the session had ended by then', async () => {
    const writer = await written();
    const [started] = writer.site.events;
    await writer.site.service.end((started as { session: string }).session, 'revoked');
    await writer.page.getByText('Send').click();
    await writer.page.waitForURL(/login/);
    await soon(writer.page);
    await signInAgain(writer);
    await comesBack(writer);
  });

  test('leaves the drafts of other forms', async () => {
    const other = '<form id="other"><input name="text" aria-label="Other"></form>';
    const writer = await written(`${LETTER}${other}`);
    await writer.page.getByLabel('Other').pressSequentially('other');
    await until(async () => (await kept(writer.page)).length === 2);
    await soon(writer.page);
    await writer.page.getByText('Send').click();
    await writer.page.waitForLoadState();
    await until(async () => (await kept(writer.page)).length === 1);
    await soon(writer.page, 1500);
    expect(await writer.page.getByLabel('Text').inputValue()).toBe('');
    expect(await writer.page.getByLabel('Other').inputValue()).toBe('other');
  });
});

test('a form that was sent is no draft any more although the storage is full when the next page comes', async () => {
  const fill = `<script>
    for (let size = 2 ** 23; size >= 1; size /= 2) try { localStorage['full' + size] = 'x'.repeat(size); } catch {}
  </script>`;
  const writer = await openWith(`${LETTER}${fill}`, { realTime: true });
  const { page } = writer;
  const answered = page.waitForResponse(/draft-key/);
  await page.locator(TEXT).pressSequentially('D');
  await answered;
  await soon(page);
  await page.evaluate(() => {
    for (const name of Object.keys(localStorage)) if (name.startsWith('full')) localStorage.removeItem(name);
  });
  await page.locator(TEXT).pressSequentially('ear');
  await until(async () => (await kept(page)).length === 1);
  await soon(page);
  await page.getByText('Send').click();
  await page.waitForURL(/page/);
  await until(async () => (await kept(page)).length === 0);
  await soon(page, 3500);
  expect(await valueOf(page)).toBe('');
});

describe('a form that a script sends', () => {
  const sendsBy = (action: string) => `${LETTER}<script>letter.onsubmit = (event) => {
    event.preventDefault();
    fetch('${action}', { method: 'POST', body: JSON.stringify({ text: letter.text.value }) });
  };</script>`;

  test('is no draft any more once it is saved', async () => {
    const writer = await written(sendsBy('/save'));
    await writer.page.getByText('Send').click();
    await until(async () => (await kept(writer.page)).length === 0);
    expect(await openAgain(writer)).toBe('');
  });

  test.each([401, 422, 500])('stays a draft if the answer is %d', async (status) => {
    const writer = await written(sendsBy(`/save?status=${status}`));
    await writer.page.getByText('Send').click();
    await soon(writer.page);
    await comesBack(writer);
  });

  test.each([
    ['', '', false],
    [', also if the user has gone back to the field meanwhile', '', true],
    [', also if a framework writes its content into its attribute', 'letter.text.oninput = ({ target }) => (target.defaultValue = target.value);', false],
  ])('stays a draft if the answer is an error and comes after that of another request%s', async (_when, script, isBack) => {
    const writer = await written(`${LETTER}<script>${script}
    letter.onsubmit = (event) => {
      event.preventDefault();
      fetch('/save?status=500', { method: 'POST' });
      fetch('/save', { method: 'POST' });
    };</script>`);
    const gate = await holdBack(writer.page, '**/save?status=500');
    await writer.page.getByText('Send').click();
    await until(async () => (await kept(writer.page)).length === 0);
    if (isBack) await writer.page.locator(TEXT).focus();
    gate.open();
    await until(async () => (await kept(writer.page)).length === 1);
    await comesBack(writer);
  }); // prettier-ignore

  test('is a draft again if somebody types on', async () => {
    const writer = await written(sendsBy('/save'));
    await writer.page.getByText('Send').click();
    await until(async () => (await kept(writer.page)).length === 0);
    await writer.page.locator(TEXT).pressSequentially('!');
    await until(async () => (await kept(writer.page)).length === 1);
    await soon(writer.page);
    // This server shows an empty field after it has saved a text, so the page first waits for its content.
    await comesBack(writer, 'Dear harbour master!');
  });

  test('and then empties, as a chat does, is no draft any more', async () => {
    const writer = await written(`<input name="text" aria-label="Text"><script>
      const text = document.querySelector('[aria-label=Text]');
      text.onkeydown = ({ key }) => { if (key === 'Enter') text.value = ''; };
    </script>`);
    await writer.page.locator(TEXT).press('Enter');
    await until(async () => (await kept(writer.page)).length === 0);
    expect(await openAgain(writer)).toBe('');
  });

  test('is no draft any more when the application says so', async () => {
    const writer = await written();
    await writer.page.locator('#letter').dispatchEvent('session-draft-saved');
    await until(async () => (await kept(writer.page)).length === 0);
    expect(await openAgain(writer)).toBe('');
  });

  test('is a draft of what was saved if somebody types on', async () => {
    let saved = 'old';
    const writer = await openWith('', {
      realTime: true,
      options: { idleTimeout: '1h', warnBefore: '1m' },
      setup: (app) => {
        app.use('/edit', (_req: unknown, res: { send(text: string): void }) => res.send(
          `<!doctype html><script type="module" src="/session/client.js"></script>${LETTER.replace('></textarea>', `>${saved}</textarea>`)}`));
        app.use('/keep', (_req: unknown, res: { send(text: string): void }) => ((saved = 'new'), res.send('')));
      },
    }); // prettier-ignore
    const { page, site } = writer;
    await page.goto(`${site.origin}/edit`);
    await page.evaluate(() => {
      document.querySelector('#letter')!.addEventListener('submit', (event) => {
        event.preventDefault();
        void fetch('/keep', { method: 'POST' });
      });
    });
    const text = page.locator(TEXT);
    await text.press('ControlOrMeta+a');
    await text.pressSequentially('new');
    await until(async () => (await kept(page)).length === 1);
    await soon(page);
    await page.locator('#letter').evaluate((form: HTMLFormElement) => form.requestSubmit());
    await until(async () => (await kept(page)).length === 0);
    await text.pressSequentially('er');
    await until(async () => (await kept(page)).length === 1);
    await soon(page);
    await page.goto(`${site.origin}/page`);
    await page.goto(`${site.origin}/edit`);
    await until(async () => (await valueOf(page)) === 'newer');
  });
});
