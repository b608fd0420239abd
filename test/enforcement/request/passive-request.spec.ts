import { Controller, Get, Sse, applyDecorators } from '@nestjs/common';
import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';
import type { Request } from 'express';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { of } from 'rxjs';
import { PassiveRoute } from '../../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps, type TestApp } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';

afterEach(stopApps);

const Polled = () => applyDecorators(PassiveRoute());

@Controller('status')
@PassiveRoute()
class StatusController {
  @Get('poll')
  poll() {
    return {};
  }

  @Get('open')
  @PassiveRoute(false)
  open() {
    return {};
  }
}

@Controller('inherited')
class InheritingController extends StatusController {}

@Controller()
class OtherController {
  @Get('composed')
  @Polled()
  composed() {
    return {};
  }

  @Get('api/news/:id')
  news() {
    return {};
  }

  @Sse('stream')
  stream() {
    return of({ data: 'one' });
  }

  @Sse('counting-stream')
  @PassiveRoute(false)
  countingStream() {
    return of({ data: 'one' });
  }
}

const CROSS_SITE_VISIT = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const CHROMIUM = { 'sec-ch-ua': '"Chromium";v="143", "Not A(Brand";v="24"' };
const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
const SAFARI = {
  'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15',
};

/** Whether a request ten minutes after sign-in extends the session. */
async function isActivity(
  { signedIn, clock }: TestApp,
  path: string,
  headers: Record<string, string> = {},
  method: 'get' | 'head' | 'post' | 'options' = 'get',
): Promise<boolean> {
  const browser = await signedIn();
  clock.advance(10 * MINUTE);
  await browser[method](path).set(headers);
  clock.advance(10 * MINUTE);
  const { status } = await browser.get('/me');
  return status === 200;
}

describe('activity', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp({
      controllers: [PagesController, StatusController, InheritingController, OtherController],
      options: { passiveRoutes: ['/api/news/:id', /^\/api\/old/, (req) => req.query['auto'] === '1'] },
    });
  });

  test.each([
    ['a handler with @PassiveRoute() is passive', '/feed', false],
    ['a class with @PassiveRoute() is passive', '/status/poll', false],
    ['a handler with @PassiveRoute(false) in such a class is active', '/status/open', true],
    ['a class that inherits @PassiveRoute() is passive', '/inherited/poll', false],
    ['a decorator that applies @PassiveRoute() is passive', '/composed', false],
    ['a path of passiveRoutes is passive', '/api/news/7', false],
    ['a match of a function in passiveRoutes is passive', '/me?auto=1', false],
    ['a page is active', '/me', true],
    ['a public page is active', '/public', true],
    ['a path without a handler is passive', '/nowhere', false],
    ['an event stream is passive', '/stream', false],
    ['an event stream with @PassiveRoute(false) is active', '/counting-stream', true],
    ['the ping is passive', '/session/ping', false],
    ['the client script is passive', '/session/client.js', false],
  ])('is judged by the route: %s', async (_case, path, activity) => {
    await expect(isActivity(app, path)).resolves.toBe(activity);
  });

  test.each([
    ['x-session-passive: 1 is passive', { 'x-session-passive': '1' }, false],
    [
      'an EventSource is passive, whatever handler sends the stream',
      { accept: 'text/event-stream', 'cache-control': 'no-cache' },
      false,
    ],
    ['a script that reads a stream is active', { accept: 'text/event-stream' }, true],
    ['x-session-passive that was sent twice is passive', { 'x-session-passive': '1, 1' }, false],
    ['another value of x-session-passive is active', { 'x-session-passive': '0' }, true],
    ['a prefetch is passive', { 'sec-purpose': 'prefetch' }, false],
    ['a prerendering is passive', { 'sec-purpose': 'prefetch;prerender' }, false],
    [
      'an image on another site is passive',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      false,
    ],
    ['a prefetch of an older Firefox is passive', { 'x-moz': 'prefetch' }, false],
    ['a preview of Safari is passive', { 'x-purpose': 'preview' }, false],
    ['a prefetch of htmx is passive', { 'hx-request': 'true', 'hx-preloaded': 'true' }, false],
    ['another request of htmx is active', { 'hx-request': 'true', 'hx-preloaded': 'false' }, true],
    ['a prefetch of Turbo is passive', { 'x-sec-purpose': 'prefetch' }, false],
    ['a frame on another site is passive', { ...CROSS_SITE_VISIT, 'sec-fetch-dest': 'iframe' }, false],
    ['an embedded page on another site is passive', { ...CROSS_SITE_VISIT, 'sec-fetch-dest': 'embed' }, false],
    [
      'a frame in which a user follows a link to this site is passive',
      { ...CROSS_SITE_VISIT, 'sec-fetch-dest': 'iframe', 'sec-fetch-user': '?1' },
      false,
    ],
    ['a link from another site is active', { ...CROSS_SITE_VISIT, ...CHROMIUM, 'sec-fetch-user': '?1' }, true],
    ['a redirect from another site without a user is passive in Chromium', { ...CROSS_SITE_VISIT, ...CHROMIUM }, false],
    ['a redirect from another site without a user is passive in Firefox', { ...CROSS_SITE_VISIT, ...FIREFOX }, false],
    [
      'a link from another site is active in Firefox',
      { ...CROSS_SITE_VISIT, ...FIREFOX, 'sec-fetch-user': '?1' },
      true,
    ],
    [
      'a link from another site is active in WebKit, which never tells of users',
      { ...CROSS_SITE_VISIT, ...SAFARI },
      true,
    ],
    ['a bookmark is active', { ...CROSS_SITE_VISIT, ...CHROMIUM, 'sec-fetch-site': 'none' }, true],
    [
      'a page of this site that loads itself anew is active',
      { ...CROSS_SITE_VISIT, 'sec-fetch-site': 'same-origin' },
      true,
    ],
    [
      'a script of the same site is active',
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      true,
    ],
  ])('is judged by the headers: %s', async (_case, headers, activity) => {
    await expect(isActivity(app, '/me', headers as Record<string, string>)).resolves.toBe(activity);
  });

  test.each([
    ['a complete URL', (host: string) => `http://${host}/api/news/7`],
    ['a complete URL in capitals', (host: string) => `HTTP://${host}/API/NEWS/7`],
    ['a fragment', () => '/api/news/7#top'],
  ])('does not come from a route of passiveRoutes that is asked for by %s', async (_case, target) => {
    const { app: server, clock, browser } = app;
    await server.listen(0);
    const { port } = server.getHttpServer().address() as AddressInfo;
    const alice = browser();
    const cookie = sessionCookie(await alice.post('/login').send({ user: 'alice' }).expect(201));
    clock.advance(10 * MINUTE);
    const path = target(`localhost:${port}`);
    const [response] = await once(request({ port, path, headers: { cookie } }).end(), 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
    clock.advance(10 * MINUTE);
    await alice.get('/me').expect(401);
  });

  test('does not come from an OPTIONS request', async () => {
    await expect(isActivity(app, '/me', { origin: 'https://other.example' }, 'options')).resolves.toBe(false);
  });

  test('does not come from a poll, which is refused once the session is over', async () => {
    const browser = await app.signedIn();
    for (let minute = 0; minute < 14; minute += 1) {
      app.clock.advance(MINUTE);
      await browser.get('/feed').expect(200);
    }
    app.clock.advance(MINUTE);
    const { body } = await browser.get('/feed').expect(401);
    expect(body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'idle' });
    expect(app.events.filter(({ type }) => type === 'expired')).toHaveLength(1);
  });

  test('comes from an active request even if passive ones run at the same time', async () => {
    const browser = await app.signedIn();
    app.clock.advance(10 * MINUTE);
    await Promise.all([browser.get('/feed'), browser.get('/me'), browser.get('/feed')]);
    app.clock.advance(10 * MINUTE);
    await browser.get('/me').expect(200);
  });
});

