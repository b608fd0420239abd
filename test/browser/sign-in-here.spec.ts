import { look, until, isReadable, SECOND, snapshot } from './support/page.js';
import { awayTooLong, ended, openLogin, signInAt } from './support/sign-in.js';

describe('a page whose session has ended by the idle limit', () => {
  test('stays covered, and comes back when its user has signed in, in a window of its own', async () => {
    const { site, visitor, page } = await awayTooLong();
    expect(await look(page)).toBe('cover');
    expect(await ended(page).isVisible()).toBe(true);
    expect(await ended(page).textContent()).toContain('You were signed out because you were not active.');
    const login = await openLogin(page);
    const { pathname, searchParams } = new URL(login.url());
    expect([pathname, ...searchParams]).toEqual([
      '/sign-in',
      ['reason', 'idle'],
      ['returnTo', '/session/signed-in?lang=en'],
    ]);
    expect(await login.evaluate(() => window.opener)).toBeNull();
    const closed = login.waitForEvent('close');
    await signInAt(login, 'alice');
    await closed;
    await visitor.settle();
    await until(() => isReadable(page));
    expect(await look(page)).toBe('page');
    expect(await page.getByLabel('Note').inputValue()).toBe('half a letter');
    expect(await page.title()).toBe('Payroll 1');
    expect(await snapshot(page)).toMatchObject({ state: 'active', concealed: false });
    expect(site.loads['/page']).toBe(1);
    await visitor.pass(2 * SECOND);
  });
});
