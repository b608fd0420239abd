import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SessionTimeoutOptions } from '../../../src/index.js';
import { MINUTE, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';

afterEach(stopApps);

const PAGE = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-origin' };

async function overdue(options: SessionTimeoutOptions = {}, trust: unknown = 'loopback') {
  const app = await startApp({
    options: { redirectTo: '/login', ...options },
    beforeSession: (server) => server.set('trust proxy', trust),
  });
  const browser = app.browser();
  const cookie = sessionCookie(await browser.post('/login').send({ user: 'alice' }).expect(201));
  app.clock.advance(15 * MINUTE);
  return { ...app, browser, cookie };
}

describe('behind a proxy that strips a prefix of the path', () => {
  test.each([
    ['/app', '/app/login?reason=idle&returnTo=%2Fapp%2Fme%3Ftab%3D2'],
    ['/app/', '/app/login?reason=idle&returnTo=%2Fapp%2Fme%3Ftab%3D2'],
    ['/outer, /inner', '/outer/inner/login?reason=idle&returnTo=%2Fouter%2Finner%2Fme%3Ftab%3D2'],
    ['/', '/login?reason=idle&returnTo=%2Fme%3Ftab%3D2'],
    ['', '/login?reason=idle&returnTo=%2Fme%3Ftab%3D2'],
  ])('a page load is redirected to the login page behind the prefix %j, and back', async (prefix, location) => {
    const { browser } = await overdue();
    const { headers } = await browser.get('/me?tab=2').set(PAGE).set('x-forwarded-prefix', prefix).expect(303);
    expect(headers['location']).toBe(location);
  });

  test('the refusal and the ping name the login page behind the prefix', async () => {
    const { browser } = await overdue();
    const refusal = await browser.get('/me').set('x-forwarded-prefix', '/app').expect(401);
    expect(refusal.body.loginUrl).toBe('/app/login?reason=idle');
    const ping = await browser.get('/session/ping').set('x-forwarded-prefix', '/app').expect(200);
    expect(ping.body.loginUrl).toMatch(/^\/app\/login/);
  });

  test.each(['/app/login', '/app/login?tenant=a', '/app'])(
    'keeps a redirectTo of %s that has the prefix',
    async (url) => {
      const { browser } = await overdue({ redirectTo: () => url });
      const { body } = await browser.get('/me').set('x-forwarded-prefix', '/app').expect(401);
      expect(body.loginUrl).toMatch(new RegExp(`^${url.replace('?', '\\?')}[?&]reason=idle$`));
    },
  );

  test('adds the prefix to a path that only begins with the same letters', async () => {
    const { browser } = await overdue({ redirectTo: '/apple/login' });
    const { body } = await browser.get('/me').set('x-forwarded-prefix', '/app').expect(401);
    expect(body.loginUrl).toBe('/app/apple/login?reason=idle');
  });

  test('leaves the login page of another site as it is', async () => {
    const { browser } = await overdue({ redirectTo: () => 'https://sso.example/login' });
    const { headers } = await browser.get('/me').set(PAGE).set('x-forwarded-prefix', '/app').expect(303);
    expect(headers['location']).toBe('https://sso.example/login?reason=idle&returnTo=%2Fapp%2Fme');
  });

  test('does not redirect a login page to itself', async () => {
    const { browser } = await overdue({ redirectTo: '/me' });
    await browser.get('/me').set(PAGE).set('x-forwarded-prefix', '/app').expect(401);
  });

  test('ignores the prefix if Express does not trust the proxy', async () => {
    const { browser } = await overdue({}, false);
    const { headers } = await browser.get('/me').set(PAGE).set('x-forwarded-prefix', '/app').expect(303);
    expect(headers['location']).toBe('/login?reason=idle&returnTo=%2Fme');
  });

  test.each([
    ['/app, /part', '/app/part'],
    ['/app/,/part/', '/app/part'],
    ['/app,//evil.example', '/app//evil.example'],
    ['/..', '/..'],
  ])('takes several prefixes in their order: %j', async (prefix, expected) => {
    const { browser } = await overdue();
    const { headers } = await browser.get('/me').set(PAGE).set('x-forwarded-prefix', prefix).expect(303);
    const location = headers['location'] as string;
    expect(location.startsWith(`${expected}/login?reason=idle`)).toBe(true);
    expect(new URL(location, 'https://here.example').host).toBe('here.example');
    const back = new URL(location, 'https://here.example').searchParams.get('returnTo') ?? '/';
    expect(new URL(new URL(back, 'https://here.example').pathname, 'https://here.example').host).toBe('here.example');
  });

  test.each([
    '//evil.example, /app',
    '/app, \\\\evil.example',
    'https://evil.example, /app',
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/a/..//evil.example',
    '/a?b',
    '/a#b',
    'app',
  ])('ignores the prefix %j, which is no path of this site', async (prefix) => {
    const { browser } = await overdue();
    const { headers } = await browser.get('/me').set(PAGE).set('x-forwarded-prefix', prefix).expect(303);
    expect(headers['location']).toBe('/login?reason=idle&returnTo=%2Fme');
  });
});

describe('the way back of a request for a complete URL', () => {
  test.each([
    ['http://evil.example/me?tab=2', '/login?reason=idle&returnTo=%2Fme%3Ftab%3D2'],
    ['http://evil.example//evil.example', undefined],
  ])('is a path of this site: %s', async (path, location) => {
    const { app, cookie } = await overdue();
    await app.listen(0);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const [response] = await once(request({ port, path, headers: { ...PAGE, cookie } }).end(), 'response');
    response.resume();
    expect(response.headers.location).toBe(location);
  });
});
