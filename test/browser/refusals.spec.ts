import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Page } from 'playwright-core';
import { AllowExpired } from '../../src/index.js';
import { visit } from './support/browser.js';
import { AUTO, html } from './support/html.js';
import { isReadable, look, MINUTE, SECOND, snapshot, until } from './support/page.js';
import { openSite, revoke, type SiteOptions } from './support/site.js';

/** A single-page application in a file, which knows no session. */
const STATIC: SiteOptions = {
  setup: (app) =>
    app.use('/app', (_req: Request, res: Response) => {
      res.removeHeader('Server-Timing');
      res.set('Cache-Control', 'public, max-age=0').send(html({ heading: 'Application' }));
    }),
};

/** What the tests' application does besides. */
@Controller()
class MoreController {
  @Get('away')
  @AllowExpired()
  away(@Res() res: Response) {
    res.redirect('/nothing');
  }

  @Post('enter')
  @AllowExpired()
  enter(@Req() req: Request) {
    req.session.user = 'alice';
    return {};
  }
}

/** Keeps a page out of the back/forward cache. */
const NOT_KEPT = "<script>addEventListener('unload', () => {});</script>";

/** Sends a request from a page whose session was revoked, and waits until the page has left for the login page. */
async function refused(request: string, options: SiteOptions['options'] = {}): Promise<Page> {
  const site = await openSite({ options });
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(5 * SECOND);
  await revoke(site);
  await page.evaluate(request);
  await page.waitForURL(/login/);
  return page;
}

describe('a refused request makes the page leave at once', () => {
  test.each([
    ['whose body nobody reads', "void fetch('/me')"],
    ['of a Turbo frame', "void fetch('/me', { headers: { 'turbo-frame': 'news', 'x-turbo-request-id': '1' } })"],
    ['of XMLHttpRequest', "(() => { const r = new XMLHttpRequest(); r.open('GET', '/me'); r.send(); })()"],
    ['that sends something', "void fetch('/note', { method: 'POST' })"],
  ])('%s', async (_name, request) => {
    const page = await refused(request);
    expect(await look(page)).toBe('login revoked');
  });

  test('also without Server-Timing', async () => {
    const page = await refused("void fetch('/me')", { serverTiming: false });
    // That answer has cleared the cookie.
    expect(await look(page)).toMatch(/^login (lost|signed-out)$/);
  });

  test.each([
    ['a picture', "new Image().src = '/me'"],
    ['a beacon', "navigator.sendBeacon('/note', 'x')"],
    ['a script', "document.head.append(Object.assign(document.createElement('script'), { src: '/me' }))"],
    ['a part of the application', "void import('/me').catch(() => undefined)"],
  ])('also without Server-Timing, if %s was refused', async (_name, request) => {
    await refused(request, { serverTiming: false });
  });

  test.each([
    ['signs out', "void fetch('/session/end', { method: 'POST' })"],
    ['ends all sessions', "fetch('/session/list?current=true', { method: 'DELETE' }).then((answer) => answer.json())"],
  ])('and so does the request of a script that %s', async (_what, request) => {
    const site = await openSite();
    const visitor = await visit(site);
    const [page, other] = [await visitor.open(), await visitor.open()];
    await visitor.pass(5 * SECOND);
    await page.evaluate(request);
    await page.waitForURL(/login/);
    await other.waitForURL(/login/);
    expect([await look(page), await look(other)]).toEqual(['login signed-out', 'login signed-out']);
  });

  test('and so does one that is led elsewhere, like a visit of Turbo', async () => {
    const site = await openSite({ controllers: [MoreController], options: { serverTiming: false } });
    const visitor = await visit(site);
    const page = await visitor.open();
    await visitor.pass(5 * SECOND);
    const before = site.pings.length;
    await page.evaluate("fetch('/away').then((answer) => answer.text())");
    await until(() => site.pings.length > before);
    await visitor.settle();
    expect(site.pings.length).toBe(before + 1);
    expect(await look(page)).toBe('page');
  });
});

