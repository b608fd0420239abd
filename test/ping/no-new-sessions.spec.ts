import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { SessionTimeoutMiddleware, type SessionTimeoutOptions } from '../../src/index.js';
import { clearsCookie, setCookies } from '../support/cookies.js';
import { MINUTE, startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

/** Puts a secret into each session, as checks of CSRF tokens do. It comes after our middleware. */
function withSecrets(app: NestExpressApplication): void {
  app.use(app.get(SessionTimeoutMiddleware).use);
  app.use((req: Request, _res: Response, next: NextFunction) => {
    req.session['secret'] ??= 'of this session';
    next();
  });
}

const routes = ['/session/ping', '/session/client.js', '/session/texts/de', '/session/list', '/session/draft-key'];
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

describe.each<[string, SessionTimeoutOptions]>([
  ['with identify', {}],
  ['without identify', { identify: undefined }],
])('a middleware of the application that fills each session, %s', (_how, options) => {
  test.each(routes)('gives no session to a visitor who asks for %s', async (path) => {
    const { request, store, events } = await startApp({ options, setup: withSecrets });
    const answer = await request.get(path).set(OWN_PAGE);
    expect(setCookies(answer)).toEqual([]);
    expect(store.sessions).toEqual({});
    expect(events).toEqual([]);
  });

  test.each(routes)('leaves the reason of an ended session to the page, after %s', async (path) => {
    const { signedIn, clock, store } = await startApp({ options, setup: withSecrets });
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    const answer = await browser.get(path).set(OWN_PAGE);
    expect(setCookies(answer)).toEqual([]);
    expect(store.sessions).toEqual({});
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject({ reason: 'idle' });
  });

  test('does not keep POST /session/end from clearing the cookie of an ended session', async () => {
    const { signedIn, clock, store } = await startApp({ options, setup: withSecrets });
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    expect(clearsCookie(await browser.post('/session/end').set(OWN_PAGE).expect(204))).toBe(true);
    expect(store.sessions).toEqual({});
  });
});

test('a visitor who has a session, and whom a middleware signs in, keeps signed in after a ping', async () => {
  const setup = (app: NestExpressApplication) => {
    app.use(app.get(SessionTimeoutMiddleware).use);
    app.use((req: Request, _res: Response, next: NextFunction) => {
      if (req.headers['x-remembered']) req.session.user = 'alice';
      next();
    });
  };
  const { browser } = await startApp({ setup });
  const visitor = browser();
  await visitor.post('/note').send({ note: 'first' }).expect(201);
  await visitor.get('/session/ping').set('x-remembered', '1').expect(200);
  await visitor.get('/me').expect(200, { user: 'alice' });
});
