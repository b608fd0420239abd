import { comeBack, notice, offered, openWith, settle, timeOut, type, type Writer } from './support/drafts.js';
import { SECOND } from '../support/page.js';

/** Opens a page with a control outside of its form, and types something, so that drafts are kept. */
async function pageWith(control: string): Promise<{ writer: Writer; loads(): number }> {
  let loads = 0;
  const writer = await openWith('', {
    setup: (app) => app.use('/form', (_req: unknown, res: { send(text: string): void }) => {
      loads++;
      res.send(`<!doctype html><title>Form</title><script type="module" src="/session/client.js"></script>
        <form id="f"><input name="text" aria-label="Text"></form>${control}`);
    }),
  }); // prettier-ignore
  await writer.page.goto(`${writer.site.origin}/form`);
  await writer.visitor.pass(SECOND, { step: 500 });
  await type(writer, '[name=text]', 'Dear');
  return { writer, loads: () => loads };
}

/** Lets time pass although the page may be left meanwhile. */
async function passAnyway({ visitor, page }: Writer, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await page.waitForLoadState();
    await visitor.pass(SECOND, { step: 500 }).catch(() => undefined);
  }
}

test.each([
  ['a box', '<label><input type="checkbox" name="old" onchange="location.reload()">Choose</label>', 'Space'],
  [
    'a list',
    '<label>Choose <select name="act" onchange="location.reload()"><option>Go<option>Refresh</select></label>',
    'ArrowDown',
  ],
  [
    'radio buttons',
    '<input type="radio" name="r" value="1" onchange="location.reload()" aria-label="Choose"><input type="radio" name="r" value="2">',
    'Space',
  ],
])('a page that reloads when something is chosen (%s) does so once more at most when it is filled in', async (_what, control, key) => {
  const { writer, loads } = await pageWith(control);
  const before = loads();
  await writer.page.getByLabel('Choose').focus();
  await Promise.all([writer.page.waitForEvent('load'), writer.page.keyboard.press(key)]);
  await passAnyway(writer, 10);
  expect(loads() - before).toBeLessThanOrEqual(2);
  expect(await writer.page.locator('[name=text]').inputValue()).toBe('Dear');
}); // prettier-ignore

test('a list that leads to another page does not lead there for good, and the user may still choose', async () => {
  const { writer } = await pageWith(
    `<label>Port <select name="port" onchange="location.href = '/page?n=' + this.value"><option value="">Go to<option value="2">Two</select></label>`,
  );
  const { page, site } = writer;
  await page.getByLabel('Port').press('ArrowDown');
  await page.waitForURL(/page\?n=2/);
  await page.goto(`${site.origin}/form`);
  await passAnyway(writer, 4);
  for (let visits = 0; visits < 2; visits++) {
    await page.goto(`${site.origin}/form`);
    await passAnyway(writer, 4);
    expect(page.url()).toBe(`${site.origin}/form`);
    expect(await page.locator('[name=text]').inputValue()).toBe('Dear');
  }
  await offered(writer);
  await notice(page).getByText('Use my text').click();
  await page.waitForURL(/page\?n=2/);
});

test('a choice without a script is filled in each time', async () => {
  const { writer } = await pageWith('<label><input type="checkbox" name="old">Choose</label>');
  const { page } = writer;
  await page.getByLabel('Choose').check();
  await writer.visitor.pass(SECOND, { step: 250 });
  for (let visits = 0; visits < 2; visits++) {
    await timeOut(writer);
    await comeBack(writer, { path: '/form' });
    expect(await page.getByLabel('Choose').isChecked()).toBe(true);
    // Somebody may go to another page just after it was filled in.
    await page.goto(`${writer.site.origin}/form`);
    await settle(writer.visitor);
    expect(await page.getByLabel('Choose').isChecked()).toBe(true);
  }
});

test('two pages that lead to each other do not do so for ever', async () => {
  let loads = 0;
  const writer = await openWith('', {
    setup: (app) => {
      for (const [here, there] of [['/fa', '/fb'], ['/fb', '/fa']] as const)
        app.use(here, (_req: unknown, res: { send(text: string): void }) => {
          loads++;
          res.send(`<!doctype html><title>Form</title><script type="module" src="/session/client.js"></script>
            <form id="f"><input name="text" aria-label="Text"></form>
            <select name="port" aria-label="Port" onchange="location.href = this.value"><option value="">Go to<option value="${there}">There</select>`);
        });
    },
  }); // prettier-ignore
  const { page, site, visitor } = writer;
  await page.goto(`${site.origin}/fa`);
  await visitor.pass(SECOND, { step: 500 });
  await type(writer, '[name=text]', 'Dear');
  for (const path of ['/fb', '/fa']) {
    await page.getByLabel('Port').focus();
    await Promise.all([page.waitForURL(`**${path}`), page.keyboard.press('ArrowDown')]);
    await passAnyway(writer, 3);
  }
  await passAnyway(writer, 6);
  const before = loads;
  await passAnyway(writer, 6);
  expect(loads).toBe(before);
});
