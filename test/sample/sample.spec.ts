import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ManualClock } from 'nestjs-session-timeout/testing';
import supertest from 'supertest';
import { sessionCookie } from '../support/cookies.js';
import { MINUTE, SECOND } from '../support/time.js';
import { startSample } from './support/sample-app.js';

type Browser = ReturnType<typeof supertest.agent>;

const ada = { username: 'ada', password: 'analytical' };
const grace = { username: 'grace', password: 'nanosecond' };

let app: NestExpressApplication;
let clock: ManualClock;

beforeAll(async () => {
  ({ app, clock } = await startSample());
});

afterAll(() => app.close());

/** A browser that loads pages, as one that a person uses. */
function open(): Browser {
  return supertest.agent(app.getHttpServer()).set('Accept', 'text/html,*/*;q=0.8');
}

async function signedIn(user = ada): Promise<Browser> {
  const browser = open();
  await signIn(browser, user).expect(303);
  return browser;
}

function signIn(browser: Browser, form: object) {
  return browser.post('/login').type('form').send(form);
}

describe('signing in', () => {
  test('leads to the dashboard, with a new session id each time', async () => {
    const browser = open();
    const first = await signIn(browser, ada).expect(303).expect('Location', '/');
    const again = await signIn(browser, grace).expect(303);
    expect(sessionCookie(again)).not.toBe(sessionCookie(first));

    const page = await browser.get('/').expect(200);
    expect(page.text).toContain('Grace Hopper');
    expect(page.text).not.toContain('Ada');
  });

  test.each([
    ['a wrong password', { username: 'ada', password: 'nanosecond' }],
    ['an unknown name', { username: 'nobody', password: '' }],
    ['nothing', {}],
    ['a list instead of a text', 'username[]=ada&password[]=analytical'],
  ])('is refused with %s, and the page says so', async (_name, form) => {
    const browser = open();
    const page = await browser
      .post('/login')
      .type('form')
      .send(form as object)
      .expect(401);
    expect(alert(page)).toBe('The user name or the password is wrong.');
    await browser.get('/').expect(303);
  });

  test('is required for a page, and leads back to it', async () => {
    const browser = open();
    const sent = await browser.get('/?day=today').expect(303);
    expect(sent.headers['location']).toBe('/login?returnTo=%2F%3Fday%3Dtoday');

    const login = await browser.get(sent.headers['location'] as string).expect(200);
    await signIn(browser, { ...ada, returnTo: returnTo(login) })
      .expect(303)
      .expect('Location', '/?day=today');
  });

  test.each([
    'https://elsewhere.example/',
    '//elsewhere.example/',
    '/\\elsewhere.example/',
    '/\t/elsewhere.example/',
    'javascript:alert(1)',
    'elsewhere.example',
    '',
  ])('never leads to another site: %j', async (target) => {
    const browser = open();
    const login = await browser.get(`/login?${new URLSearchParams({ returnTo: target })}`).expect(200);
    expect(returnTo(login)).toBe('/');
    await signIn(browser, { ...ada, returnTo: target })
      .expect(303)
      .expect('Location', '/');
  });

  test('is not possible from the page of another site', async () => {
    await signIn(open(), ada).set('Sec-Fetch-Site', 'cross-site').expect(403);
  });

  test('is required for data, where a script gets 401 and no login page', async () => {
    await supertest(app.getHttpServer()).get('/feed').expect(401).expect('Content-Type', /json/);
    await open().get('/live').set('Accept', 'text/event-stream').expect(401);
  });
});

describe('a session that nobody uses', () => {
  test('ends, the login page shows the reason, and signing in leads back to the page', async () => {
    const browser = await signedIn();
    clock.advance(MINUTE);

    const sent = await browser.get('/?day=today').expect(303);
    expect(sent.headers['location']).toBe('/login?reason=idle&returnTo=%2F%3Fday%3Dtoday');
    const login = await browser.get(sent.headers['location'] as string).expect(200);
    expect(alert(login)).toMatch(/^You were signed out because nothing happened/);

    await signIn(browser, { ...ada, returnTo: returnTo(login) })
      .expect(303)
      .expect('Location', '/?day=today');
    await browser.get('/').expect(200);
  });

  test('is not kept alive by the feed', async () => {
    const browser = await signedIn();
    for (let second = 5; second < 60; second += 5) {
      clock.advance(5 * SECOND);
      await browser.get('/feed').expect(200);
    }
    clock.advance(5 * SECOND);
    const refused = await browser.get('/feed').set('Accept', '*/*').expect(401);
    expect(refused.body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'idle' });
  });

  test('ends, and the next sign-in still refuses a wrong password', async () => {
    const browser = await signedIn();
    clock.advance(MINUTE);
    expect(alert(await signIn(browser, { ...ada, password: 'wrong' }).expect(401))).toMatch(/is wrong/);
  });
});

