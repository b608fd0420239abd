import { Controller, Get, Header, NotFoundException, Param, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AllowExpired } from '../../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps, type AppOptions } from '../../support/app.js';
import { sessionCookie, setCookies } from '../../support/cookies.js';
import { timing } from '../../support/timing.js';

afterEach(stopApps);

const IN_A_YEAR = new Date(Date.now() + 365 * 24 * 60 * MINUTE).toUTCString();
const CLEARED = /^connect\.sid=; .*Expires=Thu, 01 Jan 1970/;

async function overdue(given: AppOptions = {}) {
  const app = await startApp(given);
  const browser = await app.signedIn();
  app.clock.advance(15 * MINUTE);
  return { ...app, browser };
}

@Controller()
class OtherPages {
  @Get('metrics')
  @Header('Server-Timing', 'db;dur=5')
  metrics() {
    return {};
  }

  @Get('stream')
  @AllowExpired()
  stream(@Res() res: Response) {
    res.writeHead(200, { 'content-type': 'text/plain' });
    res.write('first ');
    res.end('second');
  }

  @Get('assets/:file')
  @AllowExpired()
  asset(@Param('file') file: string) {
    if (file === 'gone.png') throw new NotFoundException();
    return {};
  }
}

describe('the cookie of an ended session', () => {
  test('is cleared by the refusal, with the attributes it was set with', async () => {
    const { browser } = await overdue({ session: { cookie: { path: '/', domain: '127.0.0.1', sameSite: 'strict' } } });
    const [cookie, ...others] = setCookies(await browser.get('/me').expect(401));
    expect(cookie).toMatch(CLEARED);
    expect(cookie).toContain('Path=/');
    expect(cookie).toContain('Domain=127.0.0.1');
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(others).toEqual([]);
  });

  test('is cleared by a public page, which can show the reason', async () => {
    const { browser } = await overdue();
    expect(setCookies(await browser.get('/public').expect(200))).toEqual([expect.stringMatching(CLEARED)]);
  });

  test('is cleared by signing out', async () => {
    const { signedIn } = await startApp();
    const browser = await signedIn();
    expect(setCookies(await browser.post('/logout').expect(201))).toEqual([expect.stringMatching(CLEARED)]);
  });

  test('is cleared under the name that the application gave it', async () => {
    const { browser } = await overdue({ session: { name: 'sid' }, options: { cookieName: 'sid' } });
    expect(setCookies(await browser.get('/me').expect(401))).toEqual([expect.stringMatching(/^sid=;/)]);
  });

  test.each(['/nowhere', '/favicon.ico', '/static/app.js', '/session/ping', '/session/client.js'])(
    'is not cleared by %s, so that the next page can show the reason',
    async (path) => {
      const { browser } = await overdue({
        setup: (app) => app.use('/static', (_req: Request, res: Response) => res.send('file')),
      });
      expect(setCookies(await browser.get(path))).toEqual([]);
      const { body } = await browser.get('/me').expect(401);
      expect(body).toMatchObject({ reason: 'idle' });
    },
  );

  test.each([
    ['/assets/gone.png', {}],
    ['/assets/logo.png', { 'sec-fetch-dest': 'image' }],
    ['/assets/app.js', { 'sec-fetch-dest': 'script' }],
    ['/me', { 'sec-fetch-dest': 'image' }],
  ])('is not cleared by the answer of a handler that nobody reads: %s %j', async (path, headers) => {
    const { browser } = await overdue({ controllers: [PagesController, OtherPages] });
    expect(setCookies(await browser.get(path).set(headers))).toEqual([]);
    expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
  });

  test.each([{}, { 'sec-fetch-dest': 'document' }, { 'sec-fetch-dest': 'empty' }])(
    'is cleared by the answer of the same handler if somebody reads it: %j',
    async (headers) => {
      const { browser } = await overdue({ controllers: [PagesController, OtherPages] });
      const answer = await browser.get('/assets/data').set(headers).expect(200);
      expect(setCookies(answer)).toEqual([expect.stringMatching(CLEARED)]);
    },
  );

  test('is not cleared by a preflight request', async () => {
    const { browser } = await overdue({ setup: (app) => app.enableCors() });
    expect(setCookies(await browser.options('/me').set('origin', 'https://other.example').expect(204))).toEqual([]);
    await browser.get('/me').expect(401);
  });

  test('is not cleared if the session goes on under a new id: a late answer would delete the new cookie', async () => {
    const { request } = await startApp();
    const signIn = (cookie = '') => request.post('/login').set('cookie', cookie).send({ user: 'alice' }).expect(201);
    const old = sessionCookie(await signIn());
    await signIn(old);

    const late = await request.get('/me').set('cookie', old).expect(401);
    expect(late.body).toMatchObject({ reason: 'replaced' });
    expect(setCookies(late)).toEqual([]);
  });

  test('an unused fresh session leaves no row and no cookie, even with saveUninitialized and resave', async () => {
    const { browser, store } = await overdue({ session: { saveUninitialized: true, resave: true, rolling: true } });
    const response = await browser.get('/me').expect(401);
    expect(setCookies(response)).toEqual([expect.stringMatching(CLEARED)]);
    expect(Object.keys(store.sessions)).toEqual([]);
  });

  test('an unused fresh session leaves no row and no cookie after a streamed answer', async () => {
    const { browser, store } = await overdue({
      session: { saveUninitialized: true },
      controllers: [PagesController, OtherPages],
    });
    const response = await browser.get('/stream').expect(200, 'first second');
    expect(setCookies(response)).toEqual([expect.stringMatching(CLEARED)]);
    expect(Object.keys(store.sessions)).toEqual([]);
  });
});

