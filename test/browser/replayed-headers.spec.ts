import { Controller, Get, Header, Req } from '@nestjs/common';
import type { Request, RequestHandler, Response } from 'express';
import { AllowExpired } from '../../src/index.js';
import { visit, type Visitor } from './support/browser.js';
import { html } from './support/html.js';
import { countFlashes, isReadable, look, MINUTE, SECOND, snapshot } from './support/page.js';
import { openSite, type Site, status } from './support/site.js';

/** A page that is the same for everybody, so that browsers are told "not modified". */
@Controller()
class EverybodyController {
  @Get('everybody')
  @AllowExpired()
  everybody() {
    return html({ heading: 'Opening hours' });
  }

  @Get('mine')
  @Header('Cache-Control', 'private, max-age=600')
  mine(@Req() { session }: Request) {
    return html({ heading: 'Payslip', secret: session.user && `${session.user} earns 4 200` });
  }

  @Get('kept')
  @AllowExpired()
  @Header('Cache-Control', 'private, max-age=600')
  kept() {
    return html({ heading: 'Map' });
  }
}

/** Counts in how many frames the page is hidden. */
async function countHidden(visitor: Visitor, site: Site) {
  const page = await visitor.open();
  await visitor.pass(2 * SECOND);
  const flashes = await countFlashes(page);
  return { page, flashes, loads: { ...site.loads } };
}

/** A site that answers `/replayed` with an old header, as a cache does. */
async function siteWith(header: (tag: string, seconds: number) => string) {
  const given = { tag: '' };
  const replay: RequestHandler = (_req: Request, res: Response) => {
    res.setHeader('Server-Timing', header(given.tag, site.clock.now() / 1000)).json({});
  };
  const site: Site = await openSite({ setup: (app) => app.use('/replayed', replay) });
  const visitor = await visit(site);
  const { page, loads } = await countHidden(visitor, site);
  given.tag = (await visitor.status()).session ?? '';
  return { site, visitor, page, loads };
}

describe('a page that browsers keep', () => {
  test.each(['/everybody', '/kept'])(
    '%s, seen signed in and then signed out, is neither left nor reloaded',
    async (path) => {
      const site = await openSite({ controllers: [EverybodyController] });
      const visitor = await visit(site);
      const page = await visitor.open(path);
      await visitor.pass(SECOND);
      expect((await snapshot(page)).state).toBe('active');
      await visitor.context.request.post(`${site.origin}/logout`);
      site.clock.advance(5 * SECOND);
      await page.goto(`${site.origin}/nothing-here`);
      await page.goto(site.origin + path);
      await visitor.settle();
      await visitor.pass(5 * SECOND, { step: 500 });
      expect(new URL(page.url()).pathname).toBe(path);
      expect(await page.getByRole('heading').isVisible()).toBe(true);
      expect((await snapshot(page)).state).toBe('anonymous');
      expect(site.loads[path]).toBeLessThanOrEqual(2);
    },
  );

  test('and that is private is hidden after a sign-out in its tab, and then loaded again', async () => {
    const site = await openSite({ controllers: [EverybodyController] });
    const visitor = await visit(site);
    const page = await visitor.open('/mine');
    await visitor.pass(SECOND);
    await page.evaluate(() => void fetch('/logout', { method: 'POST' }));
    await page.waitForURL('**/login**');
    // Until the login page has its answer, the last message between tabs is that of the sign-out.
    await visitor.settle();
    site.clock.advance(5 * SECOND);
    site.onPing = status(503);
    await page.goto(`${site.origin}/mine`);
    await visitor.pass(5 * SECOND, { step: 500 });
    expect(site.loads['/mine']).toBe(1);
    expect(await isReadable(page)).toBe(false);
    site.onPing = undefined;
    await page.keyboard.press('a');
    await visitor.pass(3 * SECOND, { step: 500 });
    expect(await isReadable(page)).toBe(false);
    expect(site.loads['/mine']).toBe(2);
  });

  test('and that is private is never hidden from a user whose session goes on', async () => {
    const site = await openSite({ controllers: [EverybodyController] });
    const visitor = await visit(site);
    const page = await visitor.open('/mine');
    await visitor.pass(SECOND);
    site.onPing = status(503);
    await page.goto(`${site.origin}/nothing-here`);
    await page.goto(`${site.origin}/mine`);
    expect(await isReadable(page)).toBe(true);
    expect(site.loads['/mine']).toBe(1);
  });

  test('does not have its header believed before the ping has answered', async () => {
    const site = await openSite({ controllers: [EverybodyController] });
    const visitor = await visit(site);
    await visitor.open('/everybody');
    await visitor.context.request.post(`${site.origin}/logout`);
    await visitor.signIn('bob');
    const page = await visitor.open('/everybody');
    await visitor.pass(5 * SECOND, { step: SECOND });
    expect((await snapshot(page)).state).toBe('active');
    expect(site.loads).toEqual({ '/everybody': 2 });
  });
});

