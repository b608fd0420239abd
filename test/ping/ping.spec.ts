import type { CanActivate } from '@nestjs/common';
import { MINUTE, HOUR, startApp, stopApps, type AppOptions } from '../support/app.js';

afterEach(stopApps);

const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };
const LIVE = {
  state: 'active',
  idleFor: 0,
  expiresIn: 900,
  limit: 'idle',
  extendable: true,
  idleTimeout: 900,
  absoluteTimeout: 43_200,
  idleLeft: 900,
  absoluteLeft: 43_200,
  warnBefore: 120,
  session: expect.stringMatching(/^[\w-]{4,16}$/),
  user: expect.stringMatching(/^[\w-]{8}$/),
  at: expect.any(Number),
};

async function start(given: AppOptions = {}) {
  const app = await startApp(given);
  const browser = await app.signedIn();
  const ping = (query = '', headers: Record<string, string> = OWN_PAGE) =>
    browser.get(`/session/ping${query}`).set(headers);
  return { ...app, browser, ping };
}

describe('GET /session/ping', () => {
  test('tells how the session stands, in seconds, and is never cached', async () => {
    const { ping, clock } = await start();
    clock.advance(3200);
    const { body, headers } = await ping().expect(200);
    const at = clock.now() / 1000;
    expect(body).toEqual({
      ...LIVE,
      idleFor: 3.2,
      authAge: 3.2,
      expiresIn: 896.8,
      idleLeft: 896.8,
      absoluteLeft: 43_196.8,
      at,
    });
    expect(headers).toMatchObject({
      'content-type': expect.stringContaining('application/json'),
      'cache-control': 'no-store',
      vary: expect.stringContaining('Cookie'),
    });
    expect(headers).not.toHaveProperty('etag');
  });

  test('says when to warn, and that no activity extends the absolute limit', async () => {
    const { ping, browser, clock } = await start({ options: { absoluteTimeout: '20m' } });
    clock.advance(13 * MINUTE + 1);
    expect((await ping()).body).toMatchObject({ state: 'warning', limit: 'idle', extendable: true });
    await browser.get('/me').expect(200);
    clock.advance(5 * MINUTE);
    expect((await ping()).body).toMatchObject({
      state: 'warning',
      limit: 'absolute',
      extendable: false,
      idleLeft: 600,
    });
  });

  test('has null for a limit that is off', async () => {
    const { ping } = await start({ options: { absoluteTimeout: false } });
    expect((await ping()).body).toMatchObject({ absoluteTimeout: null, absoluteLeft: null });
  });

  test('tells an expired session the reason each time', async () => {
    const { ping, clock } = await start({ options: { redirectTo: '/login', messages: { idle: 'Too quiet.' } } });
    clock.advance(15 * MINUTE);
    for (let i = 0; i < 3; i += 1) {
      await ping('?idleFor=0').expect(200, {
        state: 'expired',
        reason: 'idle',
        message: 'Too quiet.',
        at: clock.now() / 1000,
        loginUrl: '/login?reason=idle',
      });
    }
  });

  test.each([{ saveUninitialized: false }, { saveUninitialized: true, rolling: true, resave: true }])(
    'tells an anonymous request so, and creates neither session nor cookie with %j',
    async (session) => {
      const { request, store, clock } = await startApp({ session, options: { redirectTo: '/login' } });
      const { body, headers } = await request.get('/session/ping').expect(200);
      expect(body).toEqual({ state: 'anonymous', at: clock.now() / 1000, loginUrl: '/login' });
      expect(headers).not.toHaveProperty('set-cookie');
      expect(store.sessions).toEqual({});
    },
  );

  test('has a tag that changes with the session', async () => {
    const { ping, browser } = await start();
    const { session } = (await ping()).body;
    expect((await ping()).body.session).toBe(session);
    await browser.post('/login').send({ user: 'alice' });
    expect((await ping()).body.session).not.toBe(session);
  });

  test('has a tag of the user that stays the same when they sign in again', async () => {
    const { ping, browser } = await start();
    const { user } = (await ping()).body;
    await browser.post('/login').send({ user: 'alice' });
    expect((await ping()).body.user).toBe(user);
    await browser.post('/login').send({ user: 'bob' });
    expect((await ping()).body.user).not.toBe(user);
  });

  test('has no such tag if the module does not know whose session it is', async () => {
    const { ping } = await start({ options: { identify: undefined } });
    expect((await ping()).body).toMatchObject({ state: 'active' });
    expect((await ping()).body).not.toHaveProperty('user');
  });

  test.each([
    ['?n=k3x9.Ab-_', 'k3x9.Ab-_'],
    ['?n=1', '1'],
    ['', undefined],
    ['?n=', undefined],
    ['?n=a&n=b', undefined],
    ['?n=%3Cb%3E', undefined],
    [`?n=${'x'.repeat(65)}`, undefined],
  ])('repeats the nonce of the question %s', async (query, n) => {
    const { ping, request } = await start();
    expect((await ping(query)).body.n).toBe(n);
    expect((await request.get(`/session/ping${query}`)).body.n).toBe(n);
  });

  test('does not count as activity itself', async () => {
    const { ping, clock } = await start();
    for (let minute = 1; minute < 15; minute += 1) {
      clock.advance(MINUTE);
      expect((await ping()).body.idleFor).toBe(minute * 60);
    }
    clock.advance(MINUTE);
    expect((await ping()).body).toMatchObject({ state: 'expired', reason: 'idle' });
  });
});

