import type { Page } from 'playwright-core';
import { violations } from '../support/accessibility.js';
import { AUTO } from '../support/html.js';
import { SECOND, until } from '../support/page.js';
import {
  comeBack,
  everythingStored,
  kept,
  LETTER,
  notice,
  offered,
  openWith,
  settle,
  timeOut,
  type,
  holdBack,
} from './support/drafts.js';

const TEXT = '[name=text]';
const BACK = 'What you had typed is back.';
const valueOf = (page: Page, selector = TEXT) => page.locator(selector).inputValue();

const ALL = `<form id="all">
    <input name="title" aria-label="Title"><textarea name="text" aria-label="Text"></textarea>
    <select name="one" aria-label="One"><option>a<option>b</select>
    <select name="many" aria-label="Many" multiple><option>a<option>b<option>c</select>
    <input type="checkbox" name="box" value="1" aria-label="First"><input type="checkbox" name="box" value="2" aria-label="Second">
    <input type="radio" name="radio" value="1" aria-label="Left"><input type="radio" name="radio" value="2" aria-label="Right">
    <input name="row" aria-label="Row 1"><input name="row" aria-label="Row 2">
  </form>
  <input aria-label="Alone"><div id="free" contenteditable aria-label="Free"><p>free</p></div>
  <div id="host"></div>
  <script>
    document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML = '<input aria-label="Inside">';
  </script>`;

async function fillAll(page: Page): Promise<void> {
  await page.getByLabel('Title').pressSequentially('Pilot');
  await page.getByLabel('Text', { exact: true }).pressSequentially('two\nlines');
  await page.getByLabel('One', { exact: true }).press('ArrowDown');
  await page.locator('[name=many] option').nth(0).click();
  await page
    .locator('[name=many] option')
    .nth(2)
    .click({ modifiers: ['ControlOrMeta'] });
  await page.getByLabel('Second').check();
  await page.getByLabel('Right').check();
  await page.getByLabel('Row 2').pressSequentially('second row');
  await page.getByLabel('Alone').pressSequentially('alone');
  await page.locator('#free p').click();
  await page.keyboard.press('End');
  await page.keyboard.type(' speech');
  await page.getByLabel('Inside').pressSequentially('inside');
}

function contentsOf(page: Page) {
  return page.evaluate(() => {
    const find = (name: string) => document.querySelector<HTMLInputElement>(`[aria-label="${name}"]`)!;
    const chosen = (name: string) => [...document.querySelector<HTMLSelectElement>(`[name=${name}]`)!.selectedOptions];
    return [
      ...['Title', 'Text', 'Row 1', 'Row 2', 'Alone'].map((name) => find(name).value),
      ...['First', 'Second', 'Left', 'Right'].map((name) => find(name).checked),
      ...['one', 'many'].map((name) =>
        chosen(name)
          .map(({ value }) => value)
          .join(),
      ),
      document.getElementById('free')!.innerHTML,
      document.getElementById('host')!.shadowRoot!.querySelector('input')!.value,
    ];
  });
}

test('all kinds of fields are filled in again after a timeout, and until then nothing can be read', async () => {
  const writer = await openWith(ALL);
  await fillAll(writer.page);
  await writer.visitor.pass(SECOND, { step: 250 });
  const before = await contentsOf(writer.page);
  expect(before).toEqual([
    'Pilot', 'two\nlines', '', 'second row', 'alone', false, true, false, true, 'b', 'a,c', '<p>free speech</p>', 'inside',
  ]); // prettier-ignore
  await timeOut(writer);
  expect(await kept(writer.page)).not.toEqual([]);
  expect(await everythingStored(writer.page)).not.toMatch(/Pilot|lines|second|alone|speech|inside|title|\/page|alice/);
  const page = await comeBack(writer);
  expect(await contentsOf(page)).toEqual(before);
});