describe('activity from a front end on another site', () => {
  const FRONT_END = 'https://front.example';
  const SCRIPT = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

  const withCors = (cors: CorsOptions) => startApp({ setup: (app) => app.enableCors(cors) });

  test.each<[string, CorsOptions, Record<string, string>, boolean]>([
    ['counts if CORS allows it with credentials', { origin: FRONT_END, credentials: true }, SCRIPT, true],
    [
      'counts if CORS allows a list with it',
      { origin: [FRONT_END, 'https://b.example'], credentials: true },
      SCRIPT,
      true,
    ],
    ['counts if CORS allows a pattern of it', { origin: /\.example$/, credentials: true }, SCRIPT, true],
    [
      'counts if a function allows it later',
      { origin: (origin, done) => void setTimeout(done, 1, null, origin === FRONT_END), credentials: true },
      SCRIPT,
      true,
    ],
    [
      'counts if options that depend on the request allow it',
      ((req: Request, done: (error: null, options: object) => void) =>
        void setTimeout(done, 1, null, { origin: req.headers.origin, credentials: true })) as never,
      SCRIPT,
      true,
    ],
    [
      'does not count if a function refuses it',
      { origin: (_origin, done) => done(null, false), credentials: true },
      SCRIPT,
      false,
    ],
    ['does not count if a pattern does not match', { origin: /^https:\/\/b\./, credentials: true }, SCRIPT, false],
    ['does not count if CORS allows another origin', { origin: 'https://b.example', credentials: true }, SCRIPT, false],
    ['does not count if CORS allows it without credentials', { origin: FRONT_END }, SCRIPT, false],
    ['does not count if CORS allows everybody', { origin: '*', credentials: true }, SCRIPT, false],
    [
      'does not count if it is a form in a frame',
      { origin: FRONT_END, credentials: true },
      { ...SCRIPT, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      false,
    ],
    [
      'does not count if it is an image',
      { origin: FRONT_END, credentials: true },
      { ...SCRIPT, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      false,
    ],
  ])('%s', async (_case, cors, headers, activity) => {
    const app = await withCors(cors);
    await expect(isActivity(app, '/me', { ...headers, origin: FRONT_END })).resolves.toBe(activity);
  });

  test('does not count without an origin', async () => {
    const app = await withCors({ origin: true, credentials: true });
    await expect(isActivity(app, '/me', SCRIPT)).resolves.toBe(false);
    await expect(isActivity(app, '/me', { ...SCRIPT, origin: 'null' })).resolves.toBe(false);
  });
});
