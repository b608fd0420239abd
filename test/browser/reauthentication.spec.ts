import { Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RequireFreshAuth, safeReturnTo, SessionTimeoutService } from '../../src/index.js';
import { visit } from './support/browser.js';
import { html } from './support/html.js';
import { isReadable, look, SECOND, snapshot } from './support/page.js';
import { openSite, type SiteOptions } from './support/site.js';

@Controller()
class AccountController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('iban')
  @RequireFreshAuth('10s')
  iban() {
    return { changed: true };
  }

  @Get('account')
  @RequireFreshAuth('10s')
  account() {
    return html({ heading: 'Account', secret: 'IBAN' });
  }

  @Get('confirm')
  confirm(@Query('returnTo') returnTo: string) {
    return html({
      heading: 'Confirm',
      secret: 'who you are',
      body: `<form method="post"><input name="returnTo" type="hidden" value="${encodeURI(returnTo)}"><button>Confirm</button></form>`,
    });
  }

  @Post('confirm')
  async confirmed(@Req() req: Request, @Res() res: Response) {
    await this.sessions.renew(req, { restartLimits: false });
    res.redirect(303, safeReturnTo(decodeURI(String(req.body.returnTo))));
  }
}

const SITE: SiteOptions = { controllers: [AccountController], options: { reauthenticateAt: '/confirm' } };

/** Runs in the page: what the helper of the client says of an answer. */
const told = (request: string) => `
  (async () => {
    const { reauthentication } = await import('/modules/client/index.js');
    return (await reauthentication(${request})) ?? null;
  })()`;

async function open(options: SiteOptions = SITE) {
  const site = await openSite(options);
  const visitor = await visit(site);
  const page = await visitor.open();
  await visitor.pass(15 * SECOND);
  return { site, visitor, page };
}

describe('an answer that asks for a fresh proof', () => {
  test('is no end: the page stays readable, and the client does not even ask', async () => {
    const { site, visitor, page } = await open();
    const before = site.pings.length;
    const status = await page.evaluate("fetch('/iban', { method: 'POST' }).then(({ status }) => status)");
    expect(status).toBe(403);
    await visitor.settle();
    expect(await look(page)).toBe('page');
    expect((await snapshot(page)).state).toBe('active');
    expect(site.pings.length).toBe(before);
  });

  test('is no end without Server-Timing either', async () => {
    const { visitor, page } = await open({ ...SITE, options: { ...SITE.options, serverTiming: false } });
    await page.evaluate("fetch('/iban', { method: 'POST' })");
    await visitor.settle();
    expect(await look(page)).toBe('page');
  });

  test('tells the page where to go, and how to come back', async () => {
    const { site, page } = await open();
    const stale = await page.evaluate(told("await fetch('/iban', { method: 'POST' })"));
    expect(stale).toEqual({ maxAge: 10 * SECOND, authAge: 15 * SECOND, url: expect.any(String) });
    const { url } = stale as { url: string };
    expect(url).toMatch(`${site.origin}/confirm?returnTo=%2Fpage`);
    await page.goto(url);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL(/\/page/);
    expect(await isReadable(page)).toBe(true);
    expect(await page.evaluate("fetch('/iban', { method: 'POST' }).then(({ status }) => status)")).toBe(201);
  });

  test('leaves its body to the page, and can be given as a body', async () => {
    const { page } = await open();
    const code = await page.evaluate(`
      (async () => {
        const { reauthentication } = await import('/modules/client/index.js');
        const answer = await fetch('/iban', { method: 'POST' });
        await reauthentication(answer);
        const body = await answer.json();
        return [body.code, (await reauthentication(body)).maxAge];
      })()`);
    expect(code).toEqual(['REAUTHENTICATION_REQUIRED', 10 * SECOND]);
  });

  test('leads a page load to the page for it, and back', async () => {
    const { page } = await open();
    await page.goto(new URL('/account', page.url()).href);
    expect(page.url()).toMatch(/\/confirm\?returnTo=%2Faccount$/);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL(/\/account$/);
    expect(await isReadable(page)).toBe(true);
  });
});

describe('the helper of the client', () => {
  test.each([
    ['an answer that is right', "await fetch('/me')"],
    ['another refusal', "await fetch('/session/end', { method: 'POST', headers: { 'x-session-client': '0' } })"],
    ['a body of something else', "{ code: 'SESSION_EXPIRED' }"],
    ['nothing', 'undefined'],
    ['null', 'null'],
    ['text', "'REAUTHENTICATION_REQUIRED'"],
    ['a 403 that is no JSON', "new Response('<p>no</p>', { status: 403 })"],
  ])('says nothing of %s', async (_what, answer) => {
    const { page } = await open();
    expect(await page.evaluate(told(answer))).toBeNull();
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'http://[', 17, null])('leads nowhere for %j', async (url) => {
    const { page } = await open();
    const body = JSON.stringify({ code: 'REAUTHENTICATION_REQUIRED', maxAge: 1, authAge: null, loginUrl: url });
    expect(await page.evaluate(told(body))).toEqual({ maxAge: SECOND, authAge: null, url: undefined });
  });

  test('believes no answer of another origin', async () => {
    const { site, page } = await open();
    const other = await openSite({
      ...SITE,
      setup: (app) =>
        app.use('/iban', (_req: Request, res: Response) => {
          res.set('Access-Control-Allow-Origin', '*').status(403);
          res.json({ code: 'REAUTHENTICATION_REQUIRED', maxAge: 1, authAge: 1, loginUrl: 'https://evil.example/' });
        }),
    });
    expect(site.origin).not.toBe(other.origin);
    expect(await page.evaluate(told(`await fetch('${other.origin}/iban')`))).toBeNull();
  });
});
