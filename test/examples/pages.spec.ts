import type { BrowserContext, Page } from 'playwright-core';
import { theBrowser } from '../browser/support/browser.js';
import { eventually } from '../instances/support/binaries.js';
import { type Running, startExample } from './support/example.js';

const running: Running[] = [];
const contexts: BrowserContext[] = [];

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await Promise.all(running.splice(0).map((example) => example.stop()));
});

/** A page of an example. */
async function open(name: string, how: 'node' | 'npm' = 'node'): Promise<{ page: Page; another(): Promise<Page> }> {
  const example = await startExample(name, { how });
  running.push(example);
  const another = async () => {
    const context = await (await theBrowser()).newContext({ baseURL: example.url });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto('/');
    return page;
  };
  return { page: await another(), another };
}

async function signIn(page: Page): Promise<Page> {
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Hello ada' }).waitFor();
  return page;
}

/** Types a report, closes the tab, and opens another one, which has to contain it. */
async function closedAndOpenedAgain(context: BrowserContext, text: string): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto('/');
  const report = tab.getByLabel('Report');
  await report.clear();
  await report.pressSequentially(text);
  await tab.waitForTimeout(1500);
  await tab.close();
  const page = await context.newPage();
  await page.goto('/');
  await eventually(async () => expect(await page.getByLabel('Report').inputValue()).toBe(text));
  return page;
}

describe('in a browser', () => {
  test('react-vite signs in and out, and shows the state of the session', async () => {
    const { page } = await open('react-vite', 'npm');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill('secret');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Hello ada' }).waitFor();
    await page.getByText('The state of your session: active').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('devices lists the sessions of a user, and ends another one', async () => {
    const { page, another } = await open('devices');
    const there = await signIn(await another());
    // Otherwise, the client there could hear of the end first, and the next page would be that of a stranger.
    await there.goto('about:blank');
    await signIn(page);
    const buttons = page.getByRole('listitem').getByRole('button');
    await buttons.filter({ hasText: 'Sign out here' }).waitFor();
    await buttons.filter({ hasText: 'Sign out there' }).click();
    await buttons.filter({ hasText: 'Sign out there' }).waitFor({ state: 'detached' });
    await there.goto('/');
    expect(there.url()).toContain('/login?reason=revoked');
  });

  test('half-filled-forms keeps what was typed, and forgets it once it is sent', async () => {
    const first = await signIn((await open('half-filled-forms')).page);
    // Keeping it takes a moment, which is longer on a busy machine: then a tab is closed too early, and the next one has to do.
    const again = await eventually(() => closedAndOpenedAgain(first.context(), 'It weaves.'), 60_000);
    await again.getByLabel('Title').fill('Engine');
    await again.getByRole('button', { name: 'Send' }).click();
    await again.getByText('Reports sent so far: 1').waitFor();
    expect(await again.getByLabel('Report').inputValue()).toBe('');
  });

  test('htmx loads a part of the page', async () => {
    const page = await signIn((await open('htmx')).page);
    await page.getByRole('button', { name: 'What time is it?' }).click();
    await page.getByText(/^\d+:\d+:\d+/).waitFor();
    await page.getByText(/^Visits today: \d+/).waitFor();
  });

  test('graphql shows what the server answers', async () => {
    const { page } = await open('graphql');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('"signIn": "ada"').waitFor();
    await page.getByRole('button', { name: 'Who am I?' }).click();
    await page.getByText('"me": "ada"').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('"signOut": true').waitFor();
  });

  test.each(['ws', 'socket.io'])('%s passes a message on to all', async (name) => {
    const { page, another } = await open(name);
    const there = await signIn(await another());
    await signIn(page);
    const message = page.getByText('ada: Hello, all').first();
    // The example says it only if its socket is open.
    await eventually(async () => {
      await page.getByLabel('Message').fill('Hello, all');
      await page.getByRole('button', { name: 'Say' }).click();
      await message.waitFor({ timeout: 1000 });
    });
    await there.getByText('ada: Hello, all').first().waitFor();
  });
});
