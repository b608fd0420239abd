import { Controller, Get, Header, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { Page } from 'playwright-core';
import { visit } from './support/browser.js';
import { AUTO } from './support/html.js';
import { until } from './support/page.js';
import { openSite } from './support/site.js';

/** Where forms and links of these tests lead. */
@Controller()
class FilesController {
  @Get('file')
  @Header('Content-Disposition', 'attachment')
  file() {
    return 'a,b';
  }

  @Get('export.csv')
  @Header('Content-Disposition', 'attachment')
  csv() {
    return 'a,b';
  }

  @Post('save')
  save(@Query('status') status = '201', @Res({ passthrough: true }) res: Response) {
    res.status(Number(status));
    return { saved: true };
  }

  @Post('sent')
  @HttpCode(200)
  sent() {
    return '<h1>Sent</h1>';
  }
}

const FIELD = '<input name="title" aria-label="Title">';
const saves = (status: number, how = 'JSON.stringify({ title: form.title.value })') => `<script>
  const form = document.getElementById('letter');
  form.onsubmit = (event) => {
    event.preventDefault();
    fetch('/save?status=${status}', { method: 'POST', body: ${how} }).then(() => { window.answered = true; });
  };
</script>`;

async function open(body: string) {
  const site = await openSite({ page: { body, script: AUTO }, controllers: [FilesController], realTime: true });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.waitForFunction(() => performance.getEntriesByName(`${location.origin}/session/extras.js`).length > 0);
  /** The URLs of the page when the browser asked. */
  const asked: string[] = [];
  page.on('dialog', (dialog) => {
    asked.push(page.url());
    void dialog.accept();
  });
  return { page, asked };
}

async function type(page: Page, text = 'x'): Promise<void> {
  await page.getByLabel('Title').first().pressSequentially(text);
}

/** Whether the browser asks when somebody follows a link to another page. */
async function asks({ page, asked }: { page: Page; asked: string[] }): Promise<boolean> {
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = '/public';
    document.body.append(link);
    link.click();
  });
  await page.waitForURL(/public/);
  return asked.length > 0;
}

const sendAndWait = async (page: Page): Promise<void> => {
  await page.getByText('Send').click();
  await page.waitForFunction(() => (window as never as { answered?: true }).answered);
  // The timeline hears of an answer a little later.
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => /\/save/.test(name)));
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
};

describe('a form that a script has sent', () => {
  const form = `<form id="letter">${FIELD}<button>Send</button></form>`;

  test.each([
    ['as JSON', saves(201)],
    ['as the data of the form', saves(204, 'new FormData(form)')],
  ])('%s, and that is saved, is not asked about', async (_name, script) => {
    const opened = await open(form + script);
    await type(opened.page);
    await sendAndWait(opened.page);
    expect(await asks(opened)).toBe(false);
  });

  test.each([422, 500, 401])('and that was refused with %d is asked about', async (status) => {
    const opened = await open(form + saves(status));
    await type(opened.page);
    await sendAndWait(opened.page);
    expect(await asks(opened)).toBe(true);
  });

  test('and got no answer is asked about, although another request succeeds', async () => {
    const opened = await open(`${form}<script>
      document.getElementById('letter').onsubmit = async (event) => {
        event.preventDefault();
        await fetch('/broken', { method: 'POST' }).catch(() => undefined);
        await fetch('/save', { method: 'POST' });
        window.answered = true;
      };</script>`);
    await opened.page.route('**/broken', (route) => route.abort('connectionreset'));
    await type(opened.page);
    await sendAndWait(opened.page);
    expect(await asks(opened)).toBe(true);
  });

  test.each([0, 1300])('and was refused, after a script has got a token in %d ms, is asked about', async (wait) => {
    const opened = await open(`${form}<script>
      document.getElementById('letter').onsubmit = async (event) => {
        event.preventDefault();
        await fetch('/token');
        await fetch('/save?status=422', { method: 'POST' });
        window.answered = true;
      };</script>`);
    await opened.page.route('**/token', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, wait));
      await route.fulfill({ body: 'token' });
    });
    await type(opened.page);
    await sendAndWait(opened.page);
    expect(await asks(opened)).toBe(true);
  });

  test('is asked about if somebody types on after it was saved', async () => {
    const opened = await open(form + saves(201));
    await type(opened.page);
    await sendAndWait(opened.page);
    await type(opened.page, 'y');
    expect(await asks(opened)).toBe(true);
  });

  test('without a submit event, by its data, is not asked about once it is saved', async () => {
    const opened = await open(`<form id="letter">${FIELD}<button type="button" id="save">Send</button></form><script>
      document.getElementById('save').onclick = async () => {
        await fetch('/save', { method: 'POST', body: new FormData(document.getElementById('letter')) });
        window.answered = true;
      };</script>`);
    await type(opened.page);
    await sendAndWait(opened.page);
    expect(await asks(opened)).toBe(false);
  });

  test('is asked about if nothing was sent, as it was not valid', async () => {
    const opened = await open(
      `${form}<script>document.getElementById('letter').onsubmit = (event) => event.preventDefault();</script>`,
    );
    await type(opened.page);
    await opened.page.getByText('Send').click();
    expect(await asks(opened)).toBe(true);
  });
});

test.each([
  ['of a form', `document.getElementById('letter').dispatchEvent(new Event('session-draft-saved', { bubbles: true }))`],
  ['of the page', `dispatchEvent(new Event('session-draft-saved'))`],
])('what the application says that it has saved %s is no reason to ask', async (_what, says) => {
  const opened = await open(`<form id="letter">${FIELD}</form>`);
  await type(opened.page);
  await opened.page.evaluate(says);
  expect(await asks(opened)).toBe(false);
});