describe('an answer with an old or foreign header changes nothing that a user sees:', () => {
  test.each<[string, (tag: string, seconds: number) => string]>([
    ['the end of another session', (_tag, now) => `session;dur=0;desc="expired-idle AbCdEfGh ${now}"`],
    ['another living session', (_tag, now) => `session;dur=900000;desc="active AbCdEfGh ${now}"`],
    ['an old end', (tag, now) => `session;dur=0;desc="expired-idle ${tag} ${now - 3600}"`],
    ['an old life', (tag, now) => `session;dur=900000;desc="active ${tag} ${now - 3600}"`],
    ['a metric of the application', () => 'session;dur=0;desc="expired-idle"'],
    ['a metric without a description', () => 'session;dur=12'],
    ['two metrics of one name', () => 'session;dur=1, db;dur=2, session;dur=0;desc="warning"'],
  ])('%s', async (_name, header) => {
    const { site, visitor, page, loads } = await siteWith(header);
    const before = site.pings.length;
    const shown = await countFlashes(page);
    for (let second = 0; second < 20; second++) {
      await page.evaluate(() => fetch('/replayed').then((response) => response.json()));
      await page.evaluate(() => fetch('/replayed').then((response) => response.json()));
      await page.mouse.move(100 + second, 50);
      await visitor.pass(SECOND);
      expect(await look(page)).toBe('page');
    }
    expect(await shown()).toBeGreaterThan(0);
    expect(site.loads).toEqual(loads);
    expect(site.pings.length - before).toBeLessThan(25);
  });

  test('an old life does not keep a page open past the end', async () => {
    const { visitor, page } = await siteWith((tag, now) => `session;dur=60000;desc="active ${tag} ${now - 30}"`);
    await visitor.pass(30 * SECOND, { step: 10 * SECOND });
    await page.evaluate(() => fetch('/replayed').then((response) => response.json()));
    await visitor.pass(29 * SECOND, { step: SECOND });
    expect(await look(page)).toBe('login idle');
  });
});

test('a worker that answers the ping out of its cache keeps nobody signed in', async () => {
  const worker = `
    addEventListener('install', () => skipWaiting());
    addEventListener('activate', (event) => event.waitUntil(clients.claim()));
    let kept;
    addEventListener('fetch', (event) => {
      if (!event.request.url.includes('/session/ping')) return;
      event.respondWith(kept ? Promise.resolve(kept.clone()) : fetch(event.request).then((answer) => {
        kept = answer.clone();
        return answer;
      }));
    });`;
  const site = await openSite({
    realTime: true,
    options: { idleTimeout: 8000, warnBefore: 2000 },
    setup: (app) => app.use('/worker.js', (_req: Request, res: Response) => res.type('text/javascript').send(worker)),
    page: {
      body: `<script>navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)
        .then(() => { window.ready = true; });</script>`,
    },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  await page.waitForFunction(() => (window as never as { ready?: boolean }).ready);
  await page.evaluate(() => fetch('/session/ping?n=kept').then((answer) => answer.text()));
  await page.waitForFunction(
    () => document.getElementById('secret')?.checkVisibility({ visibilityProperty: true }) === false,
    undefined,
    { timeout: 30 * SECOND },
  );
  expect(await isReadable(page)).toBe(false);
});

test('a page never reloads itself more than once in a row', async () => {
  const site = await openSite({ options: { redirectTo: undefined } });
  const visitor = await visit(site);
  const page = await visitor.open();
  let count = 0;
  site.onPing = (req, res) => {
    const live = { state: 'active', idleTimeout: 60, idleLeft: 60, absoluteLeft: null, warnBefore: 20 };
    res.json({ ...live, n: req.query['n'], at: site.clock.now() / 1000, session: `session${count++}` });
  };
  for (let second = 0; second < 2 * MINUTE; second += 10 * SECOND) {
    await page.evaluate(() => dispatchEvent(new Event('focus'))).catch(() => undefined);
    await visitor.pass(10 * SECOND, { step: SECOND });
  }
  expect(site.loads).toEqual({ '/page': 2 });
  expect(await look(page)).toBe('cover');
});