test('a visit of Turbo that is led to the login page keeps its reason and its way back', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(5 * SECOND);
  await revoke(site);
  await page.evaluate(async () => {
    Object.assign(window, { old: true });
    const headers = { accept: 'text/html, application/xhtml+xml', 'x-turbo-request-id': '1' };
    const answer = await fetch('/page?n=2', { headers });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    history.pushState(null, '', answer.url);
    document.body.replaceWith(next.body);
  });
  await visitor.pass(3 * SECOND, { step: 250 });
  expect(await page.evaluate(() => 'old' in window)).toBe(false);
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ reason: 'revoked', returnTo: '/page?n=2' });
});

test('a page whose own URL has a reason and a way back is left for the login page as well', async () => {
  const site = await openSite();
  const visitor = await visit(site);
  const page = await visitor.open('/page?reason=late&returnTo=/orders');
  await visitor.pass(5 * SECOND);
  await revoke(site);
  await page.evaluate(() => fetch('/me'));
  await page.waitForURL(/login/);
  expect(await look(page)).toBe('login revoked');
});

describe('a static application that is opened after the end', () => {
  test('is left when its request is refused, with the reason', async () => {
    const site = await openSite(STATIC);
    const visitor = await visit(site);
    await visitor.pass(61 * SECOND, { step: 61 * SECOND });
    site.onPing = (_req, _res, next) => site.after(SECOND, next);
    const page = await visitor.context.newPage();
    await page.goto(`${site.origin}/app`);
    await page.evaluate("fetch('/me').then((answer) => answer.status)");
    site.onPing = undefined;
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(await look(page)).toBe('login idle');
  });

  test('is left for a request that was refused before the client was loaded', async () => {
    const script = "<script>window.early = fetch('/me').then((answer) => answer.text());</script>";
    const site = await openSite({
      setup: (app) =>
        app.use('/app', (_req: Request, res: Response) => {
          res.removeHeader('Server-Timing');
          res.set('Cache-Control', 'public, max-age=0').send(html({ heading: 'Application', script }));
        }),
    });
    const visitor = await visit(site);
    await visitor.pass(61 * SECOND, { step: 61 * SECOND });
    const page = await visitor.context.newPage();
    await page.goto(`${site.origin}/app`);
    await until(() =>
      page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/me'))),
    );
    await page.evaluate(() => {
      const tag = { type: 'module', src: '/session/client.js' };
      document.head.append(Object.assign(document.createElement('script'), tag));
    });
    await page.waitForURL(/login/);
    expect(await look(page)).toBe('login idle');
  });

  test('goes to a login page whose URL leads to another one, and stays there', async () => {
    const site = await openSite({
      options: { redirectTo: '/sign-in' },
      setup: (app) => {
        STATIC.setup?.(app);
        app.use('/sign-in', (req: Request, res: Response) => {
          res.removeHeader('Server-Timing');
          res.set('Cache-Control', 'public, max-age=0');
          if (req.originalUrl.startsWith('/sign-in/')) res.send(html({ heading: 'Sign in' }));
          else res.redirect(301, req.originalUrl.replace('/sign-in', '/sign-in/'));
        });
      },
    });
    const visitor = await visit(site);
    await visitor.pass(61 * SECOND, { step: 61 * SECOND });
    const page = await visitor.open('/app');
    await visitor.pass(10 * SECOND, { step: 500 });
    const { pathname, searchParams } = new URL(page.url());
    expect([pathname, searchParams.get('reason'), searchParams.get('returnTo')]).toEqual(['/sign-in/', 'idle', '/app']);
    expect(site.loads['/sign-in/']).toBe(1);
    expect(await page.getByRole('heading', { name: 'Sign in' }).isVisible()).toBe(true);
  });

  test('stays if nobody was signed in, whatever its requests get', async () => {
    const site = await openSite(STATIC);
    const visitor = await visit(site);
    await visitor.context.clearCookies();
    const page = await visitor.open('/app');
    for (let count = 0; count < 30; count++) {
      await page.evaluate("fetch('/nowhere').then((answer) => answer.text())");
      await visitor.pass(SECOND);
    }
    expect(new URL(page.url()).pathname).toBe('/app');
    expect((await snapshot(page)).state).toBe('anonymous');
    expect(site.pings.length).toBeLessThan(10);
  });
});

