import type { Page } from 'playwright-core';
import { SECOND } from '../support/page.js';
import { awayTooLong, backAt, ended, lookAt, openLogin, signInAt } from '../support/sign-in.js';
import { everythingStored, kept, notice, SECRET, settle, type } from './support/drafts.js';

const NOTE = '[name=note]';
const valueOf = (page: Page) => page.locator(NOTE).inputValue();

/** A covered page that waits for its user. What was typed is on the page, and in a draft. */
async function covered() {
  const away = await awayTooLong({ options: { drafts: { secret: SECRET } } });
  expect(await kept(away.page)).toHaveLength(1);
  expect(await everythingStored(away.page)).not.toContain('half a letter');
  return away;
}

/** Signs in, in the window that the covered page opens. */
async function signInAs(page: Page, user: string): Promise<void> {
  const login = await openLogin(page);
  const closed = login.waitForEvent('close');
  await signInAt(login, user);
  await closed;
}

test('a page that comes back shows what was typed as it was, and keeps what is typed on', async () => {
  const away = await covered();
  const { page, visitor } = away;
  await signInAs(page, 'alice');
  await backAt(page);
  await settle(visitor);
  expect(await valueOf(page)).toBe('half a letter');
  expect(await notice(page).isVisible()).toBe(false);
  await page.locator(NOTE).press('End');
  await type(away, NOTE, ' and more');
  expect(await kept(page)).toHaveLength(1);
  await page.close();
  const next = await visitor.open();
  await settle(visitor);
  expect(await valueOf(next)).toBe('half a letter and more');
});

test('what is saved after the page has come back is no draft any more', async () => {
  const { page, visitor } = await covered();
  await signInAs(page, 'alice');
  await backAt(page);
  await settle(visitor);
  await page.evaluate(() => dispatchEvent(new Event('session-draft-saved')));
  await settle(visitor);
  expect(await kept(page)).toEqual([]);
});

test('a page that the user leaves is filled in after the next sign-in', async () => {
  const { page, site, visitor } = await covered();
  await page.getByRole('button', { name: 'Leave this page' }).click();
  await page.waitForURL(/sign-in\?/);
  await signInAt(page, 'alice');
  await page.waitForURL(`${site.origin}/page`);
  await settle(visitor);
  expect(await valueOf(page)).toBe('half a letter');
  expect(await notice(page).isVisible()).toBe(true);
});

test('a covered page whose tab is closed is filled in after the next sign-in', async () => {
  const { page, visitor } = await covered();
  await page.close();
  await visitor.signIn('alice');
  const next = await visitor.open();
  await settle(visitor);
  expect(await valueOf(next)).toBe('half a letter');
});

test('another tab in which the user signs in leaves the draft to the covered page', async () => {
  const { page, visitor } = await covered();
  await visitor.signIn('alice');
  const other = await visitor.open();
  await settle(visitor);
  expect(await valueOf(other)).toBe('');
  await lookAt(page);
  await backAt(page);
  expect(await valueOf(page)).toBe('half a letter');
});

test('nothing is kept for somebody else who signs in', async () => {
  const { page, visitor } = await covered();
  const seen = page.waitForNavigation();
  await signInAs(page, 'bob');
  await seen;
  await settle(visitor);
  expect(await page.locator('#secret').textContent()).toContain('bob');
  expect(await valueOf(page)).toBe('');
  expect(await kept(page)).toEqual([]);
});

test('nothing is kept after a sign-out in another tab', async () => {
  const { page, site, visitor } = await covered();
  await visitor.signIn('alice');
  const other = await visitor.open();
  await settle(visitor);
  await lookAt(page);
  await backAt(page);
  await other.evaluate(() => (window as never as { sessionTimeout: { signOut(): void } }).sessionTimeout.signOut());
  await visitor.pass(2 * SECOND, { step: 500 });
  await page.waitForURL(/sign-in\?/);
  expect(await kept(page)).toEqual([]);
  await visitor.signIn('alice');
  await page.goto(`${site.origin}/page`);
  await settle(visitor);
  expect(await valueOf(page)).toBe('');
});

test('the page ends, stays and comes back again and again without losing what was typed in between', async () => {
  const away = await covered();
  const { page, visitor } = away;
  for (const more of [' two', ' three']) {
    await signInAs(page, 'alice');
    await backAt(page);
    await settle(visitor);
    await page.locator(NOTE).press('End');
    await type(away, NOTE, more);
    await visitor.pass(64 * SECOND, { step: 4 * SECOND });
    await ended(page).waitFor();
    await visitor.pass(SECOND);
  }
  await page.close();
  await visitor.signIn('alice');
  const next = await visitor.open();
  await settle(visitor);
  expect(await valueOf(next)).toBe('half a letter two three');
});
