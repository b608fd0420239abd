import { SECOND, until } from './support/page.js';
import { awayTooLong, backAt, ended, openLogin, signInAt } from './support/sign-in.js';

describe('the login window', () => {
  test('is brought to the front, not opened twice', async () => {
    const { visitor, page } = await awayTooLong();
    await openLogin(page);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.settle();
    expect(visitor.context.pages()).toHaveLength(2);
    expect(await ended(page).textContent()).toContain('Use the other window to sign in.');
  });

  test('that the browser blocks is replaced by a link, and the page notices when the user comes back', async () => {
    const { visitor, page } = await awayTooLong({ page: { body: '<script>window.open = () => null;</script>' } });
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await ended(page).textContent()).toContain('The browser has blocked the window.');
    const link = page.getByRole('link', { name: 'Sign in' });
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    const [login] = await Promise.all([visitor.context.waitForEvent('page'), link.click()]);
    await login.waitForLoadState();
    await signInAt(login, 'alice');
    await login.waitForURL(/\/session\/signed-in\?lang=en$/);
    expect((await login.locator('body').textContent())!.trim()).toBe('You can close this window now.');
    await backAt(page);
  });

  test('need not tell anything: the page asks every few seconds', async () => {
    const { visitor, page } = await awayTooLong();
    const login = await openLogin(page);
    await login.goto(`${new URL(page.url()).origin}/public`);
    await visitor.signIn('alice');
    // The clock of the tests does not like windows that close.
    await visitor.pass(6 * SECOND, { step: SECOND }).catch(() => undefined);
    await backAt(page);
    await until(() => login.isClosed());
  });

  test('leads to an application that ignores `returnTo`: it is closed all the same', async () => {
    const { visitor, page } = await awayTooLong();
    const login = await openLogin(page);
    await login.evaluate(() => document.querySelector<HTMLInputElement>('[name=returnTo]')!.remove());
    await signInAt(login, 'alice');
    await login.waitForLoadState();
    // The clock of the tests does not like windows that close.
    await visitor.pass(6 * SECOND, { step: SECOND }).catch(() => undefined);
    await backAt(page);
    await until(() => login.isClosed());
  });
});