test('a sign-in by fetch is noticed without Server-Timing, and the user is warned', async () => {
  const site = await openSite({ controllers: [MoreController], options: { serverTiming: false } });
  const visitor = await visit(site);
  await visitor.context.clearCookies();
  const page = await visitor.open('/frame');
  await page.goto(`${site.origin}/page`);
  await visitor.pass(SECOND);
  await page.evaluate("fetch('/enter', { method: 'POST' }).then((answer) => answer.text())");
  await visitor.pass(6 * SECOND, { step: SECOND });
  expect((await snapshot(page)).state).toBe('active');
  await visitor.pass(40 * SECOND, { step: 5 * SECOND });
  expect((await snapshot(page)).state).toBe('warning');
});

test('a sign-in by fetch is noticed within a minute on a page that visitors have left open for hours', async () => {
  const site = await openSite({ controllers: [MoreController], options: { serverTiming: false, idleTimeout: '5m' } });
  const visitor = await visit(site);
  await visitor.context.clearCookies();
  const page = await visitor.open('/login');
  await visitor.pass(8 * 60 * MINUTE, { step: 30 * MINUTE });
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await visitor.pass(SECOND);
  await page.evaluate("fetch('/enter', { method: 'POST' }).then((answer) => answer.text())");
  await visitor.pass(60 * SECOND, { step: SECOND });
  expect((await snapshot(page)).state).toBe('active');
});

test.each([
  ['signed out here', 'signed-out'],
  ['signed out with the form of the application', 'signed-out|lost'],
])('somebody who has %s and goes Back does not see the page, also without Server-Timing', async (how, reason) => {
  const site = await openSite({ options: { serverTiming: false }, page: { body: NOT_KEPT, script: AUTO } });
  const visitor = await visit(site);
  const page = await visitor.open('/page');
  await visitor.pass(SECOND);
  await page.goto(`${site.origin}/page?n=2`);
  await visitor.settle();
  if (how.endsWith('here')) {
    await page.evaluate(() => {
      const client = (window as never)[Symbol.for('nestjs-session-timeout.client')] as { signOut(): void };
      client.signOut();
    });
    await visitor.pass(SECOND, { step: 250 });
    expect(await look(page)).toBe('login signed-out');
  } else {
    await visitor.context.request.post(`${site.origin}/logout`);
    await page.goto(`${site.origin}/public`);
  }
  await page.evaluate(() => history.back()).catch(() => undefined);
  await page.waitForURL(/page|login/);
  await visitor.pass(2 * SECOND, { step: 500 });
  expect(await isReadable(page)).toBe(false);
  expect(await look(page)).toMatch(new RegExp(`^login (${reason})$|^cover$`));
});

test('Back to a public page takes no visitor anywhere', async () => {
  const site = await openSite({ page: { body: NOT_KEPT, script: AUTO } });
  const visitor = await visit(site);
  await visitor.context.clearCookies();
  const page = await visitor.open('/page');
  await visitor.pass(SECOND);
  await page.goto(`${site.origin}/public`);
  await page.evaluate(() => history.back()).catch(() => undefined);
  await page.waitForURL(/page/);
  await visitor.pass(MINUTE, { step: 10 * SECOND });
  expect(new URL(page.url()).pathname).toBe('/page');
  expect(await page.getByRole('heading').isVisible()).toBe(true);
});

/** A page of the public that everybody may keep, so that no header says whose it is. */
const PUBLIC: SiteOptions = {
  page: { body: NOT_KEPT, script: AUTO },
  setup: (app) =>
    app.use('/map', (_req: Request, res: Response) => {
      res.set('Cache-Control', 'public, max-age=600').send(html({ heading: 'Map', body: NOT_KEPT }));
    }),
};

test('Back to a kept public page after the end of a session loads it once again, and leads nowhere', async () => {
  const site = await openSite(PUBLIC);
  const visitor = await visit(site);
  const page = await visitor.open('/page');
  await visitor.pass(SECOND);
  await page.evaluate(() => void fetch('/logout', { method: 'POST' }));
  await page.waitForURL('**/login**');
  await page.goto(`${site.origin}/map`);
  await visitor.settle();
  await page.goto(`${site.origin}/public`);
  await page.evaluate(() => history.back()).catch(() => undefined);
  await page.waitForURL(/map/);
  await visitor.pass(5 * SECOND, { step: 500 });
  expect(new URL(page.url()).pathname).toBe('/map');
  expect(await page.getByRole('heading').isVisible()).toBe(true);
  expect((await snapshot(page)).state).toBe('anonymous');
  expect(site.loads['/map']).toBe(2);
});
