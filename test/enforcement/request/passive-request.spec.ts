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

/** Whether a request, ten minutes after sign-in, put the end off. */
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

describe('what is no sign of life (R7)', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp({
      controllers: [PagesController, StatusController, InheritingController, OtherController],
      options: { passiveRoutes: ['/api/news/:id', /^\/api\/old/, (req) => req.query['auto'] === '1'] },
    });
  });

  test.each([
    ['a handler with @PassiveRoute()', '/feed', false],
    ['a class with @PassiveRoute()', '/status/poll', false],
    ['@PassiveRoute(false) inside of it', '/status/open', true],
    ['a class that inherits it', '/inherited/poll', false],
    ['a decorator made of it', '/composed', false],
    ['a path of passiveRoutes', '/api/news/7', false],
    ['a function of passiveRoutes', '/me?auto=1', false],
    ['a page', '/me', true],
    ['a public page', '/public', true],
    ['a path that no handler has', '/nowhere', false],
    ['the ping', '/session/ping', false],
    ['the client', '/session/client.js', false],
  ])('%s', async (_case, path, activity) => {
    await expect(isActivity(app, path)).resolves.toBe(activity);
  });

  test.each([
    ['the header x-session-passive: 1', { 'x-session-passive': '1' }, false],
    ['another value of it', { 'x-session-passive': '0' }, true],
    ['a prefetch', { 'sec-purpose': 'prefetch' }, false],
    ['a prerendering', { 'sec-purpose': 'prefetch;prerender' }, false],
    [
      "another site's image",
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      false,
    ],
    [
      "another site's frame",
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      false,
    ],
    [
      "another site's link",
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      true,
    ],
    ['our own script', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, true],
  ])('%s', async (_case, headers, activity) => {
    await expect(isActivity(app, '/me', headers as Record<string, string>)).resolves.toBe(activity);
  });

  test('OPTIONS reaches no handler', async () => {
    await expect(isActivity(app, '/me', { origin: 'https://other.example' }, 'options')).resolves.toBe(false);
  });

  test('a poll is refused all the same when the session is over', async () => {
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

  test('an active and a passive request at the same time: the active one counts, in either order', async () => {
    const browser = await app.signedIn();
    app.clock.advance(10 * MINUTE);
    await Promise.all([browser.get('/feed'), browser.get('/me'), browser.get('/feed')]);
    app.clock.advance(10 * MINUTE);
    await browser.get('/me').expect(200);
  });
});
