import { visit } from './support/browser.js';
import { look, SECOND, snapshot, warningOf } from './support/page.js';
import { openSite, revoke, status } from './support/site.js';

describe('"Stay signed in"', () => {
  async function warnedPage() {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(41 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('warning');
    await visitor.pass(SECOND);
    return { site, visitor, page, stay: page.getByRole('button', { name: 'Stay signed in' }) };
  }

  test('that fails is announced, keeps the focus, counts down, and is tried again until it works', async () => {
    const { site, visitor, page, stay } = await warnedPage();
    site.onPing = status(500);
    await stay.click();
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('warning');
    expect(await warningOf(page).getByRole('alert').textContent()).not.toBe('');
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true);
    expect((await snapshot(page)).expiresIn).toBeLessThan(18 * SECOND);
    site.onPing = undefined;
    await visitor.pass(6 * SECOND, { step: 500 });
    expect(await look(page)).toBe('page');
    expect((await visitor.status()).idleFor).toBeLessThan(8);
  });

  test('that never gets through ends with the page covered', async () => {
    const { visitor, page, stay } = await warnedPage();
    await visitor.context.setOffline(true);
    await stay.click();
    await visitor.pass(20 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('cover');
  });

  test('that comes too late is answered at once: the session has ended', async () => {
    const { site, visitor, page, stay } = await warnedPage();
    await revoke(site);
    await stay.click();
    await visitor.pass(500, { step: 250 });
    expect(await look(page)).toBe('login revoked');
  });
});

test('the dialog does not close before the server has agreed', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(42 * SECOND);
  site.onPing = (_req, _res, next) => site.after(3 * SECOND, next);
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await look(page)).toBe('warning');
  expect((await snapshot(page)).stay).toBe('pending');
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await look(page)).toBe('page');
});

test('a "stay" in the same millisecond as the last answer is sent, too, as some browsers blur their clocks', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(42 * SECOND, { step: 42 * SECOND });
  expect(await look(page)).toBe('warning');
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await visitor.pass(SECOND, { step: 250 });
  expect(await look(page)).toBe('page');
});
