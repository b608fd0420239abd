import { Controller, Get, type LoggerService, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired, SessionExpiredException, type SessionTimeoutOptions } from '../../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { collector } from '../../support/logs.js';

afterEach(stopApps);

const PAGE = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-origin',
  accept: 'text/html',
};

async function overdue(options: SessionTimeoutOptions = {}, controllers = [PagesController], logger?: LoggerService) {
  const app = await startApp({
    options: { redirectTo: '/login', ...options },
    controllers,
    ...(logger && { logger }),
  });
  const browser = await app.signedIn();
  app.clock.advance(15 * MINUTE);
  return { ...app, browser };
}

describe('a refusal', () => {
  test('is 401 with problem details and the matching headers', async () => {
    const { browser } = await overdue({ messages: { idle: 'Bitte neu anmelden.' } });
    const response = await browser.get('/me').expect(401);
    expect(response.headers).toMatchObject({
      'content-type': expect.stringContaining('application/problem+json'),
      'www-authenticate': 'Session error="expired", reason="idle"',
      'cache-control': 'private, no-cache',
    });
    expect(response.body).toEqual({
      type: 'urn:nestjs-session-timeout:session-expired:idle',
      title: 'Session expired',
      status: 401,
      detail: 'Bitte neu anmelden.',
      code: 'SESSION_EXPIRED',
      reason: 'idle',
      loginUrl: '/login?reason=idle',
    });
  });

  test('has these headers also if the application throws the exception itself', async () => {
    @Controller()
    class StrictController {
      @Get('strict')
      @AllowExpired()
      strict() {
        throw new SessionExpiredException('revoked');
      }
    }
    const { request } = await startApp({ controllers: [StrictController] });
    const { headers, body } = await request.get('/strict').expect(401);
    expect(body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'revoked' });
    expect(headers).toMatchObject({
      'www-authenticate': 'Session error="expired", reason="revoked"',
      'cache-control': 'private, no-cache',
    });
  });

  test('redirects a page load to the login page, with the reason and the way back', async () => {
    const { browser } = await overdue();
    const { headers } = await browser.get('/me?tab=2&q=a%20b').set(PAGE).expect(303);
    expect(headers['location']).toBe('/login?reason=idle&returnTo=%2Fme%3Ftab%3D2%26q%3Da%2520b');
    expect(headers['cache-control']).toBe('private, no-cache');
  });

  test('redirects visits and forms of Turbo, which shows the page that it is led to', async () => {
    const { browser } = await overdue();
    const turbo = { 'x-turbo-request-id': 'a-1', 'sec-fetch-mode': 'cors', accept: 'text/html, application/xhtml+xml' };
    const visit = await browser.get('/me').set(turbo).expect(303);
    expect(visit.headers['location']).toBe('/login?reason=idle&returnTo=%2Fme');
    const form = await overdue();
    await form.browser.post('/note').set(turbo).send({ note: 'a' }).expect(303);
    const frame = await overdue();
    await frame.browser
      .get('/me')
      .set({ ...turbo, 'turbo-frame': 'news' })
      .expect(401);
  });

  test('redirects forms of Turbo before version 8, which have no id', async () => {
    const { browser } = await overdue();
    const accept = 'text/vnd.turbo-stream.html, text/html, application/xhtml+xml';
    await browser.post('/note').set({ accept, 'sec-fetch-mode': 'cors' }).send({ note: 'a' }).expect(303);
  });

  test('recognises a page load by its Accept header if there are no Fetch Metadata headers', async () => {
    const { browser } = await overdue();
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const { headers } = await browser.get('/me').set({ accept }).expect(303);
    expect(headers['location']).toBe('/login?reason=idle&returnTo=%2Fme');
  });

  test.each([
    ['fetch', { 'sec-fetch-mode': 'cors', accept: 'text/html' }],
    ['XMLHttpRequest', { 'x-requested-with': 'XMLHttpRequest', accept: 'text/html' }],
    ['htmx', { 'hx-request': 'true', accept: 'text/html' }],
    ['a Turbo frame', { 'turbo-frame': 'news', accept: 'text/html' }],
    ['a script that uses Turbo.fetch()', { 'x-turbo-request-id': 'a-1', 'sec-fetch-mode': 'cors', accept: '*/*' }],
    [
      'a script that uses @rails/request.js',
      {
        'x-turbo-request-id': 'a-1',
        'x-requested-with': 'XMLHttpRequest',
        accept: 'text/vnd.turbo-stream.html, text/html',
      },
    ],
    ['a client without preferences', { accept: '*/*' }],
    ['a client that wants JSON', { accept: 'application/json, text/html;q=0.5' }],
  ])('never redirects %s', async (_case, headers) => {
    const { browser } = await overdue();
    await browser
      .get('/me')
      .set(headers as Record<string, string>)
      .expect(401);
  });

  test('redirects a form submission to the login page without a way back', async () => {
    const { browser } = await overdue();
    const { headers } = await browser.post('/note').set(PAGE).expect(303);
    expect(headers['location']).toBe('/login?reason=idle');
  });

  test.each([
    ['//evil.example/path'],
    ['/\\evil.example'],
    ['/logout'],
    ['/account/sign-out?now'],
    ['/session/ping'],
    ['/api/session/end?x'],
    [`/long?${'x'.repeat(2100)}`],
  ])('never leads back to %s', async (path) => {
    const { app, browser } = await overdue();
    const { withParameters, returnTo } = await import('../../../src/enforcement/answer/login-url.js');
    expect(app).toBeDefined();
    expect(browser).toBeDefined();
    const req = { method: 'GET', originalUrl: path, headers: {} } as Request;
    expect(withParameters('/login', { returnTo: returnTo(req, 'session') })).toBe('/login');
  });

  test('leads back to a page whose path contains the path of the module', async () => {
    const { returnTo } = await import('../../../src/enforcement/answer/login-url.js');
    const originalUrl = '/training/session/12';
    expect(returnTo({ method: 'GET', originalUrl, headers: {} } as Request, 'session')).toBe(originalUrl);
  });

  test('keeps the parameters of a URL that redirectTo returns', async () => {
    const { browser } = await overdue({
      redirectTo: (_req, reason) => `https://sso.example/start?app=1&why=${reason}`,
    });
    const { headers } = await browser.get('/me').set(PAGE).expect(303);
    expect(headers['location']).toBe('https://sso.example/start?app=1&why=idle&reason=idle&returnTo=%2Fme');
  });

  test("redirects to another site's login page even if it has the same path as the page", async () => {
    const { browser } = await overdue({ redirectTo: () => 'https://sso.example/me' });
    await browser.get('/me').set(PAGE).expect(303);
  });

  test('does not redirect a login page to itself', async () => {
    const { browser } = await overdue({ redirectTo: '/me' });
    await browser.get('/me').set(PAGE).expect(401);
  });

  test.each([undefined, null, '', 'http://', 'javascript:alert(1)'])(
    'ignores redirectTo if it returns %j',
    async (url) => {
      const { browser } = await overdue({ redirectTo: (() => url) as never });
      const { body } = await browser.get('/me').set(PAGE).expect(401);
      expect(body).not.toHaveProperty('loginUrl');
    },
  );

  test.each([
    ['login', 1],
    ['//evil.example', 1],
    [undefined, 0],
    [null, 0],
    ['', 0],
  ])('warns once if redirectTo returns %j: %d times', async (url, times) => {
    const logs: string[] = [];
    const { browser } = await overdue({ redirectTo: (() => url) as never }, [PagesController], collector(logs));
    await browser.get('/me').expect(401);
    // The ping tells where to sign in, too.
    await browser.get('/session/ping').expect(200);
    expect(logs.filter((line) => line.includes('redirectTo'))).toEqual(
      Array(times).fill(
        `For a request, redirectTo has returned ${JSON.stringify(url)}, which leads nowhere: it is neither a path of ` +
          'this site nor a complete http(s) URL. Return a path that begins with one /.',
      ),
    );
  });

  test('a warning about redirectTo contains no query, and no characters of a request that begin a line', async () => {
    const logs: string[] = [];
    const redirectTo = ({ headers }: Request) => `https://${headers.host}/login?secret=1`;
    const { browser } = await overdue({ redirectTo }, [PagesController], collector(logs));
    await browser.get('/me').set('host', 'a\x9b2Jb\x85c').expect(401);
    const line = logs.find((some) => some.includes('redirectTo'));
    expect(line).toContain('"https://a\\u{9b}2Jb\\u{85}c/login"');
    expect(line).not.toMatch(/secret|[\x80-\x9f]/);
  });

  test.each([
    ['..//evil.example/phish'],
    ['%2e%2e//evil.example'],
    ['../..//evil.example'],
    ['..%2f%2fevil.example'],
    ['./..\\/evil.example'],
    ['\t/evil.example'],
    ['?next=//evil.example'],
    ['#//evil.example'],
  ])('never leads to another site if redirectTo puts %j into its path', async (org) => {
    const { browser } = await overdue({ redirectTo: (req) => `/login/${String(req.query['org'])}` });
    const { headers, body } = await browser.get('/me').query({ org }).set(PAGE);
    for (const url of [headers['location'], body.loginUrl].filter((url) => url !== undefined)) {
      expect(url).toMatch(/^\/login\//);
      // Even if the URL is parsed and serialised several times.
      const { origin, pathname } = new URL(String(url), 'http://here.example');
      expect([origin, new URL(pathname, 'http://here.example').origin]).toEqual(Array(2).fill('http://here.example'));
    }
  });

  test.each(['//evil.example', '/\\evil.example', 'https:evil.example', 'https:/evil.example', '/\t/evil.example'])(
    'ignores redirectTo if it returns %j, which browsers resolve to another site',
    async (url) => {
      const { browser } = await overdue({ redirectTo: () => url });
      const { body } = await browser.get('/me').set(PAGE).expect(401);
      expect(body).not.toHaveProperty('loginUrl');
    },
  );

  test.each([
    ['/login', '/login?reason=idle&returnTo=%2Fme'],
    ['/login?', '/login?reason=idle&returnTo=%2Fme'],
    ['/login?tenant=a%20b#form', '/login?tenant=a%20b&reason=idle&returnTo=%2Fme#form'],
    ['/login?reason=own&returnTo=/own', '/login?reason=own&returnTo=/own'],
    ['https://sso.example', 'https://sso.example?reason=idle&returnTo=%2Fme'],
  ])('keeps the redirect target %s as it is written', async (redirectTo, location) => {
    const { browser } = await overdue({ redirectTo: () => redirectTo });
    const { headers } = await browser.get('/me').set(PAGE).expect(303);
    expect(headers['location']).toBe(location);
  });

  test('is 401 for a page load, too, without redirectTo', async () => {
    const { browser } = await overdue({ redirectTo: undefined });
    const { body } = await browser.get('/me').set(PAGE).expect(401);
    expect(body).not.toHaveProperty('loginUrl');
  });
});