test('a form with a field called `contains` is no reason to ask once it is saved', async () => {
  const other = `<form onsubmit="event.preventDefault(); fetch('/save?status=201', { method: 'POST' }).then(() => { window.answered = true; })">
    <input name="contains" aria-label="Contains"><button>Send</button></form>`;
  const opened = await open(`<form id="letter">${FIELD}</form>${other}`);
  await type(opened.page);
  await opened.page.getByLabel('Contains').pressSequentially('x');
  await sendAndWait(opened.page);
  await opened.page.getByLabel('Title').fill('');
  expect(await asks(opened)).toBe(false);
});

describe('a form that leads to another page is sent without a question', () => {
  const action = 'action="/sent" method="post"';
  test.each([
    [
      'by submit() of a script',
      `<form id="letter" ${action}>${FIELD}</form><button onclick="letter.submit()">Send</button>`,
    ],
    [
      'with an editor in it',
      `<form ${action}><div contenteditable aria-label="Title">text</div><button>Send</button></form>`,
    ],
    [
      'in a shadow tree',
      `<div id="host"></div><script>document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML =
        '<form ${action}>${FIELD}<button>Send</button></form>';</script>`,
    ],
  ])('%s', async (_name, body) => {
    const { page, asked } = await open(body);
    await type(page);
    await page.getByText('Send').click();
    await page.waitForURL(/sent/);
    expect(asked).toEqual([]);
  });
});

describe('a form is asked about after it', () => {
  test.each([
    ['has closed its dialog', `<dialog id="box"><form method="dialog">${FIELD}<button>Done</button></form></dialog>`],
    [
      'has closed its dialog by a button',
      `<dialog id="box"><form>${FIELD}<button formmethod="dialog">Done</button></form></dialog>`,
    ],
    [
      'has closed its dialog, although a field is called `matches`',
      `<dialog id="box"><form method="dialog">${FIELD}<input name="matches"><button>Done</button></form></dialog>`,
    ],
    [
      'was shown in another tab, as a preview',
      `<form method="post" action="/sent">${FIELD}<button formtarget="_blank">Done</button></form>`,
    ],
  ])('%s', async (_name, body) => {
    const opened = await open(`${body}<script>globalThis.box?.showModal();</script>`);
    await type(opened.page);
    await opened.page.getByText('Done').click();
    await opened.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1200)));
    expect(await asks(opened)).toBe(true);
  });

  test('not if its button sends it in spite of `method="dialog"`', async () => {
    const { page, asked } = await open(
      `<form method="dialog" action="/sent">${FIELD}<button formmethod="post">Done</button></form>`,
    );
    await type(page);
    await page.getByText('Done').click();
    await page.waitForURL(/sent/);
    expect(asked).toEqual([]);
  });
});

describe('what does not replace the page is no reason to ask:', () => {
  test.each([
    ['a link to a download', '<a href="/file" download>Go</a>'],
    ['a link to a file that browsers save', '<a href="/export.csv">Go</a>'],
    ['a script that goes to one', `<button onclick="location.assign('/export.csv')">Go</button>`],
    ['a link to mail', '<a href="mailto:a@example.com">Go</a>'],
    ['a link to a telephone', '<a href="tel:123"><b>Go</b></a>'],
    ['a script that writes a mail', `<button onclick="location.href='mailto:a@example.com'">Go</button>`],
  ])('%s', async (_name, body) => {
    const opened = await open(FIELD + body);
    await type(opened.page);
    await opened.page.getByText('Go', { exact: true }).click();
    await opened.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1200)));
    expect(opened.asked).toEqual([]);
    expect(new URL(opened.page.url()).pathname).toBe('/page');
    expect(await asks(opened)).toBe(true);
  });
});

test.each([
  [
    'a link that runs a script',
    `<a href="javascript:void(0)" onclick="setTimeout(() => location.assign('/public'), 50)">Go</a>`,
  ],
  [
    'a link to a page that a script has made',
    `<a href="" id="made">Go</a><script>made.href = URL.createObjectURL(new Blob(['Report']));</script>`,
  ],
  ['a link in a drawing', '<svg width="90" height="30"><a href="/public"><text y="20">Go</text></a></svg>'],
  [
    'a form that has a field with the name `href`',
    `<form><input name="href"><button type="button" onclick="setTimeout(() => location.assign('/public'), 50)">Go</button></form>`,
  ],
])('%s is a reason to ask', async (_name, body) => {
  const { page, asked } = await open(FIELD + body);
  await type(page);
  await page.getByText('Go', { exact: true }).click({ noWaitAfter: true });
  await until(() => asked.length > 0);
  expect(asked).toEqual([expect.stringMatching(/\/page$/)]);
});

test.each([
  ['a search', '<input type="search" aria-label="Title">'],
  ['a search in a form for searches', `<form role="search">${FIELD}</form>`],
  ['a search in an element for searches', `<search>${FIELD}</search>`],
  ['a search with a role', '<input role="searchbox" aria-label="Title">'],
  ['a search with a key for it', '<input enterkeyhint="search" aria-label="Title">'],
  ['the name of somebody who signs in', `<form>${FIELD}<input type="password"></form>`],
  [
    'the name of somebody who signs in step by step',
    '<form><input autocomplete="username webauthn" aria-label="Title"></form>',
  ],
  ['a name beside a password that is shown', `<form>${FIELD}<input autocomplete="current-password"></form>`],
  ['a one-time code', '<input autocomplete="one-time-code" aria-label="Title"><input><input>'],
])('%s is not worth a question', async (_name, body) => {
  const opened = await open(body);
  await type(opened.page);
  expect(await asks(opened)).toBe(false);
});
