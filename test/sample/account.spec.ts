import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ManualClock } from 'nestjs-session-timeout/testing';
import supertest from 'supertest';
import { SECOND } from '../support/time.js';
import { startSample } from './support/sample-app.js';

type Browser = ReturnType<typeof supertest.agent>;

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

let app: NestExpressApplication;
let clock: ManualClock;

beforeEach(async () => {
  ({ app, clock } = await startSample());
});

afterEach(() => app.close());

async function signedIn(agent = FIREFOX): Promise<Browser> {
  const browser = supertest.agent(app.getHttpServer()).set('Accept', 'text/html,*/*;q=0.8').set('User-Agent', agent);
  await browser.post('/login').type('form').send({ username: 'ada', password: 'analytical' }).expect(303);
  return browser;
}

/** What the script of the page asks for, with the id that the page names. */
async function endOn(browser: Browser, which: string): Promise<void> {
  const { text } = await browser.get('/devices').expect(200);
  const id = new RegExp(`data-end="([^"]+)"\\s+aria-label="Sign out ${which}`).exec(text)?.[1] as string;
  await browser.delete(`/session/list/${id}`).set('Sec-Fetch-Site', 'same-origin').expect(204);
}

const alert = ({ text }: supertest.Response) => /role="alert"[^>]*>\s*([^<]*?)\s*</.exec(text)?.[1];

describe('the page "Your devices"', () => {
  test('shows where the user is signed in, this device first', async () => {
    await signedIn(IPHONE);
    clock.advance(30 * SECOND);
    const browser = await signedIn();
    clock.advance(29 * SECOND);
    const { text } = await browser.get('/devices').expect(200);
    const [, list = ''] = text.split('<ul');
    const shown = [...list.matchAll(/<strong>([^<]*)<\/strong>\s*<small>\s*(\S+ \S+)/g)].map(([, name, use]) => [
      name,
      use,
    ]);
    expect(shown).toEqual([
      ['Firefox on Linux', 'This device'],
      ['Safari on iOS', 'Last used'],
    ]);
    expect(text).toContain('signed in on 2 of 3 devices');
  });

  test('signs out one device, which is told so', async () => {
    const phone = await signedIn(IPHONE);
    const browser = await signedIn();
    await endOn(browser, 'Safari on iOS');
    expect((await phone.get('/').expect(303)).headers['location']).toBe('/login?reason=revoked&returnTo=%2F');
    expect((await browser.get('/devices').expect(200)).text).toContain('signed in on 1 of 3 devices');
  });

  test('signs out all others', async () => {
    const phone = await signedIn(IPHONE);
    const browser = await signedIn();
    await browser.delete('/session/list').set('Sec-Fetch-Site', 'same-origin').expect(200, { ended: 1 });
    await phone.get('/').expect(303);
    await browser.get('/').expect(200);
  });
});

test('a fourth device takes the place of the one that was not used for the longest time', async () => {
  const phone = await signedIn(IPHONE);
  const others = [await signedIn(), await signedIn()];
  clock.advance(SECOND);
  await phone.get('/').expect(200);
  others.push(await signedIn());
  const [displaced, ...rest] = others as [Browser, ...Browser[]];
  const { headers } = await displaced.get('/').expect(303);
  expect(headers['location']).toBe('/login?reason=displaced&returnTo=%2F');
  expect(alert(await displaced.get(headers['location'] as string))).toContain('three other devices');
  for (const browser of [phone, ...rest]) await browser.get('/').expect(200);
});

describe('the page "My details"', () => {
  test('is open to somebody who has just typed the password', async () => {
    const browser = await signedIn();
    await browser.post('/details').type('form').send({ phone: '+44 20 7946 0018' }).expect(303);
    expect((await browser.get('/details').expect(200)).text).toContain('value="+44 20 7946 0018"');
  });

  test('asks for the password again, and leads back', async () => {
    const browser = await signedIn();
    clock.advance(40 * SECOND);
    await browser.get('/').expect(200);
    clock.advance(20 * SECOND);
    const { headers } = await browser.get('/details').expect(303);
    expect(headers['location']).toBe('/confirm?returnTo=%2Fdetails');
    const form = await browser.get(headers['location'] as string).expect(200);
    expect(form.text).toContain('You are signed in as Ada Lovelace.');

    const wrong = await browser.post('/confirm').type('form').send({ password: 'x', returnTo: '/details' }).expect(403);
    expect(alert(wrong)).toBe('The password is wrong.');
    await browser.get('/details').expect(303);

    await browser
      .post('/confirm')
      .type('form')
      .send({ password: 'analytical', returnTo: '/details' })
      .expect(303)
      .expect('Location', '/details');
    const page = await browser.get('/details').expect(200);
    // The maximum length of the session goes on.
    expect(page.text).toMatch(/at the latest in\s+<span data-latest>9:00</);
    expect((await browser.get('/devices')).text).toContain('signed in on 1 of 3 devices');
  });

  test('takes no form from a page that was left open', async () => {
    const browser = await signedIn();
    clock.advance(59 * SECOND);
    await browser.get('/').expect(200);
    clock.advance(SECOND);
    await browser.post('/details').type('form').send({ phone: '1' }).expect(303).expect('Location', '/confirm');
  });

  test('never leads to another site', async () => {
    const browser = await signedIn();
    await browser
      .post('/confirm')
      .type('form')
      .send({ password: 'analytical', returnTo: '//evil.example' })
      .expect(303)
      .expect('Location', '/');
  });

  test('asks visitors to sign in', async () => {
    const visitor = supertest.agent(app.getHttpServer()).set('Accept', 'text/html');
    for (const path of ['/details', '/devices', '/confirm']) {
      expect((await visitor.get(path).expect(303)).headers['location']).toMatch('/login?returnTo=');
    }
  });
});