describe("a browser's report (idleFor)", () => {
  test('moves activity forward', async () => {
    const { ping, clock } = await start();
    clock.advance(10 * MINUTE);
    expect((await ping('?idleFor=30.5')).body).toMatchObject({ idleFor: 30.5, expiresIn: 869.5 });
    clock.advance(14 * MINUTE);
    expect((await ping()).body).toMatchObject({ state: 'warning', idleFor: 870.5 });
  });

  test('never moves activity back: an idle tab does not end the session of an active tab', async () => {
    const { ping, browser, clock } = await start();
    clock.advance(14 * MINUTE);
    await browser.get('/me').expect(200);
    expect((await ping('?idleFor=840')).body).toMatchObject({ state: 'active', idleFor: 0, expiresIn: 900 });
  });

  test('never moves activity before the start of the session', async () => {
    const { ping, clock } = await start();
    clock.advance(MINUTE);
    expect((await ping('?idleFor=9999999999')).body).toMatchObject({ idleFor: 60 });
  });

  test('does not bring back a session that is over', async () => {
    const { ping, clock } = await start();
    clock.advance(15 * MINUTE);
    expect((await ping('?idleFor=0')).body).toMatchObject({ state: 'expired', reason: 'idle' });
  });

  test('does not extend the absolute limit, however often it comes', async () => {
    const { ping, clock } = await start({ options: { absoluteTimeout: '1h' } });
    for (let minutes = 10; minutes < 60; minutes += 10) {
      clock.advance(10 * MINUTE);
      expect((await ping('?idleFor=0')).body.idleFor).toBe(0);
    }
    clock.advance(10 * MINUTE);
    expect((await ping('?idleFor=0')).body).toMatchObject({ state: 'expired', reason: 'absolute' });
  });

  test('changes nothing if an old one is sent again', async () => {
    const { ping, clock } = await start();
    clock.advance(5 * MINUTE);
    await ping('?idleFor=240');
    clock.advance(5 * MINUTE);
    expect((await ping('?idleFor=600')).body.idleFor).toBe(540);
  });

  test.each(['-1', '1e3', '0x10', 'NaN', 'Infinity', '', ' ', '1,5', '1'.repeat(10_000), 'abc', '%00'])(
    '%j is ignored, and the ping is answered',
    async (idleFor) => {
      const { ping, clock, events } = await start();
      clock.advance(MINUTE);
      expect((await ping(`?idleFor=${idleFor}`).expect(200)).body).toMatchObject({ state: 'active', idleFor: 60 });
      expect(events.at(-1)).toMatchObject({ type: 'report-rejected', reason: 'malformed', user: 'alice' });
    },
  );

  test.each(['?idleFor=1&idleFor=2', '?idleFor[]=1', '?idleFor[a]=1'])(
    '%s is ignored, and the ping is answered',
    async (query) => {
      const { ping, clock } = await start({ setup: (app) => app.set('query parser', 'extended') });
      clock.advance(MINUTE);
      expect((await ping(query).expect(200)).body).toMatchObject({ state: 'active', idleFor: 60 });
    },
  );

  const inNumbers = (query: string) =>
    Object.fromEntries([...new URLSearchParams(query)].map(([name, value]) => [name, +value]));

  test.each(['simple', 'extended', false, (query: string) => new URLSearchParams(query), inNumbers])(
    'counts, and the nonce comes back, with the query parser %p of the application',
    async (parser) => {
      const { ping, clock } = await start({ setup: (app) => app.set('query parser', parser) });
      clock.advance(MINUTE);
      const { body } = await ping('?n=1764316800000.25&idleFor=5').expect(200);
      expect(body).toMatchObject({ n: '1764316800000.25', idleFor: 5 });
    },
  );

  test('counts only for the session that it names', async () => {
    const { ping, clock, events } = await start();
    const { session } = (await ping()).body;
    clock.advance(MINUTE);
    expect((await ping('?idleFor=0&session=of-somebody-else')).body).toMatchObject({ idleFor: 60, session });
    expect(events.at(-1)).toMatchObject({ type: 'report-rejected', reason: 'other-session' });
    expect((await ping(`?idleFor=0&session=${session}`)).body).toMatchObject({ idleFor: 0 });
  });

  test.each([
    ['a page of the same site counts', { 'sec-fetch-site': 'same-origin' }, true],
    ['our client without Fetch Metadata counts', { 'x-session-client': '1' }, true],
    ['a client without either header does not count', {}, false],
    ['an image on another site does not count', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, false],
    [
      'another site with the header of our client does not count',
      { 'sec-fetch-site': 'cross-site', 'x-session-client': '1' },
      false,
    ],
    [
      'an image in what a user of this site has written does not count',
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      false,
    ],
    [
      'a frame in what a user of this site has written does not count',
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      false,
    ],
    [
      'an image with CORS in what a user of this site has written does not count',
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'image' },
      false,
    ],
    [
      'a request of fetch() counts',
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      true,
    ],
    ['a script of this site counts', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, true],
    ['a sibling domain does not count', { 'sec-fetch-site': 'same-site', 'x-session-client': '1' }, false],
    ['a link that a user followed does not count', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, false],
  ])('from %s', async (_case, headers, merged) => {
    const { ping, clock, events } = await start();
    clock.advance(MINUTE);
    expect((await ping('?idleFor=0', headers as Record<string, string>).expect(200)).body.idleFor).toBe(
      merged ? 0 : 60,
    );
    if (!merged) expect(events.at(-1)).toMatchObject({ type: 'report-rejected', reason: 'cross-site' });
  });

  test('does not count with trustClientActivity: false, and the ping is answered', async () => {
    const { ping, clock } = await start({ options: { trustClientActivity: false } });
    for (let minute = 1; minute < 15; minute += 1) {
      clock.advance(MINUTE);
      expect((await ping('?idleFor=0').expect(200)).body.idleFor).toBe(minute * 60);
    }
    clock.advance(MINUTE);
    expect((await ping('?idleFor=0')).body).toMatchObject({ state: 'expired' });
  });

  test('does not count in a HEAD request', async () => {
    const { browser, ping, clock } = await start();
    clock.advance(MINUTE);
    await browser.head('/session/ping?idleFor=0').set(OWN_PAGE).expect(200);
    await browser.options('/session/ping?idleFor=0').set(OWN_PAGE);
    expect((await ping()).body.idleFor).toBe(60);
  });
});