test('what is typed into other fields while the part for drafts is loaded is filled in, too', async () => {
  const writer = await openWith(ALL);
  const gate = await holdBack(writer.page, '**/drafts.js');
  await writer.page.getByLabel('Title').pressSequentially('Pilot');
  await gate.hasArrived();
  await writer.page.getByLabel('Text', { exact: true }).pressSequentially('typed meanwhile');
  gate.open();
  await until(async () => {
    await writer.visitor.pass(250);
    return (await kept(writer.page)).length > 0;
  });
  await writer.visitor.pass(SECOND, { step: 250 });
  await timeOut(writer);
  const page = await comeBack(writer);
  expect([await valueOf(page, '[name=title]'), await valueOf(page)]).toEqual(['Pilot', 'typed meanwhile']);
});

test('pages of frameworks hear of it as if a person had typed', async () => {
  const writer = await openWith(`${ALL}<script>
    window.heard = [];
    for (const type of ['input', 'change', 'click']) {
      addEventListener(type, ({ type, target }) => window.heard.push([type, target.name, target.value, target.checked].join()));
    }
  </script>`);
  await fillAll(writer.page);
  await writer.visitor.pass(SECOND, { step: 250 });
  await timeOut(writer);
  const page = await comeBack(writer);
  const heard = await page.evaluate(() => (window as never as { heard: string[] }).heard);
  expect(heard).toEqual(
    expect.arrayContaining([
      'input,title,Pilot,false',
      'change,title,Pilot,false',
      'click,box,2,true',
      'change,box,2,true',
      'change,one,b,',
    ]),
  );
});

test('a form may have fields with the names of its properties', async () => {
  const fields = ['id', 'name', 'action', 'matches', 'contains']
    .map((name) => `<input type="hidden" name="${name}" value="7">`)
    .join('');
  const writer = await openWith(LETTER.replace('<textarea', `${fields}<textarea`));
  await type(writer, 'textarea', 'half a letter');
  await timeOut(writer);
  const page = await comeBack(writer);
  expect(await page.locator('textarea').inputValue()).toBe('half a letter');
});

describe('the notice', () => {
  test('says what was done, takes no focus, and is accessible', async () => {
    const writer = await openWith(`<button id="first" autofocus>First</button>${LETTER}`);
    await type(writer, TEXT, 'Dear harbour master');
    await timeOut(writer);
    const page = await comeBack(writer);
    expect(await notice(page).getByRole('status').textContent()).toBe(BACK);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('first');
    expect(await violations(page)).toEqual([]);
    for (const button of await notice(page).getByRole('button').all()) {
      const { width = 0, height = 0 } = (await button.boundingBox()) ?? {};
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(24);
    }
    await page.setViewportSize({ width: 320, height: 480 });
    const { x = -1, width = 0 } = (await notice(page).boundingBox()) ?? {};
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(320);
  });

  test('is not on paper', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'Dear harbour master');
    await timeOut(writer);
    const page = await comeBack(writer);
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await notice(page).isVisible()).toBe(false);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await notice(page).isVisible()).toBe(true);
  });

  test('can be read and pressed also while its form is in a dialog, and is not on paper', async () => {
    const writer = await openWith(`<dialog id="outer">${LETTER}</dialog><script>outer.showModal();</script>`);
    await type(writer, TEXT, 'Dear harbour master');
    await timeOut(writer);
    const page = await comeBack(writer);
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('status').textContent()).toBe(BACK);
    const discard = dialog.getByRole('button', { name: 'Discard my text' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await discard.isVisible()).toBe(false);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.evaluate(() => document.querySelector('dialog')!.close());
    await settle(writer.visitor);
    expect(await notice(page).isVisible()).toBe(true);
    await page.evaluate(() => document.querySelector('dialog')!.showModal());
    await settle(writer.visitor);
    await discard.click();
    expect(await valueOf(page)).toBe('');
    expect(await discard.isVisible()).toBe(false);
  });

  test.each(['Discard my text', 'Close'])('gives the focus back after a press on "%s"', async (name) => {
    const writer = await openWith(`<button id="first" autofocus>First</button>${LETTER}`);
    await type(writer, TEXT, 'Dear harbour master');
    await timeOut(writer);
    const page = await comeBack(writer);
    await notice(page).getByRole('button', { name }).focus();
    await page.keyboard.press('Enter');
    expect(await notice(page).isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('first');
  });

  test('throws away what was typed if the user wants that, for good', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'Dear harbour master');
    await timeOut(writer);
    const page = await comeBack(writer);
    await notice(page).getByText('Discard my text').click();
    expect(await valueOf(page)).toBe('');
    await settle(writer.visitor);
    expect(await notice(page).isVisible()).toBe(false);
    expect(await kept(page)).toEqual([]);
    await page.reload();
    await settle(writer.visitor);
    expect(await valueOf(page)).toBe('');
  });

  test('can be closed: the text stays, and is kept on', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'Dear');
    await timeOut(writer);
    const page = await comeBack(writer);
    await notice(page).getByText('Close').click();
    await type(writer, TEXT, '!');
    expect(await notice(page).isVisible()).toBe(false);
    await page.reload();
    await settle(writer.visitor);
    expect(await valueOf(page)).toBe('Dear!');
  });
});