@Controller()
class SessionPages {
  @Post('login')
  @AllowExpired()
  login(@Req() req: Request) {
    req.session.user = 'alice';
    return { user: 'alice' };
  }

  @Get('greeting')
  @AllowExpired()
  greeting(@Req() req: Request) {
    return { user: req.session.user ?? null, passport: (req as { user?: unknown }).user ?? null };
  }
}

describe('@AllowExpired()', () => {
  test('lets an expired session in as an anonymous one, with the reason in its status', async () => {
    const { browser } = await overdue();
    const { body } = await browser.get('/public').expect(200);
    expect(body).toEqual({
      user: null,
      status: { state: 'expired', reason: 'idle', message: 'You were signed out because you were inactive.' },
    });
  });

  test('gives a new session to a sign-in that does not call regenerate()', async () => {
    const { browser, clock, store, events } = await overdue({}, [SessionPages, PagesController] as never);
    const [oldId] = Object.keys(store.sessions);
    const response = await browser.post('/login').expect(201);
    expect(response.headers['set-cookie']).toHaveLength(1);
    expect(Object.keys(store.sessions)).toHaveLength(1);
    expect(Object.keys(store.sessions)).not.toContain(oldId);
    await browser.get('/greeting').expect(200, { user: 'alice', passport: null });
    clock.advance(14 * MINUTE);
    await browser.get('/me').expect(200, { user: 'alice' });
    expect(events.map(({ type }) => type)).toEqual(['started', 'expired', 'started']);
  });
});
