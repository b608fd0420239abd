import type { Page } from 'playwright-core';
import { atLogin, SECOND, until } from '../support/page.js';
import {
  comeBack,
  everythingStored,
  kept,
  notice,
  openWith,
  settle,
  timeOut,
  type,
  type Writer,
  holdBack,
} from './support/drafts.js';

const TEXT = '[name=text]';
const valueOf = (page: Page) => page.locator(TEXT).inputValue();

async function written(): Promise<Writer> {
  const writer = await openWith();
  await type(writer, TEXT, 'Dear harbour master');
  expect(await kept(writer.page)).toHaveLength(1);
  return writer;
}

/** Nothing is kept, and nothing comes back for the same user. */
async function isGone(writer: Writer, page: Page): Promise<void> {
  expect(await kept(page)).toEqual([]);
  expect(await everythingStored(page)).not.toContain('session-draft');
  await writer.visitor.signIn('alice');
  await page.goto(`${writer.site.origin}/page`);
  await settle(writer.visitor);
  expect(await valueOf(page)).toBe('');
  expect(await notice(page).isVisible()).toBe(false);
}

const signOut = (page: Page) =>
  page.evaluate(() => (window as never as { sessionTimeout: { signOut(): void } }).sessionTimeout.signOut());

/** What a sign-out of the application does: it leads to a page of its own, from any page. */
async function signOutByForm(page: Page): Promise<void> {
  await page.evaluate(() => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: '/logout' });
    document.body.append(form);
    form.submit();
  });
  await page.waitForURL(/logout/);
}

describe('drafts are gone', () => {
  test('when the user signs out in the same tab', async () => {
    const writer = await written();
    await signOut(writer.page);
    await writer.visitor.settle();
    await atLogin(writer.page);
    await isGone(writer, writer.page);
  });

  test('when the user signs out in another tab', async () => {
    const writer = await written();
    const other = await writer.visitor.open('/elsewhere');
    await signOut(other);
    await writer.visitor.pass(2 * SECOND, { step: 500 });
    await atLogin(writer.page);
    await isGone(writer, writer.page);
  });

  test('when the user signs out after the tab was closed', async () => {
    const writer = await written();
    const other = await writer.visitor.open('/elsewhere');
    await writer.page.close();
    await signOut(other);
    await writer.visitor.pass(2 * SECOND, { step: 500 });
    await atLogin(other);
    await settle(writer.visitor);
    await isGone(writer, other);
  });

  test('at the next page, when a form of the application signs out', async () => {
    const writer = await written();
    await signOutByForm(writer.page);
    await writer.page.goto(`${writer.site.origin}/elsewhere`);
    await settle(writer.visitor);
    await isGone(writer, writer.page);
  });

  test('when the same user signs in again after such a sign-out', async () => {
    const writer = await written();
    await signOutByForm(writer.page);
    const page = await comeBack(writer);
    expect(await valueOf(page)).toBe('');
    expect(await kept(page)).toEqual([]);
  });

  test('also those of an earlier session', async () => {
    const writer = await written();
    await timeOut(writer);
    const page = await comeBack(writer, { path: '/page?n=2' });
    expect(await kept(page)).toHaveLength(1);
    await signOutByForm(page);
    await comeBack(writer);
    expect(await valueOf(page)).toBe('');
  });
});

test('drafts stay if the server keeps none for now, as during an update, and nothing is filled in', async () => {
  const writer = await written();
  const plain = await openWith(undefined, { options: { drafts: undefined } });
  const stored = await writer.page.evaluate(() => ({ ...localStorage }));
  await plain.page.evaluate((stored) => Object.assign(localStorage, stored), stored);
  await plain.page.reload();
  await settle(plain.visitor);
  expect(await kept(plain.page)).toHaveLength(1);
  expect(await valueOf(plain.page)).toBe('');
});

test('drafts stay if an instance of the server keeps none while others do, and are filled in later', async () => {
  const writer = await written();
  let failures = 1;
  await writer.page.route('**/draft-key*', (route) =>
    failures-- > 0 ? route.fulfill({ status: 404, json: { code: 'DRAFTS_UNAVAILABLE' } }) : route.continue(),
  );
  await writer.page.reload();
  await settle(writer.visitor);
  expect(await kept(writer.page)).toHaveLength(1);
  await writer.visitor.pass(6 * SECOND, { step: 500 });
  await settle(writer.visitor);
  expect(await valueOf(writer.page)).toBe('Dear harbour master');
});

/** Waits until a page has written its draft: the newest content comes a little later than the first. */
async function writes(page: Page): Promise<void> {
  await until(async () => (await kept(page)).length === 1);
  await new Promise((resolve) => setTimeout(resolve, SECOND));
}

