import { comeBack, notice, openWith, settle, timeOut, type, type Writer } from './support/drafts.js';

const ODD = 'Some fields were left as they are, as they have changed since.';

/** Opens a page that the application changes while the user is away. */
async function changingPage(before: string, after: string): Promise<{ writer: Writer; change(): void }> {
  let body = before;
  const writer = await openWith('', {
    setup: (app) => app.use('/form', (_req: unknown, res: { send(text: string): void }) => res.send(
      `<!doctype html><title>Form</title><script type="module" src="/session/client.js"></script>${body}`)),
  }); // prettier-ignore
  await writer.page.goto(`${writer.site.origin}/form`);
  await writer.visitor.pass(1000, { step: 500 });
  return { writer, change: () => (body = after) };
}

/** The same for a page with one form. */
function changing(before: string, after: string): ReturnType<typeof changingPage> {
  const form = (fields: string) => `<form id="f">${fields}<input name="text" aria-label="Text"></form>`;
  return changingPage(form(before), form(after));
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

test('a box in a part of the form that is disabled now stays as it is, and nobody hears of a change', async () => {
  const box = (attribute: string) =>
    `<fieldset ${attribute}><input type="checkbox" name="paid" aria-label="Paid" onchange="window.heard = true"></fieldset>`;
  const { writer, change } = await changing(box(''), box('disabled'));
  await writer.page.getByLabel('Paid').check();
  await type(writer, '[name=text]', 'Dear');
  change();
  await timeOut(writer);
  const page = await comeBack(writer, { path: '/form' });
  expect(await page.getByLabel('Paid').isChecked()).toBe(false);
  expect(await page.evaluate('window.heard')).toBe(undefined);
  expect(await page.locator('[name=text]').inputValue()).toBe('Dear');
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

const REPLY = '<input name="text" aria-label="Reply"><button>Send</button>';
const FORM = `<form action="/reply">${REPLY}</form>`;

test.each([
  ['with a form each', (ids: string[]) => ids.map((id) => `<article id="${id}">${FORM}</article>`).join('')],
  ['in one form', (ids: string[]) => `<form>${ids.map((id) => `<p id="${id}">${REPLY}</p>`).join('')}</form>`],
])('a text comes back in its own row of a list (%s), also if there are more rows before it', async (_how, list) => {
  const { writer, change } = await changingPage(list(['p1', 'p2']), list(['p3', 'p1', 'p2']));
  await type(writer, '#p2 input', 'for the second');
  change();
  await timeOut(writer);
  const page = await comeBack(writer, { path: '/form' });
  expect(
    await page.getByLabel('Reply').evaluateAll((all: HTMLInputElement[]) => all.map(({ value }) => value)),
  ).toEqual(['', '', 'for the second']);
});

const choices = (name: string, label: string) =>
  `<fieldset aria-label="${label}">${['yes', 'no'].map((value) => `<label><input type="radio" name="${name}" value="${value}">${value}</label>`).join('')}</fieldset>`;
const chosen = (page: Writer['page']) =>
  page
    .locator('fieldset:has(:checked)')
    .evaluateAll((all) => all.map((fieldset) => fieldset.closest('[id]')?.id ?? fieldset.getAttribute('aria-label')));

test('a choice comes back in its own row of a list, also if there are more rows before it', async () => {
  const list = (ids: string[]) =>
    ids.map((id) => `<article id="${id}"><form action="/vote">${choices('vote', id)}</form></article>`).join('');
  const { writer, change } = await changingPage(list(['p1', 'p2']), list(['p3', 'p1', 'p2']));
  const { page, visitor } = writer;
  await page.locator('#p1 [value=yes]').check();
  await visitor.pass(1000, { step: 250 });
  change();
  await timeOut(writer);
  await comeBack(writer, { path: '/form' });
  expect(await chosen(page)).toEqual(['p1']);
});

test('a choice comes back in its own group, also if another group has got its generated name', async () => {
  const list = (labels: string[]) => labels.map((label, i) => choices(`mat-radio-group-${i}`, label)).join('');
  const { writer, change } = await changingPage(
    list(['Allergies', 'Diabetes']) + REPLY,
    list(['Pregnant', 'Allergies', 'Diabetes']) + REPLY,
  );
  const { page } = writer;
  await page.locator('[aria-label=Allergies] [value=yes]').check();
  await type(writer, '[name=text]', 'Dear');
  change();
  await timeOut(writer);
  await comeBack(writer, { path: '/form' });
  expect(await page.getByLabel('Reply').inputValue()).toBe('Dear');
  expect(await chosen(page)).toEqual(['Allergies']);
});

test.each([
  ['of Vuetify', (n: number) => `input-v-${n}`, 'private'],
  ['of PrimeVue', (n: number) => `pv_id_${n}`, 'private'],
  ['of Element Plus', (n: number) => `el-id-1024-${n}`, 'private'],
  ['of react-select', (n: number) => `react-select-${n}-input`, 'private'],
  ['of an unknown framework', (n: number) => `input-${n}`, ''],
])('a text does not come back in another field that has got its id (%s)', async (_what, id, found) => {
  const list = (labels: string[]) =>
    labels.map((label, i) => `<p><label for="${id(i)}">${label}</label><input id="${id(i)}"></p>`).join('');
  const { writer, change } = await changingPage(
    list(['Diagnosis', 'Remarks']) + REPLY,
    list(['Name', 'Diagnosis', 'Remarks']) + REPLY,
  );
  const { page } = writer;
  await page.getByLabel('Diagnosis').pressSequentially('private');
  await type(writer, '[name=text]', 'Dear');
  change();
  await timeOut(writer);
  await comeBack(writer, { path: '/form' });
  expect(await page.getByLabel('Reply').inputValue()).toBe('Dear');
  expect(await page.getByLabel('Name').inputValue()).toBe('');
  expect(await page.getByLabel('Diagnosis').inputValue()).toBe(found);
});

test('a text comes back in a field whose only name is a generated one', async () => {
  const { writer } = await changingPage('<input name=":r1:">', '<input name=":r1:">');
  await type(writer, 'input', 'Dear');
  await timeOut(writer);
  const page = await comeBack(writer, { path: '/form' });
  expect(await page.locator('input').inputValue()).toBe('Dear');
});

test.each([
  ['counts what is typed', '<output>0</output> of 100'],
  ['says that something is missing', '<output>Required</output>'],
])('a text comes back in a field with a number in its id, also if its label %s', async (_what, more) => {
  const field = `<label for="note-7">Note ${more}</label>
    <input id="note-7" oninput="document.querySelector('output').value = this.value.length">`;
  const { writer } = await changingPage(field, field);
  await type(writer, '#note-7', 'Dear');
  await timeOut(writer);
  const page = await comeBack(writer, { path: '/form' });
  expect(await page.locator('#note-7').inputValue()).toBe('Dear');
});

test('a text comes back in the only form of the page, also if the framework has made a new id around it', async () => {
  const { writer, change } = await changingPage(`<div id=":r1:">${FORM}</div>`, `<div id=":r2:">${FORM}</div>`);
  await type(writer, '[name=text]', 'Dear');
  change();
  await timeOut(writer);
  const page = await comeBack(writer, { path: '/form' });
  expect(await page.getByLabel('Reply').inputValue()).toBe('Dear');
});

test.each([
  ['of React, and a label', (n: number, name: string) => `<label for=":r${n}:">${name}</label><input id=":r${n}:">`],
  ['of Vue, and a label', (n: number, name: string) => `<label for="v-${n}">${name}</label><input id="v-${n}">`],
  ['of React, and `aria-label`', (n: number, name: string) => `<input id=":r${n}:" aria-label="${name}">`],
  ['of React, and a label around it', (n: number, name: string) => `<label>${name} <input id=":r${n}:"></label>`],
  ['of React, and a label around it that has its content', (n: number, name: string) => `<label>${name}
    <textarea id=":r${n}:" oninput="this.defaultValue = this.value"></textarea></label>`],
])('a text comes back in its own field if only its generated id has moved to another field (%s)', async (_what, field) => {
  const { writer, change } = await changingPage(field(5, 'Street'), field(5, 'Name') + field(6, 'Street'));
  const { page, visitor } = writer;
  await page.getByLabel('Street').pressSequentially('Elm Street 1');
  await visitor.pass(1000, { step: 250 });
  change();
  await timeOut(writer);
  await comeBack(writer, { path: '/form' });
  expect(await page.getByLabel('Name').inputValue()).toBe('');
  expect(await page.getByLabel('Street').inputValue()).toBe('Elm Street 1');
}); // prettier-ignore

test.each([
  ['in its row', '<div id="ROW">'],
  ['in its row and an element with a generated id', '<div id="ROW"><div id=":rCOUNT:">'],
])('a text does not come back in another row of a list that is the only open one (%s)', async (_where, row) => {
  const writer = await openWith(`<div id="list"></div><script>
    let count = 0;
    function show(id) {
      const row = '${row}'.replace('ROW', id).replace('COUNT', count++);
      list.innerHTML = row + '<form><textarea name="reply" aria-label="Reply"></textarea></form>';
    }
    show('ticket-7');
  </script>`);
  const { page, visitor } = writer;
  const reply = page.getByLabel('Reply');
  await type(writer, '[name=reply]', 'for seven');
  await page.evaluate("show('ticket-8')");
  await settle(visitor);
  expect(await reply.inputValue()).toBe('');
  await page.evaluate("show('ticket-7')");
  await settle(visitor);
  expect(await reply.inputValue()).toBe('for seven');
});

test.each([
  ['that takes its place', '<div id="part"></div>', ''],
  [
    'whose dialog opens after the user has cancelled the first',
    '<dialog id="part"></dialog>',
    'part.close(); part.replaceChildren();',
  ],
])(
  'a text about one record does not come into the form of another one %s, but is offered',
  async (_how, part, cancel) => {
    const writer = await openWith(`${part}<script>
    function show(name) {
      part.innerHTML = '<form><h2>' + name + '</h2><textarea name="text" aria-label="Text"></textarea></form>';
      part.showModal?.();
    }
    show('Bob');
  </script>`);
    const { page, visitor } = writer;
    const text = page.getByLabel('Text');
    await type(writer, '[name=text]', 'Carol is fired');
    await page.evaluate(cancel);
    await visitor.pass(2000, { step: 500 });
    await page.evaluate("show('Carol')");
    await settle(visitor);
    expect(await text.inputValue()).toBe('');
    // In a dialog, the notice is there.
    await page.getByText('Use my text').click();
    expect(await text.inputValue()).toBe('Carol is fired');
  },
);

test('a text stays in its own step of a form, also if the framework uses the same element for the next step', async () => {
  const writer = await openWith(`<form><input name="street" aria-label="Street"></form><script>
    const field = document.querySelector('[name=street]');
    function next() {
      field.name = 'iban';
      field.value = '';
    }
  </script>`);
  const { page, visitor } = writer;
  await type(writer, '[name=street]', 'Elm Street 1');
  await page.evaluate('next()');
  await settle(visitor);
  await type(writer, '[name=iban]', 'NO93 8601');
  await timeOut(writer);
  await comeBack(writer);
  expect(await page.getByLabel('Street').inputValue()).toBe('Elm Street 1');
  await page.evaluate('next()');
  await settle(visitor);
  expect(await page.locator('[name=iban]').inputValue()).toBe('NO93 8601');
});

test('a text stays in its own row of a list, also if the framework uses the same element for another row', async () => {
  const writer = await openWith(`<form><p id="row-1"><input name="reply" aria-label="Reply"></p></form><script>
    const field = document.querySelector('[name=reply]');
    function show(row, text) {
      field.parentElement.id = row;
      field.value = text;
    }
  </script>`);
  const { page, visitor } = writer;
  const reply = page.getByLabel('Reply');
  await type(writer, '[name=reply]', 'for the first');
  await page.evaluate("show('row-11', 'from the server')");
  await settle(visitor);
  await reply.press('End');
  await type(writer, '[name=reply]', ', and mine');
  await timeOut(writer);
  await comeBack(writer);
  expect(await reply.inputValue()).toBe('for the first');
  await page.evaluate("show('row-11', 'from the server')");
  await settle(visitor);
  expect(await reply.inputValue()).toBe('from the server, and mine');
});

test('a checked box stays checked, also if the framework uses the same element for the box of another row', async () => {
  const writer =
    await openWith(`<form><input type="checkbox" name="chosen" value="7" aria-label="Chosen"></form><script>
    const box = document.querySelector('[name=chosen]');
    function show(row) {
      box.value = row;
      box.checked = false;
    }
  </script>`);
  const { page, visitor } = writer;
  const box = page.getByLabel('Chosen');
  await box.check();
  await visitor.pass(1000, { step: 250 });
  await page.evaluate("show('9')");
  await settle(visitor);
  expect(await box.isChecked()).toBe(false);
  await timeOut(writer);
  await comeBack(writer);
  expect(await box.isChecked()).toBe(true);
});