describe('the notice beside a modal dialog that is no <dialog>', () => {
  const MODAL = 'role="dialog" aria-modal="true"';

  test.each([
    ['is in it while it is open', `<div ${MODAL} id="modal">${LETTER}</div>`, 'modal'],
    ['is in the page if it is hidden', `${LETTER}<div ${MODAL} id="modal" hidden>Menu</div>`, 'html'],
    [
      'is in the page if it is beside the window',
      `${LETTER}<div ${MODAL} id="modal" style="position:fixed;left:100%">Menu</div>`,
      'html',
    ],
    [
      'is in the page if it is folded',
      `${LETTER}<div ${MODAL} id="modal" style="height:0;overflow:hidden">Menu</div>`,
      'html',
    ],
  ])('%s', async (_where, body, parent) => {
    const writer = await openWith(body);
    await type(writer, TEXT, 'Dear');
    await timeOut(writer);
    const page = await comeBack(writer);
    const place = await page
      .locator('div[data-session-action]')
      .evaluate(({ parentElement: home }) => home?.id || home?.localName);
    expect(place).toBe(parent);
  });
});

describe('what the server has put into a field in the meantime', () => {
  async function changed() {
    let text = 'old';
    const writer = await openWith('', {
      page: { script: undefined },
      setup: (app) => app.use('/page', (_req: unknown, res: { send(text: string): void }) => res.send(
        `<!doctype html><title>Page</title><script type="module" src="/session/client.js"></script>
        <form id="letter"><input name="text" aria-label="Text" value="${text}"><input name="other" aria-label="Other"></form>`)),
    }); // prettier-ignore
    await type(writer, TEXT, 'mine ');
    await type(writer, '[name=other]', 'more');
    text = 'new';
    await timeOut(writer);
    const page = await comeBack(writer);
    await offered(writer);
    return { writer, page };
  }

  test('is not overwritten without asking; the rest is filled in', async () => {
    const { page } = await changed();
    expect(await valueOf(page)).toBe('new');
    expect(await valueOf(page, '[name=other]')).toBe('more');
    expect(await notice(page).getByRole('status').textContent()).toBe(
      `${BACK} Some fields were left as they are, as they have changed since.`,
    );
  });

  test('may be typed on: after the next timeout, all that was typed is there again', async () => {
    const { writer, page } = await changed();
    await page.locator(TEXT).press('End');
    await type(writer, TEXT, ' and on');
    await timeOut(writer);
    await comeBack(writer);
    await offered(writer);
    expect([await valueOf(page), await valueOf(page, '[name=other]')]).toEqual(['new and on', 'more']);
    await notice(page).getByText('Use my text').click();
    expect(await valueOf(page)).toMatch(/mine/);
  });

  test('is replaced if the user wants that', async () => {
    const { writer, page } = await changed();
    await notice(page).getByText('Use my text').click();
    expect(await valueOf(page)).toMatch(/mine/);
    await settle(writer.visitor);
    expect(await notice(page).getByRole('status').textContent()).toBe(BACK);
  });

  test('stays if the user throws the text away', async () => {
    const { writer, page } = await changed();
    await notice(page).getByText('Discard my text').click();
    expect([await valueOf(page), await valueOf(page, '[name=other]')]).toEqual(['new', '']);
    await settle(writer.visitor);
    expect(await kept(page)).toEqual([]);
  });
});

