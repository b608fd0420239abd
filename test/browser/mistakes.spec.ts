import type { Request, RequestHandler, Response } from 'express';
import type { Page } from 'playwright-core';
import { visit, type Visitor } from './support/browser.js';
import { AUTO, esmStart, html } from './support/html.js';
import { atLogin, type Client, isReadable, look, MINUTE, SECOND, snapshot, until } from './support/page.js';
import { openSite, revoke, type Site, type SiteOptions, status } from './support/site.js';

declare const client: Client;

/** Opens a page; notes what its console says. */
async function openWith(given: SiteOptions, prepare: (site: Site) => void = () => undefined) {
  const site = await openSite(given);
  const visitor = await visit(site);
  prepare(site);
  const errors: string[] = [];
  visitor.context.on('console', (message) => {
    const isOurs = message.text().includes('nestjs-session-timeout');
    if (message.type() === 'error' && isOurs) errors.push(message.text());
  });
  const page = await visitor.open();
  return { site, visitor, page, errors };
}

async function signOut(page: Page, visitor: Visitor): Promise<void> {
  await page.evaluate(() => client.signOut());
  await visitor.pass(SECOND, { step: 250 });
}

describe('a sign-out that the server refuses', () => {
  test.each([403, 404, 200])(
    'with %d, or answers by another page: the console says it, and the page stays covered until the session is over',
    async (code) => {
      const refuse: RequestHandler = (_req, res) => void res.status(code).send('No token');
      const { site, visitor, page, errors } = await openWith({
        page: { script: esmStart() },
        setup: (app) => app.use('/session/end', refuse),
      });
      await signOut(page, visitor);
      expect(await look(page)).toBe('cover');
      expect(await page.getByText(/did not work/).isVisible()).toBe(true);
      await visitor.pass(30 * SECOND, { step: SECOND });
      expect(await look(page)).toBe('cover');
      expect(site.pings.length).toBeLessThan(15);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(new RegExp(`/session/end.*${code}.*CSRF`));
      await revoke(site);
      await visitor.pass(31 * SECOND, { step: SECOND });
      expect(await look(page)).toMatch(/^login/);
    },
  );
});

describe('an answer that is not ours is told once in the console:', () => {
  const page: RequestHandler = (_req: Request, res: Response) => void res.send(html({ heading: 'Front end' }));

  test.each<[string, RequestHandler, RegExp]>([
    ['404', status(404), /ping.* 404 text\/html/],
    ['403', status(403), /ping.* 403 text\/html/],
    ['a page of a development server', page, /ping.* 200 text\/html/],
    ['a redirect', (_req, res) => res.redirect('/login'), /redirect/],
  ])('%s', async (_name, handler, text) => {
    const { visitor, errors } = await openWith({}, (site) => {
      site.onPing = handler;
    });
    await visitor.pass(MINUTE, { step: SECOND });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(text);
    expect(errors[0]).toContain('url');
  });

  test('a foreign origin', async () => {
    const { errors } = await openWith({ page: { script: esmStart("{ url: 'https://api.example/session/' }") } });
    expect(errors).toEqual([expect.stringContaining('https://api.example/session/')]);
  });

  test.each([500, 503, 429])('but not %d, which is trouble and no mistake', async (code) => {
    const { visitor, errors } = await openWith({}, (site) => {
      site.onPing = status(code);
    });
    await visitor.pass(10 * SECOND, { step: SECOND });
    expect(errors).toEqual([]);
  });
});

describe('while nothing is known', () => {
  /** How often a page of nobody asks in two minutes. */
  async function asked(handler: RequestHandler): Promise<number> {
    const site = await openSite();
    const visitor = await visit(site);
    await visitor.context.clearCookies();
    site.onPing = handler;
    await visitor.open();
    const before = site.pings.length;
    await visitor.pass(2 * MINUTE, { step: SECOND });
    return site.pings.length - before;
  }

  test('the client asks less and less often', async () => {
    expect(await asked(status(500))).toBeLessThan(12);
  });

  test.each<[string, (now: number) => string]>([
    ['seconds', () => '30'],
    ['a date', (now) => new Date(now + 30 * SECOND).toUTCString()],
  ])('it obeys Retry-After in %s', async (_name, value) => {
    const site = await openSite();
    const visitor = await visit(site);
    await visitor.context.clearCookies();
    site.onPing = (_req, res) => void res.status(503).set('Retry-After', value(site.clock.now())).end();
    await visitor.open();
    await visitor.pass(25 * SECOND, { step: SECOND });
    expect(site.pings).toHaveLength(1);
    await visitor.pass(10 * SECOND, { step: SECOND });
    expect(site.pings).toHaveLength(2);
  });
});

