import { comeBack, notice, openWith, timeOut, type, type Writer } from './support/drafts.js';

const ODD = 'Some fields were left as they are, as they have changed since.';

/** Opens a page whose form the application changes while the user is away. */
async function changing(before: string, after: string): Promise<{ writer: Writer; change(): void }> {
  let body = before;
  const writer = await openWith('', {
    setup: (app) => app.use('/form', (_req: unknown, res: { send(text: string): void }) => res.send(
      `<!doctype html><title>Form</title><script type="module" src="/session/client.js"></script><form id="f">${body}
       <input name="text" aria-label="Text"></form>`)),
  }); // prettier-ignore
  await writer.page.goto(`${writer.site.origin}/form`);
  await writer.visitor.pass(1000, { step: 500 });
  return { writer, change: () => (body = after) };
}

test.each([
  [
    'a select',
    '<select name="port" aria-label="Port"><option>Bergen<option selected>Oslo<option>Vardo</select>',
    '<select name="port" aria-label="Port"><option>Bergen<option selected>Oslo</select>',
    ({ page }: Writer) => page.getByLabel('Port').press('ArrowDown'),
    ({ page }: Writer) => page.getByLabel('Port').inputValue(),
    'Oslo',
  ],
  [
    'a group of radio buttons',
    '<input type="radio" name="port" value="1" aria-label="Oslo" checked><input type="radio" name="port" value="2" aria-label="Vardo">',
    '<input type="radio" name="port" value="1" aria-label="Oslo" checked>',
    ({ page }: Writer) => page.getByLabel('Vardo').check(),
    ({ page }: Writer) => page.getByLabel('Oslo').isChecked(),
    true,
  ],
] as const)('%s stays as it is if it no longer offers what was chosen', async (_what, before, after, choose, chosen, left) => {
  const { writer, change } = await changing(before, after);
  await choose(writer);
  await type(writer, '[name=text]', 'Dear');
  change();
  await timeOut(writer);
  const page = await comeBack(writer, { path: '/form' });
  expect(await chosen(writer)).toBe(left);
  expect(await page.locator('[name=text]').inputValue()).toBe('Dear');
  await writer.visitor.pass(6000, { step: 500 });
  expect(await chosen(writer)).toBe(left);
  expect(await notice(page).getByRole('status').textContent()).toContain(ODD);
}); // prettier-ignore

test('a field that nobody may change any more stays as it is', async () => {
  const { writer, change } = await changing(
    '<input name="sum" aria-label="Sum" value="100">',
    '<input name="sum" aria-label="Sum" value="100" readonly>',
  );
  await type(writer, '[name=sum]', '5');
  change();
  await timeOut(writer);
  const page = await comeBack(writer, { path: '/form' });
  expect(await page.getByLabel('Sum').inputValue()).toBe('100');
});

test('a choice is filled in also if the application chooses by a script', async () => {
  const radios = `<input type="radio" name="port" value="1" aria-label="Oslo"><input type="radio" name="port" value="2" aria-label="Vardo">
    <script>document.querySelector('[value="1"]').checked = true;</script>`;
  const { writer } = await changing(radios, radios);
  await writer.page.getByLabel('Vardo').check();
  await writer.visitor.pass(1000, { step: 250 });
  await timeOut(writer);
  const page = await comeBack(writer, { path: '/form' });
  expect(await page.getByLabel('Vardo').isChecked()).toBe(true);
});
