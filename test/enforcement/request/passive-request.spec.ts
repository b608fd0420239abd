import { Controller, Get, applyDecorators } from '@nestjs/common';
import { PassiveRoute } from '../../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps, type TestApp } from '../../support/app.js';

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
}

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
    ['the ping is passive', '/session/ping', false],
    ['the client script is passive', '/session/client.js', false],
  ])('is judged by the route: %s', async (_case, path, activity) => {
    await expect(isActivity(app, path)).resolves.toBe(activity);
  });

  test.each([
    ['x-session-passive: 1 is passive', { 'x-session-passive': '1' }, false],
    ['another value of x-session-passive is active', { 'x-session-passive': '0' }, true],
    ['a prefetch is passive', { 'sec-purpose': 'prefetch' }, false],
    ['a prerendering is passive', { 'sec-purpose': 'prefetch;prerender' }, false],
    [
      'an image on another site is passive',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      false,
    ],
    [
      'a frame on another site is passive',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      false,
    ],
    [
      'a link from another site is active',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
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