describe('the reason is true', () => {
  test('after the sign-out of the application, seen by another tab', async () => {
    const { site, visitor, page } = await openWith({});
    await visitor.pass(2 * SECOND);
    await visitor.context.request.post(`${site.origin}/logout`);
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await visitor.pass(2 * SECOND, { step: 500 });
    expect(await look(page)).toBe('login signed-out');
  });

  test('after a form that posts to /session/end', async () => {
    const body = '<form method="post" action="/session/end"><button>Sign out</button></form>';
    const { visitor, page } = await openWith({ page: { body, script: AUTO } });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await visitor.pass(42 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login signed-out');
  });

  test('in every tab, if the answer to one of them cleared the cookie', async () => {
    const { site, visitor, page } = await openWith({});
    const other = await visitor.open();
    await revoke(site);
    await page.evaluate(() => fetch('/me').then((response) => response.text()));
    await visitor.pass(4 * SECOND, { step: 500 });
    await atLogin(page);
    await atLogin(other);
    expect([await look(page), await look(other)]).toEqual(['login revoked', 'login revoked']);
  });

  test('on a page that Back brings out of the ordinary cache after an idle end', async () => {
    const body = "<script>addEventListener('unload', () => {});</script>";
    const { site, visitor, page } = await openWith({ page: { body, script: AUTO } });
    await page.goto(`${site.origin}/page?n=2`);
    await visitor.settle();
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('login idle');
    const isBack = page.waitForEvent('framenavigated');
    await page.evaluate(() => history.back()).catch(() => undefined);
    await isBack;
    await visitor.pass(3 * SECOND, { step: 500 });
    await atLogin(page);
    expect(await look(page)).toBe('login idle');
  });
});

test('an old page that Back brings out of the ordinary cache is covered at once, also if its client starts late', async () => {
  const body = `<script>addEventListener('unload', () => {});
    addEventListener('load', async () => {
      const { startSessionTimeout } = await import('/modules/client/index.js');
      startSessionTimeout();
    });</script>`;
  const { site, visitor, page } = await openWith({ page: { body, script: '' } });
  await page.goto(`${site.origin}/public`);
  await visitor.settle();
  site.onPing = (_req, res) => site.never(res);
  await page.evaluate(() => history.back()).catch(() => undefined);
  await page.waitForURL(/page/);
  await until(() => page.evaluate(() => Symbol.for('nestjs-session-timeout.client') in window));
  expect(await look(page)).toBe('cover');
});

describe('the cover after an outage', () => {
  async function coveredPage() {
    const opened = await openWith({});
    await opened.page.getByLabel('Note').fill('half a letter');
    opened.site.onPing = status(503);
    await opened.visitor.pass(58 * SECOND, { step: 2 * SECOND });
    await opened.visitor.context.request.get(`${opened.site.origin}/me`);
    await opened.visitor.pass(20 * SECOND, { step: 2 * SECOND });
    expect(await look(opened.page)).toBe('cover');
    opened.site.onPing = undefined;
    return opened;
  }

  test.each<[string, (page: Page) => Promise<void>]>([
    ['a key', (page) => page.keyboard.press('a')],
    ['a click', (page) => page.mouse.click(10, 10)],
    ['"Try again"', (page) => page.getByRole('button', { name: 'Try again' }).click()],
  ])('is gone at once after %s', async (_name, act) => {
    const { visitor, page } = await coveredPage();
    await act(page);
    await visitor.settle();
    await visitor.pass(100);
    expect(await isReadable(page)).toBe(true);
    expect((await snapshot(page)).unreachable).toBe(false);
  });

  test('asks once, however often keys are pressed', async () => {
    const { site, visitor, page } = await coveredPage();
    site.onPing = (_req, _res, next) => site.after(2500, next);
    const before = site.pings.length;
    for (let i = 0; i < 12; i++) await page.keyboard.press('a');
    expect(await look(page)).toBe('cover');
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(await isReadable(page)).toBe(true);
    expect(site.pings.length - before).toBe(1);
  });

  test('has a button that leads to the login page, where a proxy answers in place of the server', async () => {
    const { site, visitor, page } = await coveredPage();
    site.onPing = (_req, res) => res.redirect('https://identity.example/');
    await visitor.context.request.post(`${site.origin}/logout`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForLoadState();
    expect(site.loads['/page']).toBe(2);
    expect(await isReadable(page)).toBe(false);
  });

  test('of a page that does not reload itself once more loads it again for its user', async () => {
    const site = await openSite({ options: { redirectTo: undefined } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await page.reload();
    await visitor.pass(64 * SECOND, { step: 2 * SECOND });
    expect(await look(page)).toBe('cover');
    await page.getByRole('button', { name: 'Try again' }).click();
    await visitor.pass(2 * SECOND);
    expect(site.loads).toEqual({ '/page': 3 });
  });

  test.each([
    ['is all that is left of it, and its router is told once', false, 'cover'],
    ['goes if its router leads to another place', true, 'page'],
  ])('of a page that does not reload itself once more %s', async (_name, leads, expected) => {
    const script = esmStart(`{ onLeave(url, reason) { (window.told ??= []).push(reason); return ${leads}; } }`);
    const { visitor, page } = await openWith({ options: { redirectTo: undefined }, page: { script } });
    await page.reload();
    await visitor.pass(64 * SECOND, { step: 2 * SECOND });
    for (let i = 0; i < 3; i++) {
      await page.evaluate(() => dispatchEvent(new Event('focus')));
      await visitor.pass(2 * SECOND);
    }
    expect(await look(page)).toBe(expected);
    expect(await page.locator('#secret').count()).toBe(leads ? 1 : 0);
    expect(await page.evaluate('window.told')).toEqual(['idle']);
  });

  test('has no buttons while the first question is on its way', async () => {
    const { page } = await openWith({});
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    expect(await page.getByRole('button').count()).toBe(0);
  });
});
