import { visit } from './support/browser.js';
import { esmStart } from './support/html.js';
import { look, SECOND } from './support/page.js';
import { awayTooLong, backAt, ended, lookAt, openLogin, openStayingSite } from './support/sign-in.js';
import { revoke, status } from './support/site.js';

describe('pages are left', () => {
  test('when the session was revoked', async () => {
    const site = await openStayingSite();
    const visitor = await visit(site);
    const page = await visitor.open();
    await revoke(site);
    await page.evaluate(() => fetch('/me').then(({ status }) => status));
    await visitor.pass(3 * SECOND, { step: SECOND });
    await page.waitForURL(/\/sign-in\?reason=revoked/);
  });

  test('when the user signs out', async () => {
    const site = await openStayingSite({ page: { script: esmStart("{ whenEnded: 'sign-in-here' }") } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await page.evaluate(() => (window as never as { client: { signOut(): void } }).client.signOut());
    await visitor.pass(SECOND);
    await page.waitForURL(/\/sign-in\?reason=signed-out/);
  });

  test('when another sign-in took the place of the session', async () => {
    const site = await openStayingSite({ options: { maxSessions: 1 } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await visit(site);
    await page.evaluate(() => fetch('/me').then(({ status }) => status));
    await visitor.pass(3 * SECOND, { step: SECOND });
    await page.waitForURL(/\/sign-in\?reason=displaced/);
  });

  test('without `identify`, with a word to the developer', async () => {
    const site = await openStayingSite({ options: { identify: undefined } });
    const visitor = await visit(site);
    const page = await visitor.open();
    const said = page.waitForEvent('console', { predicate: (message) => message.type() === 'error' });
    await visitor.pass(64 * SECOND, { step: 4 * SECOND });
    expect((await said).text()).toContain('needs the options identify and redirectTo');
    await visitor.pass(2 * SECOND);
    await page.waitForURL(/\/sign-in\?reason=idle/);
  });

  test('when the part that signs in cannot be loaded', async () => {
    const site = await openStayingSite();
    const visitor = await visit(site);
    await visitor.context.route('**/sign-in-here.js', (route) => route.abort());
    const page = await visitor.open();
    const failed = page.waitForEvent('requestfailed');
    await visitor.pass(64 * SECOND, { step: 4 * SECOND });
    await failed;
    await visitor.pass(2 * SECOND);
    await page.waitForURL(/\/sign-in\?reason=idle/);
  });

  test('unless they ask for it: the default is to leave', async () => {
    const site = await openStayingSite({ page: { script: undefined } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(64 * SECOND, { step: 4 * SECOND });
    await page.waitForURL(/\/sign-in\?reason=idle/);
  });

  test('never, if nobody was signed in', async () => {
    const site = await openStayingSite();
    const visitor = await visit(site);
    await visitor.context.clearCookies();
    const page = await visitor.open();
    await visitor.pass(64 * SECOND, { step: 4 * SECOND });
    expect(new URL(page.url()).pathname).toBe('/page');
    expect(await page.locator('dialog').count()).toBe(0);
    expect(await page.getByRole('heading', { name: 'Payroll 1' }).isVisible()).toBe(true);
  });
});

describe('a covered page', () => {
  test('stays covered while the ledger or the network is down, and says so', async () => {
    const { site, visitor, page } = await awayTooLong();
    site.onPing = status(503);
    await openLogin(page);
    await visitor.pass(6 * SECOND, { step: SECOND });
    expect(await ended(page).textContent()).toContain('The server cannot be reached.');
    expect(await look(page)).toBe('cover');
    site.onPing = undefined;
    await visitor.context.setOffline(true);
    await visitor.pass(6 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('cover');
    await visitor.context.setOffline(false);
    await visitor.pass(6 * SECOND, { step: SECOND });
    expect(await ended(page).textContent()).toContain('Use the other window to sign in.');
    expect(await look(page)).toBe('cover');
  });

  test('tries again as it says if the server does not answer, also if nobody has pressed "Sign in"', async () => {
    const { site, visitor, page } = await awayTooLong();
    site.onPing = status(503);
    await lookAt(page);
    await visitor.pass(SECOND);
    expect(await ended(page).textContent()).toContain('The server cannot be reached.');
    site.onPing = undefined;
    await visitor.pass(6 * SECOND, { step: SECOND });
    expect(await ended(page).textContent()).not.toContain('The server cannot be reached.');
    expect(await look(page)).toBe('cover');
  });

  test('stays covered through sleep, and through the back/forward cache', async () => {
    const { visitor, page } = await awayTooLong();
    await visitor.sleep(3600 * SECOND);
    expect(await look(page)).toBe('cover');
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    expect(await page.title()).toBe('Checking whether you are still signed in…');
    await visitor.sleep(3600 * SECOND);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await visitor.settle();
    expect(await look(page)).toBe('cover');
    expect(await page.title()).toBe('Your session has ended');
    await visitor.signIn('alice');
    await lookAt(page);
    await backAt(page);
    expect(await page.title()).toBe('Payroll 1');
    expect(await page.getByLabel('Note').inputValue()).toBe('half a letter');
  });

  test('sends nothing and shows nothing until then, and its requests that are refused change nothing', async () => {
    const { visitor, page } = await awayTooLong();
    const answer = await page.evaluate(() => fetch('/me').then(({ status }) => status));
    expect(answer).toBe(401);
    await visitor.pass(2 * SECOND);
    expect(await ended(page).isVisible()).toBe(true);
    expect(await ended(page).count()).toBe(1);
  });

  test('stops waiting when the client is stopped', async () => {
    const { visitor, page } = await awayTooLong({ page: { script: esmStart("{ whenEnded: 'sign-in-here' }") } });
    await page.evaluate(() => (window as never as { client: { stop(): void } }).client.stop());
    await visitor.signIn('alice');
    await lookAt(page);
    await visitor.settle();
    expect(await page.evaluate(() => document.querySelector('dialog'))).toBeNull();
  });
});