describe('what was typed is there again', () => {
  test('after the tab was closed in the middle of a session', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'Dear harbour master');
    await writer.page.close();
    const page = await writer.visitor.open();
    await settle(writer.visitor);
    expect(await valueOf(page)).toBe('Dear harbour master');
  });

  test('after a reload', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'Dear');
    await writer.page.reload();
    await settle(writer.visitor);
    expect(await valueOf(writer.page)).toBe('Dear');
  });

  test('after a reload, also if the user types on before the server has answered', async () => {
    const writer = await openWith(ALL);
    await type(writer, '[name=title]', 'Pilot');
    await type(writer, TEXT, 'Dear');
    const gate = await holdBack(writer.page, '**/draft-key*');
    await writer.page.reload();
    await gate.hasArrived();
    await writer.page.locator(TEXT).pressSequentially('x');
    gate.open();
    await settle(writer.visitor);
    expect([await valueOf(writer.page, '[name=title]'), await valueOf(writer.page)]).toEqual(['Pilot', 'x']);
    await notice(writer.page).getByText('Use my text').click();
    expect(await valueOf(writer.page)).toBe('Dear');
  });

  test('after the session was revoked', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'Dear');
    const [started] = writer.site.events;
    await writer.site.service.end((started as { session: string }).session, 'revoked');
    await writer.visitor.pass(62 * SECOND);
    await writer.page.waitForURL(/login/);
    const page = await comeBack(writer);
    expect(await valueOf(page)).toBe('Dear');
  });

  test('on the page with the same query only', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'Dear');
    await timeOut(writer);
    const page = await comeBack(writer, { path: '/page?n=2' });
    expect(await valueOf(page)).toBe('');
    await page.goto(`${writer.site.origin}/page`);
    await settle(writer.visitor);
    expect(await valueOf(page)).toBe('Dear');
  });

  test('of two tabs with the same page, each in a tab of its own', async () => {
    const writer = await openWith();
    const second = await writer.visitor.open();
    await type(writer, TEXT, 'first');
    await type({ ...writer, page: second }, TEXT, 'second');
    expect([await valueOf(writer.page), await valueOf(second)]).toEqual(['first', 'second']);
    await second.close();
    await timeOut(writer);
    const page = await comeBack(writer);
    const other = await writer.visitor.open();
    await settle(writer.visitor);
    expect([await valueOf(page), await valueOf(other)].toSorted()).toEqual(['first', 'second']);
  });

  test('and not in another tab while its own is open', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'first');
    const second = await writer.visitor.open();
    await settle(writer.visitor);
    expect(await valueOf(second)).toBe('');
  });

  test('and not in another tab after the Back button has shown its own again', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'first');
    await writer.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    await writer.visitor.settle();
    await writer.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await settle(writer.visitor);
    const second = await writer.visitor.open();
    await settle(writer.visitor);
    expect([await valueOf(writer.page), await valueOf(second)]).toEqual(['first', '']);
  });

  test('on a page whose `<base>` is another origin, which is asked for nothing', async () => {
    const base = '<base href="https://files.example/">';
    const writer = await openWith(LETTER, { page: { script: AUTO + base } });
    const asked: string[] = [];
    writer.page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await type(writer, TEXT, 'Dear harbour master');
    await timeOut(writer);
    const page = await comeBack(writer);
    expect(await valueOf(page)).toBe('Dear harbour master');
    expect(asked).not.toContain('https://files.example');
  });

  test('on each route of a single-page application', async () => {
    const app = `<div id="app"></div><script>
      const show = (path) => {
        history.pushState(null, '', path);
        document.getElementById('app').innerHTML = '<form id="letter"><input name="text" aria-label="Text"></form>';
      };
      show(location.pathname + location.search);
    </script>`;
    const writer = await openWith(app);
    const show = (page: Page, path: string) =>
      page.evaluate((path) => (window as never as { show(path: string): void }).show(path), path);
    await writer.page.evaluate('window.show = show');
    await type(writer, TEXT, 'one');
    await show(writer.page, '/page?route=2');
    await settle(writer.visitor);
    expect(await valueOf(writer.page)).toBe('');
    await type(writer, TEXT, 'two');
    await show(writer.page, '/page');
    await settle(writer.visitor);
    expect(await valueOf(writer.page)).toBe('one');
    await writer.page.close();
    const page = await writer.visitor.open();
    await page.evaluate('window.show = show');
    await settle(writer.visitor);
    expect(await valueOf(page)).toBe('one');
    await show(page, '/page?route=2');
    await settle(writer.visitor);
    expect(await valueOf(page)).toBe('two');
  });

  test('in fields that an application shows and fills later', async () => {
    const writer = await openWith(`${LETTER}<script>
      const form = document.querySelector('#letter');
      const text = form.text;
      form.remove();
      window.showForm = () => { document.body.append(form); setTimeout(() => { text.value = text.defaultValue = 'loaded '; }, 700); };
    </script>`);
    const show = async () => {
      await writer.page.evaluate(() => (window as never as { showForm(): void }).showForm());
      await settle(writer.visitor);
    };
    await show();
    await type(writer, TEXT, 'mine');
    const typed = await valueOf(writer.page);
    await timeOut(writer);
    const page = await comeBack(writer);
    await show();
    expect(await valueOf(page)).toBe(typed);
  });
});

