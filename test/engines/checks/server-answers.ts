import { Controller, Get } from '@nestjs/common';
import type { Request, RequestHandler, Response } from 'express';
import { AllowExpired } from '../../../src/index.js';
import { AUTO, html } from '../../browser/support/html.js';
import { SECOND, until } from '../../browser/support/page.js';
import { revoke, status as answers } from '../../browser/support/site.js';
import type { Engine } from '../support/engine.js';
import { buttons, errorsOf, look, paints, press } from '../support/page.js';
import { TOOLS, visit } from '../support/visitor.js';

/** What the server, or something on the way to it, answers. */
export function serverAnswers(engine: Engine): void {
  test.each([
    ['whose body nobody reads', "void fetch('/me')"],
    ['of XMLHttpRequest', "(() => { const r = new XMLHttpRequest(); r.open('GET', '/me'); r.send(); })()"],
  ])('a refused request %s makes the page leave', async (_name, request) => {
    const { site, tab, pass } = await visit(engine);
    await pass(5 * SECOND);
    await revoke(site);
    await tab.evaluate(request);
    // Browsers tell of requests when they get round to it.
    await until(async () => (await look(tab).catch(() => '')).startsWith('login'));
    expect(await look(tab)).toBe('login revoked');
  });

  test('an old header of a cache changes nothing', async () => {
    const given = { tag: '' };
    const replay: RequestHandler = (_req: Request, res: Response) => {
      res.setHeader('Server-Timing', `session;dur=0;desc="expired-idle ${given.tag} 1000"`).json({});
    };
    const { site, tab, pass } = await visit(engine, { setup: (app) => app.use('/replayed', replay) });
    given.tag = await tab.evaluate<string, []>('window.sessionTimeout.snapshot().session');
    expect(given.tag).toHaveLength(8);
    const loads = { ...site.loads };
    for (let second = 0; second < 8; second++) {
      await tab.evaluate(() => fetch('/replayed').then((response) => response.json()));
      await pass(SECOND);
      expect(await look(tab)).toBe('page');
    }
    expect(site.loads).toEqual(loads);
  });

  test('a page that is "not modified" after a sign-out is neither left nor reloaded', async () => {
    const { site, tab, open, pass, settle } = await visit(engine, {
      controllers: [EverybodyController],
      path: '/everybody',
    });
    await pass(SECOND);
    expect(await tab.evaluate('window.sessionTimeout.snapshot().state')).toBe('active');
    const other = await open('/frame');
    await other.evaluate(() => fetch('/logout', { method: 'POST' }).then(({ status }) => status));
    await other.close();
    site.clock.advance(5 * SECOND);
    await tab.goto(`${site.origin}/nowhere`);
    await tab.goto(`${site.origin}/everybody`);
    await settle();
    await pass(5 * SECOND, { step: 500 });
    expect(await tab.evaluate(() => location.pathname)).toBe('/everybody');
    expect(await tab.evaluate(() => document.querySelector('h1')!.checkVisibility({ visibilityProperty: true }))).toBe(
      true,
    );
    expect(await tab.evaluate('window.sessionTimeout.snapshot().state')).toBe('anonymous');
    expect(site.loads['/everybody']).toBeLessThanOrEqual(2);
  });

  test('while the server fails past the end, the page is covered, and "Try again" brings it back', async () => {
    const body = '<style>#secret{background:#f0f}</style>';
    const { site, tab, open, pass, settle } = await visit(engine, { page: { body } });
    const other = await open('/frame');
    await tab.show();
    expect(await paints(tab, '#f0f')).toBe(true);
    await tab.evaluate(() => void (document.querySelector<HTMLInputElement>('[name=note]')!.value = 'half a letter'));
    site.onPing = answers(503);
    await pass(58 * SECOND, { step: 4 * SECOND });
    // Somebody is at work elsewhere, of which this page does not know.
    await other.evaluate(() => fetch('/me').then(({ status }) => status));
    await pass(20 * SECOND, { step: 4 * SECOND });
    expect(await look(tab)).toBe('cover');
    expect(await paints(tab, '#f0f')).toBe(false);
    expect(await buttons(tab)).toEqual(['Try again', 'Sign in']);
    site.onPing = undefined;
    await press(tab, 'Try again');
    await settle();
    await pass(100);
    expect(await look(tab)).toBe('page');
    expect(await tab.evaluate(() => document.querySelector<HTMLInputElement>('[name=note]')!.value)).toBe(
      'half a letter',
    );
  });

  test.each<[string, RequestHandler, RegExp]>([
    ['404', answers(404), /ping.* 404 text\/html/],
    ['a page of a development server', (_req, res) => void res.send('<h1>Front end</h1>'), /ping.* 200 text\/html/],
    ['a redirect to a login page', (_req, res) => res.redirect('/login'), /ping.* a redirect/],
  ])('%s in place of an answer is told once in the console', async (_name, handler, text) => {
    const prepare = (site: { onPing: RequestHandler | undefined }): void => void (site.onPing = handler);
    const { tab, pass } = await visit(engine, { prepare });
    await pass(30 * SECOND, { step: 2 * SECOND });
    const errors = (await errorsOf(tab)).filter((error) => error.startsWith('nestjs-session-timeout'));
    expect(errors).toEqual([expect.stringMatching(text)]);
  });

  test('an active user is not signed out by reports that fail', async () => {
    let count = 0;
    const { site, tab, pass, status } = await visit(engine);
    site.onPing = (req, res, next) => (++count % 2 ? answers(500)(req, res, next) : next());
    await pass(75 * SECOND, { each: () => tab.press('a'), step: 5 * SECOND });
    expect(count).toBeGreaterThan(8);
    expect(await look(tab)).toBe('page');
    expect((await status()).idleFor).toBeLessThan(15);
  });
}

/** A page that is the same for everybody, so that browsers are told "not modified". */
@Controller()
class EverybodyController {
  @Get('everybody')
  @AllowExpired()
  everybody() {
    return html({ heading: 'Opening hours', script: TOOLS + AUTO });
  }
}