describe('the live stream', () => {
  const stream = async (cookie: string) => {
    const answer = await fetch(`${await app.getUrl()}/live`, { headers: { cookie } });
    return (answer.body as ReadableStream<Uint8Array>).getReader();
  };
  /** Reads up to the first event. */
  const reading = async (reader: Awaited<ReturnType<typeof stream>>) => {
    for (let text = ''; !/data: \{"level":\d/.test(text);) {
      const { value, done } = await reader.read();
      if (done) throw new Error('The stream ended before it told anything.');
      text += Buffer.from(value).toString();
    }
  };

  test('does not count as activity', async () => {
    const browser = open();
    const cookie = sessionCookie(await signIn(browser, ada));
    clock.advance(59 * SECOND);
    const reader = await stream(cookie);
    await reading(reader);
    await reader.cancel();
    clock.advance(SECOND);
    expect((await browser.get('/')).headers['location']).toContain('reason=idle');
  });

  test('ends with the session', async () => {
    const browser = open();
    const reader = await stream(sessionCookie(await signIn(browser, ada)));
    await reading(reader);
    await browser.post('/logout').expect(303);
    while (!(await reader.read()).done);
  });
});

test('a session that is used lasts until its absolute limit', async () => {
  const browser = await signedIn();
  for (let minute = 0.5; minute < 10; minute += 0.5) {
    clock.advance(30 * SECOND);
    await browser.get('/').expect(200);
  }
  clock.advance(30 * SECOND);
  expect((await browser.get('/')).headers['location']).toContain('reason=absolute');
});

test('the dashboard shows the time left', async () => {
  const browser = await signedIn();
  clock.advance(20 * SECOND);
  const page = await browser.get('/').expect(200);
  expect(page.text).toMatch(/signed out in\s+<strong data-left>1:00</);
  expect(page.text).toMatch(/at the latest in\s+<span data-latest>9:40</);
});

test('notes are kept per user and shown as they were written', async () => {
  const browser = await signedIn();
  await browser.post('/notes').type('form').send({ text: '<b>tides</b> & "fog"' }).expect(303).expect('Location', '/');
  expect((await browser.get('/')).text).toContain('&#60;b&#62;tides&#60;/b&#62; &#38; &#34;fog&#34;');
  expect((await (await signedIn(grace)).get('/')).text).not.toContain('tides');
});

describe('the public page', () => {
  test('is open without signing in', async () => {
    const page = await open().get('/visitors').expect(200);
    expect(page.text).toContain('Opening hours');
    expect(page.headers['set-cookie']).toBeUndefined();
  });

  test('is open to an expired session, and says that it has expired', async () => {
    const browser = await signedIn();
    clock.advance(MINUTE);
    const page = await browser.get('/visitors').expect(200);
    expect(page.text).toContain('You were signed out because nothing happened');
    expect(page.text).not.toContain('Ada');
  });
});

test('signing out ends the session for good', async () => {
  const browser = await signedIn();
  const stolen = sessionCookie(await signIn(browser, ada));
  const sent = await browser.post('/logout').expect(303);
  const login = await browser.get(sent.headers['location'] as string).expect(200);
  expect(login.text).toMatch(/role="status"[^>]*>You have signed out\.</);

  const thief = await open().get('/').set('Cookie', stolen).expect(303);
  expect(thief.headers['location']).toContain('reason=signed-out');
});

test('users can sign in again on the page with their notes, and nowhere else', async () => {
  const browser = await signedIn();
  const attribute = /client\.js"\s+data-when-ended="sign-in-here"/;
  expect((await browser.get('/').expect(200)).text).toMatch(attribute);
  for (const path of ['/visitors', '/login?reason=idle']) expect((await browser.get(path)).text).not.toMatch(attribute);
});

test('a missing page is answered with a page', async () => {
  expect((await open().get('/nowhere').expect(404)).text).toContain('<h1>There is no such page</h1>');
});

test('an unknown reason is not shown', async () => {
  const page = await open().get('/login?reason=<script>constructor').expect(200);
  expect(alert(page)).toBeUndefined();
  expect(alert(await open().get('/login?reason=constructor'))).toBeUndefined();
});

test('pages allow only their own scripts and styles, and none inline', async () => {
  const page = await (await signedIn()).get('/').expect(200);
  expect(page.headers['content-security-policy']).toContain("default-src 'none';script-src 'self';style-src 'self'");
  expect(page.text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
  const assets = [...page.text.matchAll(/(?:src|href)="(\/(?:assets|session)\/[^"]+)"/g)].map(
    ([, path]) => path as string,
  );
  expect(assets).toContain('/session/client.js');
  for (const path of assets) await open().get(path).expect(200);
});

function alert(page: supertest.Response): string | undefined {
  return /role="alert"[^>]*>\s*([^<]*?)\s*</.exec(page.text)?.[1];
}

function returnTo(page: supertest.Response): string | undefined {
  return /name="returnTo" value="([^"]*)"/.exec(page.text)?.[1];
}