test('a tab that hears late of a sign-out leaves the drafts of the next session alone', async () => {
  const { site, visitor, page } = await openWith(undefined, { realTime: true });
  const late = await visitor.open();
  await late.locator(TEXT).pressSequentially('Dear Anna');
  await writes(late);
  // While it is open, the tab hears nothing.
  const alert = late.waitForEvent('dialog');
  await late.evaluate(() => void setTimeout(() => window.alert('Saved')));
  const box = await alert;
  await signOut(page);
  await atLogin(page);
  await until(async () => (await kept(page)).length === 0);
  await visitor.signIn('alice');
  await page.goto(`${site.origin}/page?n=3`);
  await page.locator(TEXT).pressSequentially('Dear harbour master');
  await writes(page);
  const drafts = await kept(page);
  await box.accept();
  await atLogin(late);
  expect(await kept(page)).toEqual(drafts);
});

describe('another user', () => {
  test('finds nothing, and nothing is left for them', async () => {
    const writer = await written();
    await timeOut(writer);
    const page = await comeBack(writer, { user: 'bob' });
    expect(await valueOf(page)).toBe('');
    expect(await kept(page)).toEqual([]);
    await page.context().clearCookies();
    await comeBack(writer);
    expect(await valueOf(page)).toBe('');
  });

  test('can open nothing, also while the page of the first one is still open', async () => {
    const writer = await written();
    const [name, sealed] = await writer.page.evaluate(() =>
      Object.entries(localStorage).find(([name]) => name.startsWith('session-draft:'))!,
    );
    await writer.visitor.signIn('bob');
    const other = await writer.visitor.open();
    await settle(writer.visitor);
    expect(await valueOf(other)).toBe('');
    expect(await kept(other)).toEqual([]);
    expect(await everythingStored(writer.page)).not.toMatch(/Dear/);

    // With what bob can get at: the key that the server gives him, and what alice's page had stored.
    const opened = await other.evaluate(
      async ([name, sealed]) => {
        const answer = await fetch('/session/draft-key', { headers: { 'x-session-client': '1' } });
        const { key } = (await answer.json()) as { key: string };
        const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
        const raw = bytes(key.replaceAll('-', '+').replaceAll('_', '/'));
        const imported = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
        const [until, text] = sealed!.split(' ') as [string, string];
        const additionalData = new TextEncoder().encode(`${name!.replace(/.*:/, '')} ${until}`);
        const all = bytes(text);
        return crypto.subtle
          .decrypt({ name: 'AES-GCM', iv: all.slice(0, 12), additionalData }, imported, all.slice(12))
          .then(() => 'opened', () => 'refused'); // prettier-ignore
      },
      [name, sealed],
    );
    expect(opened).toBe('refused');
  });
});

test('what one user has typed is not kept for another one who signs in before the keys are there', async () => {
  const writer = await openWith();
  const { page, site, visitor } = writer;
  const gate = await holdBack(page, '**/draft-key*');
  await page.locator(TEXT).pressSequentially('of alice');
  await gate.hasArrived();
  await visitor.context.clearCookies();
  await visitor.signIn('bob');
  const answered = page.waitForResponse(/draft-key/);
  gate.open();
  await answered;
  await visitor.pass(SECOND, { step: 250 });
  await page.unroute('**/draft-key*');
  await page.goto(`${site.origin}/page`);
  await settle(visitor);
  expect(await page.locator('#secret').textContent()).toContain('bob');
  expect(await valueOf(page)).toBe('');
  expect(await kept(page)).toEqual([]);
});

test('what somebody has put into the place of another draft, or kept for longer, is not opened', async () => {
  const writer = await written();
  await timeOut(writer);
  await writer.page.evaluate(() => {
    const [name, sealed] = Object.entries(localStorage).find(([name]) => name.startsWith('session-draft:'))!;
    localStorage.removeItem(name);
    localStorage.setItem(`${name}0`, sealed);
    localStorage.setItem(
      name.replace(/\.\d+$/, '.7'),
      sealed.replace(/^\d+/, (until: string) => String(Number(until) + 1)),
    );
  });
  const page = await comeBack(writer);
  expect(await valueOf(page)).toBe('');
  expect(await kept(page)).toEqual([]);
});

test('drafts are opened after a change of the secret, as long as the old one is in the list', async () => {
  const [first, second] = ['1'.repeat(32), '2'.repeat(32)] as const;
  const before = await openWith(undefined, { options: { drafts: { secret: first } } });
  await type(before, TEXT, 'Dear');
  const stored = await before.page.evaluate(() => ({ ...localStorage }));
  for (const [secret, expected] of [
    [[second, first], 'Dear'],
    [[second], ''],
  ] as const) {
    const after = await openWith(undefined, { options: { drafts: { secret } } });
    await after.page.evaluate((stored) => Object.assign(localStorage, stored), stored);
    await after.page.reload();
    await settle(after.visitor);
    expect(await valueOf(after.page)).toBe(expected);
  }
});

test('the key cannot be read by scripts, and is in no storage', async () => {
  const { page } = await written();
  const key = await page.evaluate(async () => {
    const answer = await fetch('/session/draft-key', { headers: { 'x-session-client': '1' } });
    return ((await answer.json()) as { key: string }).key;
  });
  expect(await everythingStored(page)).not.toContain(key);
});
