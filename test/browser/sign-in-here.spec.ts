import type { Request, Response } from 'express';
import { visit } from './support/browser.js';
import { html } from './support/html.js';
import { countFlashes, look, SECOND, setHidden, snapshot, until } from './support/page.js';
import { awayTooLong, backAt, ended, lookAt, openLogin, openStayingSite, signInAt, STAY } from './support/sign-in.js';

describe('a page whose session has ended by a limit', () => {
  test('stays covered, and comes back when its user has signed in, in a window of its own', async () => {
    const { site, visitor, page } = await awayTooLong();
    expect(await look(page)).toBe('cover');
    expect(await ended(page).textContent()).toContain('You were signed out because you were not active.');
    expect(await page.title()).toBe('Your session has ended');
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
    await backAt(page);
    expect(await look(page)).toBe('page');
    expect(await page.getByLabel('Note').inputValue()).toBe('half a letter');
    expect(await page.title()).toBe('Payroll 1');
    expect(await snapshot(page)).toMatchObject({ state: 'active', concealed: false });
    expect(site.loads['/page']).toBe(1);
    // It is a page like any other again: it warns, and ends.
    await visitor.pass(41 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('warning');
    await visitor.pass(21 * SECOND, { step: SECOND });
    await ended(page).waitFor();
  });

  test('no longer plays its recordings', async () => {
    const site = await openStayingSite({ page: { body: '<audio></audio>' } });
    const visitor = await visit(site);
    const page = await visitor.open();
    const audio = page.locator('audio');
    await audio.evaluate((audio: HTMLAudioElement) => {
      audio.srcObject = new AudioContext().createMediaStreamDestination().stream;
      void audio.play().catch(() => undefined);
    });
    await visitor.pass(30 * SECOND, { step: 5 * SECOND });
    expect(await audio.evaluate((audio: HTMLAudioElement) => audio.paused)).toBe(false);
    await visitor.pass(34 * SECOND, { step: 4 * SECOND });
    await ended(page).waitFor();
    expect(await audio.evaluate((audio: HTMLAudioElement) => audio.paused)).toBe(true);
  });

  test('gives the focus back to the field that had it', async () => {
    const { visitor, page } = await awayTooLong();
    await visitor.signIn('alice');
    await lookAt(page);
    await backAt(page);
    await until(() => page.evaluate(() => (document.activeElement as HTMLInputElement).name === 'note'));
  });

  test('says so after the absolute limit, too', async () => {
    const { visitor, page } = await awayTooLong({ options: { absoluteTimeout: 50 * SECOND } });
    expect(await ended(page).textContent()).toContain('signed in for as long as is allowed');
    await visitor.signIn('alice');
    await lookAt(page);
    await backAt(page);
  });

  test('comes back in all tabs, whichever signs in, and each says that it is restored', async () => {
    const { visitor, page } = await awayTooLong();
    const others = [await visitor.context.newPage(), await visitor.context.newPage()];
    // These two were opened by somebody who had signed in, and have ended since.
    await visitor.signIn('alice');
    await lookAt(page);
    await backAt(page);
    for (const other of others) await other.goto(page.url());
    const all = [page, ...others];
    for (const tab of all) {
      await tab.evaluate(() => {
        Object.assign(window, { restored: 0 });
        addEventListener('session-timeout:restored', () => (window as never as { restored: number }).restored++);
      });
    }
    await visitor.pass(64 * SECOND, { step: 4 * SECOND });
    for (const tab of all) await ended(tab).waitFor();
    await visitor.pass(SECOND);
    const login = await openLogin(others[1]!);
    const closed = login.waitForEvent('close');
    await signInAt(login, 'alice');
    await closed;
    for (const tab of all) {
      await backAt(tab);
      expect(await tab.evaluate(() => (window as never as { restored: number }).restored)).toBe(1);
    }
  });

  test('is emptied and loaded anew when somebody else signs in, and shows them nothing', async () => {
    const { site, visitor, page } = await awayTooLong();
    await page.evaluate(() => {
      document.body.append('diary of alice');
      Object.assign(window, { old: true });
    });
    const flashes = await countFlashes(page);
    const login = await openLogin(page);
    const seen = page.waitForNavigation();
    await signInAt(login, 'bob');
    await seen;
    await visitor.settle();
    expect(await page.evaluate(() => 'old' in window)).toBe(false);
    expect(await page.locator('#secret').textContent()).toBe('bob earns 4 200');
    expect(await page.content()).not.toMatch(/alice|half a letter/);
    expect(site.loads['/page']).toBe(2);
    await expect(flashes()).rejects.toThrow();
  });

  test('can be left for the login page', async () => {
    const { page } = await awayTooLong();
    await page.getByRole('button', { name: 'Leave this page' }).click();
    await page.waitForURL(/\/sign-in\?reason=idle&returnTo=%2Fpage$/);
    expect(await page.content()).not.toContain('half a letter');
  });

  test('is left when somebody signs out in another tab', async () => {
    const { visitor, page } = await awayTooLong();
    const { origin } = new URL(page.url());
    // Storage tells the other tabs; the page itself does not ask.
    await setHidden(page, true);
    const other = await visitor.context.newPage();
    await other.goto(`${origin}/frame`);
    await other.evaluate((name) => {
      localStorage.setItem(name, JSON.stringify({ session: 'any', wall: Date.now() }));
    }, `session-timeout:${origin}/session/`);
    await page.waitForURL(/\/sign-in\?reason=idle/);
  });

  test('stays covered when another tab only pretends that somebody has signed in', async () => {
    const { visitor, page } = await awayTooLong();
    const { origin } = new URL(page.url());
    const other = await visitor.context.newPage();
    await other.goto(`${origin}/frame`);
    await other.evaluate((name) => {
      const answer = { state: 'active', session: 'forged', user: 'forged', warnBefore: 1, idleLeft: 100, at: 1 };
      localStorage.setItem(name, JSON.stringify({ session: 'forged', answer, wall: Date.now() }));
    }, `session-timeout:${origin}/session/`);
    await visitor.pass(5 * SECOND);
    expect(await look(page)).toBe('cover');
  });
});

test('a frame leaves the dialog to the page around it, and comes back with it', async () => {
  const frame = (_req: Request, res: Response): void =>
    void res.send(html({ heading: 'Frame', secret: 'a secret of the frame', script: STAY }));
  const { visitor, page } = await awayTooLong({
    page: { script: STAY, body: '<iframe src="/inner"></iframe>' },
    setup: (app) => app.use('/inner', frame),
  });
  const inner = page.frames()[1]!;
  await inner.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
  expect(await inner.getByRole('button').count()).toBe(0);
  expect(await inner.locator('#secret').isVisible()).toBe(false);
  await visitor.signIn('alice');
  await lookAt(page);
  await backAt(page);
  await until(() => inner.locator('#secret').isVisible());
});