describe('a draft', () => {
  test('is thrown away after maxAge', async () => {
    const writer = await openWith(LETTER, { options: { drafts: { secret: 'x'.repeat(32), maxAge: '1h' } } });
    await type(writer, TEXT, 'Dear');
    await timeOut(writer);
    await writer.visitor.sleep(3600 * SECOND);
    // Also while nobody is signed in.
    await writer.page.reload();
    await writer.visitor.settle();
    expect(await kept(writer.page)).toEqual([]);
    const page = await comeBack(writer);
    expect(await valueOf(page)).toBe('');
    expect(await kept(page)).toEqual([]);
  });

  test('is thrown away after maxAge, also if it was filled in meanwhile', async () => {
    const writer = await openWith(LETTER, { options: { drafts: { secret: 'x'.repeat(32), maxAge: '1h' } } });
    await type(writer, TEXT, 'Dear');
    await timeOut(writer);
    await writer.visitor.sleep(40 * 60 * SECOND);
    expect(await valueOf(await comeBack(writer))).toBe('Dear');
    await writer.page.reload();
    await settle(writer.visitor);
    expect(await valueOf(writer.page)).toBe('Dear');
    await timeOut(writer);
    await writer.visitor.sleep(30 * 60 * SECOND);
    const page = await comeBack(writer);
    expect(await valueOf(page)).toBe('');
    expect(await kept(page)).toEqual([]);
  });

  test('is no draft any more if the user takes back what was typed', async () => {
    const writer = await openWith();
    await type(writer, TEXT, 'x');
    await writer.page.locator(TEXT).press('Backspace');
    await writer.visitor.pass(SECOND);
    expect(await kept(writer.page)).toEqual([]);
  });
});