describe('POST /session/end', () => {
  test('asked by another site after the session has ended, leaves the cookie for the answer that tells why', async () => {
    const { signedIn, clock } = await startApp();
    const browser = await signedIn();
    clock.advance(20 * MINUTE);
    const { headers } = await browser.post('/session/end').set('sec-fetch-site', 'cross-site').expect(403);
    expect(headers).not.toHaveProperty('set-cookie');
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject({ reason: 'idle' });
  });

  test('signs out', async () => {
    const { browser, store, events } = await start();
    const { headers } = await browser.post('/session/end').set(OWN_PAGE).expect(204);
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^connect\.sid=;/)]);
    expect(headers['cache-control']).toBe('no-store');
    expect(store.sessions).toEqual({});
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'signed-out', user: 'alice' });
    await browser.get('/me').expect(200, { user: null });
  });

  test('is 204 for an anonymous request, and creates nothing', async () => {
    const { request, store } = await startApp({ session: { saveUninitialized: true } });
    const { headers } = await request.post('/session/end').set('x-session-client', '1').expect(204);
    expect(headers).not.toHaveProperty('set-cookie');
    expect(store.sessions).toEqual({});
  });

  test.each([{}, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site', 'x-session-client': '1' }])(
    'is 403 for %j, and nothing happens',
    async (headers) => {
      const { browser } = await start();
      const { body } = await browser
        .post('/session/end')
        .set(headers as Record<string, string>)
        .expect(403);
      expect(body).toMatchObject({ status: 403, title: 'Forbidden' });
      await browser.get('/me').expect(200, { user: 'alice' });
    },
  );

  test('clears the cookie of a session that has expired', async () => {
    const { browser, clock } = await start();
    clock.advance(HOUR);
    const { headers } = await browser.post('/session/end').set(OWN_PAGE).expect(204);
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^connect\.sid=;/)]);
  });
});

