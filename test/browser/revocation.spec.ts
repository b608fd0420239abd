import { visit } from './support/browser.js';
import { look, readerOf, SECOND, setHidden } from './support/page.js';
import { openSite, revoke } from './support/site.js';

describe('the end of a session elsewhere', () => {
  test('is noticed by an active user within a report interval', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    const move = readerOf(page);
    await visitor.pass(10 * SECOND, { each: move });
    await revoke(site);
    await visitor.pass(8 * SECOND, { each: move });
    expect(await look(page)).toBe('login revoked');
    expect(await page.getByRole('alert').textContent()).toContain('ended');
    await visitor.pass(5 * SECOND, { step: 500 });
    expect(site.loads).toEqual({ '/page': 1, '/login': 1 });
  });

  test('is noticed by an idle one when the page is looked at', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await setHidden(page, true);
    await visitor.pass(10 * SECOND);
    await revoke(site);
    await visitor.pass(10 * SECOND);
    expect(await look(page)).toBe('page');
    await setHidden(page, false);
    await visitor.pass(SECOND);
    expect(await look(page)).toBe('login revoked');
  });

  test('is noticed when a warning is due at the latest', async () => {
    const site = await openSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await revoke(site);
    await visitor.pass(42 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login revoked');
  });
});
