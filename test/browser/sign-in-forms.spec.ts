import type { Request, Response } from 'express';
import { visit } from './support/browser.js';
import { esmStart } from './support/html.js';
import { look, SECOND, until } from './support/page.js';
import { REACT_APP, reactApp } from './support/react-app.js';
import { status } from './support/site.js';
import { awayTooLong, backAt, ended, lookAt, openStayingSite, STAY } from './support/sign-in.js';

describe('a form', () => {
  test('that a script saves after the end leads to the dialog, waits, and is sent with a new CSRF token', async () => {
    const saved: unknown[] = [];
    const app = `${esmStart(`{
      whenEnded: 'sign-in-here',
      onRestored: async () => {
        window.wasHidden = window.client.snapshot().concealed;
        window.token = await fetch('/token').then((answer) => answer.text());
      },
    }`)}<script>
      window.token = 'old';
      async function save() {
        await window.client.whenSignedIn();
        const answer = await fetch('/save', { method: 'POST', headers: { 'x-csrf': window.token } });
        window.outcome = answer.status;
      }
    </script>`;
    const site = await openStayingSite({
      page: { script: app },
      setup(nest) {
        nest.use('/token', (_req: Request, res: Response) => void res.send('new'));
        nest.use('/save', (req: Request, res: Response) => {
          saved.push([req.session.user, req.headers['x-csrf']]);
          res.sendStatus(204);
        });
      },
    });
    const visitor = await visit(site);
    const page = await visitor.open();
    await page.evaluate('save()');
    expect(saved).toEqual([['alice', 'old']]);
    await page.getByLabel('Note').fill('a letter');
    // The server has ended the session, and the page does not know yet.
    site.clock.advance(64 * SECOND);
    await page.evaluate('void (window.outcome = undefined, save())');
    await visitor.settle();
    await visitor.pass(2 * SECOND, { step: SECOND });
    await ended(page).waitFor();
    await visitor.pass(SECOND);
    expect(saved).toHaveLength(1);
    await visitor.signIn('alice');
    await lookAt(page);
    await backAt(page);
    await until(() => saved.length > 1);
    expect(saved[1]).toEqual(['alice', 'new']);
    expect(await page.evaluate('window.wasHidden')).toBe(true);
    // The page gets the answer a moment later.
    await until(() => page.evaluate('window.outcome === 204'));
    expect(await page.getByLabel('Note').inputValue()).toBe('a letter');
  });

  test('is sent as usual after the page has come back', async () => {
    const { visitor, page } = await awayTooLong({
      page: {
        script: STAY,
        body: `<form method="post" action="/note"><label>Letter <input name="note"></label><button>Send</button></form>`,
      },
    });
    await visitor.signIn('alice');
    await lookAt(page);
    await backAt(page);
    await page.getByLabel('Letter').fill('a whole letter');
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await page.getByRole('button', { name: 'Send' }).click();
    expect((await sent).postData()).toBe('note=a+whole+letter');
    expect((await (await sent).response())!.status()).toBe(201);
  });

  test('waits at most ten seconds for an application that is never ready', async () => {
    const { visitor, page } = await awayTooLong({
      page: {
        script: esmStart("{ whenEnded: 'sign-in-here', onRestored: () => new Promise(() => undefined) }"),
      },
    });
    await visitor.signIn('alice');
    await lookAt(page);
    await until(async () => (await ended(page).textContent())!.includes('One moment'));
    await visitor.pass(9 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('cover');
    await visitor.pass(2 * SECOND, { step: SECOND });
    await backAt(page);
  });
});

describe('`whenSignedIn()`', () => {
  const asks = `window.asked = window.client.whenSignedIn().then(() => (window.said = 'yes'), ({ message }) => (window.said = message)); 0`;

  test('is rejected if the server does not say who is signed in', async () => {
    const site = await openStayingSite({ page: { script: esmStart() } });
    const page = await (await visit(site)).open();
    site.onPing = status(503);
    await page.evaluate(asks);
    expect(await page.evaluate('window.asked')).toContain('does not say who is signed in');
    site.onPing = undefined;
    await page.evaluate(asks);
    expect(await page.evaluate('window.asked')).toBe('yes');
  });

  test('works although its part of the client could not be loaded at first', async () => {
    const site = await openStayingSite({ page: { script: esmStart() } });
    const page = await (await visit(site)).open();
    let failures = 1;
    await page.route('**/sign-in-here.js*', (route) =>
      failures-- > 0 ? route.fulfill({ status: 502 }) : route.continue(),
    );
    await page.evaluate(asks);
    expect(await page.evaluate('window.asked')).toContain('sign-in-here.js');
    await page.evaluate(asks);
    expect(await page.evaluate('window.asked')).toBe('yes');
  });

  test('waits on a page of visitors until somebody has signed in', async () => {
    const site = await openStayingSite({ page: { script: esmStart() } });
    const visitor = await visit(site);
    await visitor.context.clearCookies();
    const page = await visitor.open();
    await page.evaluate(asks);
    await visitor.pass(10 * SECOND);
    expect(await page.evaluate('window.said')).toBeUndefined();
    await visitor.signIn('alice');
    await page.evaluate('window.client.check()');
    await visitor.pass(SECOND);
    expect(await page.evaluate('window.asked')).toBe('yes');
  });

  test('is not fooled by a page that is about to learn that its session has ended', async () => {
    const site = await openStayingSite({ page: { script: esmStart("{ whenEnded: 'sign-in-here' }") } });
    const visitor = await visit(site);
    const page = await visitor.open();
    site.clock.advance(64 * SECOND);
    await page.evaluate(asks);
    await visitor.settle();
    await visitor.pass(5 * SECOND, { step: SECOND });
    await ended(page).waitFor();
    expect(await page.evaluate('window.said')).toBeUndefined();
  });
});

/** An application that keeps its CSRF token in its state, and saves with it. */
const REACT = `
  import { useEffect, useState } from 'react';
  import { createRoot } from 'react-dom/client';
  import { startSessionTimeout } from '/modules/client/index.js';

  const client = startSessionTimeout({ whenEnded: 'sign-in-here' });
  const fetchToken = () => fetch('/token').then((answer) => answer.text());

  function Letter() {
    const [token, setToken] = useState('');
    const [text, setText] = useState('');
    const [state, setState] = useState('');
    useEffect(() => {
      void fetchToken().then(setToken);
      const refresh = (event) => event.waitUntil(fetchToken().then(setToken));
      addEventListener('session-timeout:restored', refresh);
      return () => removeEventListener('session-timeout:restored', refresh);
    }, []);
    async function save() {
      const answer = await fetch('/save', { method: 'POST', headers: { 'x-csrf': token } });
      setState(answer.ok ? 'saved' : 'failed');
    }
    return <main>
      <label>Letter <textarea value={text} onChange={(event) => setText(event.target.value)} /></label>
      <button onClick={save}>Save</button> <output>{state}</output>
    </main>;
  }
  createRoot(document.body.appendChild(document.createElement('div'))).render(<Letter />);
`;

test('a React application goes on with its state and a new CSRF token', async () => {
  const serve = await reactApp(REACT);
  const site = await openStayingSite({
    page: { script: REACT_APP },
    setup(app) {
      serve(app);
      app.use('/token', (req: Request, res: Response) => void res.send(`token of ${req.session.id}`));
      app.use('/save', (req: Request, res: Response) => {
        res.sendStatus(req.headers['x-csrf'] === `token of ${req.session.id}` ? 204 : 403);
      });
    },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.getByLabel('Letter').fill('Dear Grace');
  await visitor.pass(64 * SECOND, { step: 4 * SECOND });
  await ended(page).waitFor();
  await visitor.pass(SECOND);
  await visitor.signIn('alice');
  await lookAt(page);
  await backAt(page);
  expect(await page.getByLabel('Letter').inputValue()).toBe('Dear Grace');
  await page.getByRole('button', { name: 'Save' }).click();
  await until(async () => (await page.locator('output').textContent()) !== '');
  expect(await page.locator('output').textContent()).toBe('saved');
});