describe('GET /session/texts/<language>', () => {
  test('sends the texts of the browser client, and 304 if they have not changed', async () => {
    const { request } = await startApp();
    const { headers, body } = await request.get('/session/texts/de-AT').expect(200);
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching('application/json'),
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.toHaveProperty('set-cookie');
    expect(body.stay).toBe('Angemeldet bleiben');
    await request.get('/session/texts/de-AT').set('if-none-match', String(headers['etag'])).expect(304);
  });

  test.each(['tlh', 'en', '__proto__', '%00', `de${'-a'.repeat(4000)}`])('404 for %.20s', async (lang) => {
    const { request, store } = await startApp({ session: { saveUninitialized: true } });
    await request.get(`/session/texts/${lang}`).expect(404);
    expect(store.sessions).toEqual({});
  });
});

describe('GET /session/extras.js', () => {
  test('sends the parts of the client that only some pages need, as a module', async () => {
    const { request } = await startApp();
    const { headers, text } = await request.get('/session/extras.js').expect(200);
    expect(headers['content-type']).toMatch('text/javascript');
    expect(text).toContain('export{');
  });
});

describe('the routes for signing in without leaving the page', () => {
  test('GET /session/sign-in-here.js sends the part of the client that does it', async () => {
    const { request } = await startApp();
    const { headers, text } = await request.get('/session/sign-in-here.js').expect(200);
    expect(headers['content-type']).toMatch('text/javascript');
    expect(text).toContain('signInHere');
  });

  test.each([
    ['', 'en', 'You can close this window now.'],
    ['?lang=de-AT', 'de-AT', 'Sie können dieses Fenster jetzt schließen.'],
    ['?lang=tlh', 'en', 'You can close this window now.'],
    ['?lang=de&lang=fr', 'en', 'You can close this window now.'],
    ['?lang=de-"><script>', 'en', 'You can close this window now.'],
  ])('GET /session/signed-in%s says it in the language %s', async (query, lang, said) => {
    const { request, store } = await startApp({ session: { saveUninitialized: true } });
    const { headers, text } = await request.get(`/session/signed-in${query}`).expect(200);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    expect(headers).not.toHaveProperty('set-cookie');
    expect(store.sessions).toEqual({});
    expect(text).toContain(`<html lang="${lang}">`);
    expect(text).toContain(said);
    expect(text.match(/<script/g)).toHaveLength(1);
  });

  test('guards of the application do not stop them', async () => {
    class Closed implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    const { request } = await startApp({ setup: (app) => app.useGlobalGuards(new Closed()) });
    await request.get('/me').expect(403);
    await request.get('/session/sign-in-here.js').expect(200);
    await request.get('/session/signed-in').expect(200);
  });
});

describe('GET /session/client.js', () => {
  test('serves the browser client, and answers 304 until it changes', async () => {
    const { request, store } = await startApp({ session: { saveUninitialized: true } });
    const { headers, text } = await request.get('/session/client.js').expect(200);
    expect(headers).toMatchObject({
      'content-type': expect.stringContaining('text/javascript'),
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
    });
    expect(headers).not.toHaveProperty('set-cookie');
    expect(store.sessions).toEqual({});
    expect(text.length).toBeGreaterThan(20);
    await request.get('/session/client.js').set('if-none-match', String(headers['etag'])).expect(304);
  });
});