describe('Server-Timing', () => {
  test('is sent when the request body cannot be parsed', async () => {
    const { signedIn } = await startApp();
    const browser = await signedIn();
    const { headers } = await browser.post('/note').type('application/json').send('{"bad').expect(400);
    expect(headers['server-timing']).toEqual(timing('active', 900_000));
  });

  test.each([
    [0, timing('active', 900_000)],
    [14 * MINUTE, timing('warning', 60_000)],
    [15 * MINUTE, timing('expired-idle', 0)],
  ])('%d ms after sign-in, a 404 says %s', async (passed, expected) => {
    const { signedIn, clock } = await startApp();
    const browser = await signedIn();
    clock.advance(passed);
    expect((await browser.get('/nowhere').expect(404)).headers['server-timing']).toEqual(expected);
  });

  test('is sent with the answers to sign-in and sign-out', async () => {
    const { browser } = await startApp();
    const visitor = browser();
    const signedIn = await visitor.post('/login').send({ user: 'alice' });
    expect(signedIn.headers['server-timing']).toEqual(timing('active', 900_000));
    const signedOut = await visitor.post('/logout');
    expect(signedOut.headers['server-timing']).toEqual(timing('expired-signed-out', 0));
  });

  test("keeps the application's own entries, and adds none for anonymous requests", async () => {
    const { signedIn, request } = await startApp({ controllers: [PagesController, OtherPages] });
    const browser = await signedIn();
    const { headers } = await browser.get('/metrics').expect(200);
    expect(headers['server-timing']).toEqual(timing('active', 900_000, 'db;dur=5, '));
    expect((await request.get('/metrics')).headers['server-timing']).toBe('db;dur=5');
  });

  test('names the session by its tag, and says when it was made', async () => {
    const { signedIn, clock } = await startApp();
    const browser = await signedIn();
    const { session } = (await browser.get('/session/ping')).body;
    clock.advance(1500);
    const { headers } = await browser.get('/me').expect(200);
    const seconds = Math.floor(clock.now() / 1000);
    expect(headers['server-timing']).toBe(`session;dur=900000;desc="active ${session} ${seconds}"`);
  });

  test.each([
    [{ 'Cache-Control': 'public' }, false],
    [{ 'Cache-Control': 'public, no-cache' }, false],
    [{ 'Cache-Control': 'max-age=60' }, false],
    [{ 'Cache-Control': 'no-cache, S-MaxAge=60' }, false],
    [{ 'Cache-Control': 'max-age=60, private="set-cookie"' }, false],
    [{ 'Cache-Control': 'private, max-age=60' }, true],
    [{ 'Cache-Control': 'max-age=0, no-store' }, true],
    [{ 'Cache-Control': 'no-cache' }, true],
    [{ Expires: IN_A_YEAR }, false],
    [{ Expires: IN_A_YEAR, 'Cache-Control': 'private' }, true],
    [{ Expires: '0' }, true],
    [{ 'Cache-Control': 'private, max-age=60', 'CDN-Cache-Control': 'max-age=600' }, false],
    [{ 'Cache-Control': 'no-store', 'Surrogate-Control': 'max-age=600' }, false],
    [{ 'CDN-Cache-Control': 'no-store' }, true],
  ])('with the headers %j, as a shared cache may keep that or not: %s', async (headersOfPage, isSent) => {
    @Controller()
    class Cached {
      @Get('cached')
      cached(@Res({ passthrough: true }) res: Response) {
        res.set(headersOfPage);
        return {};
      }
    }
    const { signedIn } = await startApp({ controllers: [PagesController, Cached] });
    const browser = await signedIn();
    const { headers } = await browser.get('/cached').expect(200);
    expect('server-timing' in headers).toBe(isSent);
  });

  test('can be turned off', async () => {
    const { signedIn } = await startApp({ options: { serverTiming: false } });
    const browser = await signedIn();
    expect((await browser.get('/me')).headers).not.toHaveProperty('server-timing');
  });
});
