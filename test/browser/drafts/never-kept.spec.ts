import { SECOND } from '../support/page.js';
import { everythingStored, kept, LETTER, openWith, type } from './support/drafts.js';

test.each([
  ['a password', '<form><input name="a"><textarea></textarea><input type="password" aria-label="Field"></form>'],
  ['a password that is shown', '<input type="password" aria-label="Field" onfocus="this.type = \'text\'">'],
  ['a new password', '<input autocomplete="new-password" aria-label="Field" name="x">'],
  ['a field that is called password', '<input name="passwordConfirm" aria-label="Field">'],
  ['the name beside a password', '<form><input name="user" aria-label="Field"><input type="password"></form>'],
  ['a one-time code', '<input autocomplete="one-time-code" name="x" aria-label="Field">'],
  ['a code with a name of several words', '<input name="otp_code" aria-label="Field">'],
  ['a code with a name in camel case', '<input id="smsOtp" aria-label="Field">'],
  ['a code of an app', '<input name="totp" aria-label="Field">'],
  ['one of several fields for a code', '<input name="otp1" aria-label="Field">'],
  ['a code that was sent to a phone', '<input name="smsCode" aria-label="Field">'],
  ['a code for those who have lost their phone', '<input name="recovery_code" aria-label="Field">'],
  ['a passcode', '<input name="passcode" aria-label="Field">'],
  ['a card in one word', '<input name="creditcard" aria-label="Field">'],
  ['the end of a card', '<input name="cardExpiry" aria-label="Field">'],
  ['a search in a form for searches', '<form role="search"><input name="q" aria-label="Field"></form>'],
  [
    'the name of somebody who signs in step by step',
    '<form><input name="x" autocomplete="username" aria-label="Field"></form>',
  ],
  ['a field that is labelled as a PIN', '<input aria-label="Your PIN" class="field">'],
  ['a field with a label that names a code', '<label>One-time code <input name="value" class="field"></label>'],
  ['a field with a label that names a card', '<label>Card number <input name="number" class="field"></label>'],
  ['a field whose only name is its placeholder', '<input placeholder="Card number" class="field">'],
  ['the code of a card with a name in camel case', '<input name="cardCvc" aria-label="Field">'],
  ['the number of a card', '<input autocomplete="cc-number" name="x" aria-label="Field">'],
  ['the code of a card', '<input autocomplete="section-a cc-csc" name="x" aria-label="Field">'],
  ['a search', '<input type="search" name="x" aria-label="Field">'],
  ['a field that the application leaves out', '<input name="x" data-session-draft="off" aria-label="Field">'],
  ['a field in what it leaves out', '<p data-session-draft="off"><input name="x" aria-label="Field"></p>'],
  [
    'a field of a form that it leaves out',
    '<form id="f" data-session-draft="off"></form><input form="f" name="x" aria-label="Field">',
  ],
  ['masked text', '<input name="x" aria-label="Field" style="-webkit-text-security: disc">'],
  ['editable text without an id', '<p contenteditable aria-label="Field"></p>'],
])('%s is not kept', async (_what, field) => {
  const writer = await openWith(`${field}${LETTER}`);
  await type(writer, '[aria-label=Field],.field', 'geheim');
  // What is kept has loaded the part that keeps it.
  await type(writer, '[name=text]', 'Dear');
  const { page } = writer;
  expect(await kept(page)).not.toEqual([]);
  await page.locator('[name=text]').fill('');
  await writer.visitor.pass(SECOND, { step: 250 });
  // Nothing is left once the other field is empty again.
  expect(await kept(page)).toEqual([]);
  expect(await everythingStored(page)).not.toContain('geheim');
});

test('with autocomplete="off", as many forms have it, what is typed is kept', async () => {
  const writer = await openWith(
    '<form autocomplete="off"><input name="x" autocomplete="off" aria-label="Field"></form>',
  );
  await type(writer, '[aria-label=Field]', 'text');
  expect(await kept(writer.page)).toHaveLength(1);
});

test.each(['shipping', 'tank', 'pinboard', 'hotProduct', 'carbonFootprint', 'postcode', 'standard_text', 'cc'])(
  'a field that is called %s is kept',
  async (name) => {
    const writer = await openWith(`<input name="${name}" aria-label="Field">`);
    await type(writer, '[aria-label=Field]', 'text');
    expect(await kept(writer.page)).toHaveLength(1);
  },
);

describe('nothing is kept, and nothing is loaded for it,', () => {
  const requested = async (page: import('playwright-core').Page) =>
    page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => /draft/.test(name)).length);

  test('without the option', async () => {
    const writer = await openWith(LETTER, { options: { drafts: undefined } });
    await type(writer, '[name=text]', 'Dear');
    expect(await kept(writer.page)).toEqual([]);
    expect(await requested(writer.page)).toBe(0);
  });

  test('with data-drafts="off"', async () => {
    const script = '<script type="module" src="/session/client.js" data-drafts="off"></script>';
    const writer = await openWith(LETTER, { page: { script } });
    await type(writer, '[name=text]', 'Dear');
    expect(await kept(writer.page)).toEqual([]);
    expect(await requested(writer.page)).toBe(0);
  });

  test('before somebody types', async () => {
    const { page } = await openWith();
    expect(await requested(page)).toBe(0);
  });
});

test('on plain http nothing is kept, and the console says so once', async () => {
  const writer = await openWith(LETTER, { byAddress: true, realTime: true });
  const said: string[] = [];
  writer.page.on('console', (message) => said.push(message.text()));
  await writer.page.locator('[name=text]').pressSequentially('Dear');
  await writer.page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.endsWith('drafts.js')),
  );
  await writer.page.locator('[name=text]').pressSequentially(' you');
  await writer.page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 300)));
  expect(said.filter((text) => /drafts/.test(text))).toEqual([
    'nestjs-session-timeout: drafts need https and storage.',
  ]);
  expect(await kept(writer.page)).toEqual([]);
});

test.each(['One-time donation', 'Greeting card note', 'PIN code of your town'])(
  'a field with the label "%s" is kept',
  async (label) => {
    const writer = await openWith(`<label>${label} <input name="value"></label>`);
    await type(writer, '[name=value]', 'Dear');
    expect(await kept(writer.page)).not.toEqual([]);
  },
);
