import { hkdfSync } from 'node:crypto';
import type { SessionTimeoutOptions } from '../../src/index.js';
import { byUser, HOUR, MINUTE, startApp, stopApps } from '../support/app.js';
import { RiggedLedger } from '../support/rigged-ledger.js';

afterEach(stopApps);

const OWN_PAGE = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
const SECRET = 'the first secret of these tests, which is long';
const OLDER = 'the secret before that one, which is long, too';

const start = (options: SessionTimeoutOptions = {}) =>
  startApp({ options: { drafts: { secret: SECRET }, ...options } });

type Started = Awaited<ReturnType<typeof start>>;
type Browser = Awaited<ReturnType<Started['signedIn']>>;

const keyOf = async (browser: Browser, query = '') =>
  (await browser.get(`/session/draft-key${query}`).set(OWN_PAGE).expect(200)).body;

describe('GET /session/draft-key', () => {
  test('gives a living session the key of its user, and is never cached', async () => {
    const { signedIn } = await start();
    const { body, headers } = await (await signedIn()).get('/session/draft-key').set(OWN_PAGE).expect(200);
    expect(body).toEqual({
      key: Buffer.from(hkdfSync('sha256', SECRET, 'alice', 'nestjs-session-timeout/drafts/v1', 32)).toString(
        'base64url',
      ),
      previous: [],
      maxAge: 24 * 60 * 60,
      session: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      vary: expect.stringContaining('Cookie'),
    });
  });

  test('gives a user the same key in each session, and each user another one', async () => {
    const { signedIn } = await start();
    const [first, second, other] = [await signedIn(), await signedIn(), await signedIn('bob')];
    const [a, b, c] = [await keyOf(first), await keyOf(second), await keyOf(other)];
    expect(a.key).toBe(b.key);
    expect(a.session).not.toBe(b.session);
    expect(c.key).not.toBe(a.key);
  });

  test('encrypts with the first of several secrets, and tells the keys of the others', async () => {
    const before = await start({ drafts: { secret: OLDER, maxAge: '2h' } });
    const older = await keyOf(await before.signedIn());
    const { signedIn } = await start({ drafts: { secret: [SECRET, OLDER], maxAge: '2h' } });
    const now = await keyOf(await signedIn());
    expect(now.previous).toEqual([older.key]);
    expect(now.key).not.toBe(older.key);
    expect(now.maxAge).toBe(7200);
  });

  test('is no activity', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    clock.advance(10 * MINUTE);
    await keyOf(browser);
    clock.advance(5 * MINUTE);
    await browser.get('/session/draft-key').set(OWN_PAGE).expect(401);
  });

  test('gives no key to anybody else', async () => {
    const { signedIn, browser, clock } = await start();
    const nobody = await browser().get('/session/draft-key').set(OWN_PAGE).expect(401);
    expect(nobody.headers).toMatchObject({ 'www-authenticate': 'Session', 'cache-control': 'no-store' });
    expect(nobody.headers).not.toHaveProperty('set-cookie');
    expect(nobody.body).toEqual({
      title: 'Unauthorized',
      status: 401,
      detail: 'Nobody is signed in.',
      code: 'SIGN_IN_REQUIRED',
    });
    const expired = await signedIn();
    clock.advance(HOUR);
    expect((await expired.get('/session/draft-key').set(OWN_PAGE).expect(401)).body).not.toHaveProperty('key');
    const signedOut = await signedIn();
    await signedOut.post('/logout');
    await signedOut.get('/session/draft-key').set(OWN_PAGE).expect(401);
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another origin of the site', { 'sec-fetch-site': 'same-site' }],
    ['a request that says nothing of its origin', {}],
  ])('refuses %s', async (_who, headers) => {
    const { signedIn } = await start();
    const answer = await (await signedIn()).get('/session/draft-key').set(headers).expect(403);
    expect(answer.text).not.toContain('key"');
  });

  test('does not exist without the option', async () => {
    const { signedIn } = await startApp();
    const answer = await (await signedIn()).get('/session/draft-key').set(OWN_PAGE).expect(404);
    expect(answer.body).toMatchObject({ code: 'DRAFTS_UNAVAILABLE' });
  });

  test('answers 503 while the ledger does not answer, and gives no key', async () => {
    const ledger = new RiggedLedger();
    const { signedIn } = await start({ ledger });
    const browser = await signedIn();
    ledger.read = () => {
      throw new Error('down');
    };
    await browser.get('/session/draft-key').set(OWN_PAGE).expect(503);
  });

  test('is refused if a guard of the application refuses it', async () => {
    const refuses = { isOn: false };
    const { signedIn } = await startApp({
      options: { drafts: { secret: SECRET } },
      setup: (app) => app.useGlobalGuards({ canActivate: () => !refuses.isOn }),
    });
    const browser = await signedIn();
    refuses.isOn = true;
    await browser.get('/session/ping').expect(200);
    expect((await browser.get('/session/draft-key').set(OWN_PAGE).expect(403)).body).not.toHaveProperty('key');
  });
});

describe('how an earlier session ended', () => {
  async function twoSessions(end: (first: Browser, started: Started, hash: string) => Promise<unknown>) {
    const started = await start();
    const first = await started.signedIn();
    const { session } = await keyOf(first);
    await end(first, started, session);
    return { ...started, session };
  }

  test.each<[string, Parameters<typeof twoSessions>[0], true | undefined]>([
    ['by a sign-out', (browser) => browser.post('/logout'), true],
    ['by our sign-out', (browser) => browser.post('/session/end').set(OWN_PAGE), true],
    ['as it was revoked', (_browser, { service }, hash) => service.end(hash, 'revoked'), undefined],
    ['without activity', async (browser, { clock }) => (clock.advance(HOUR), browser.get('/me')), undefined],
    ['not at all', async () => undefined, undefined],
  ])('is told to its user if it ended %s', async (_how, end, expected) => {
    const { signedIn, browser, session } = await twoSessions(end);
    expect((await keyOf(await signedIn(), `?after=${session}`)).signedOut).toBe(expected);
    const nobody = await browser().get(`/session/draft-key?after=${session}`).set(OWN_PAGE).expect(401);
    expect(nobody.body.signedOut).toBe(expected);
  });

  test.each(['?after=', '?after=x', `?after=${'x'.repeat(43)}`, '?after[]=x', '?after=%00'])(
    'is unknown for %s',
    async (query) => {
      const { signedIn } = await start();
      expect(await keyOf(await signedIn(), query)).not.toHaveProperty('signedOut');
    },
  );
});

describe('the ping', () => {
  test('says whether drafts are kept', async () => {
    const { signedIn, browser } = await start();
    expect((await (await signedIn()).get('/session/ping')).body.drafts).toBe(true);
    expect((await browser().get('/session/ping')).body.drafts).toBe(true);
    const without = await startApp();
    expect((await (await without.signedIn()).get('/session/ping')).body).not.toHaveProperty('drafts');
  });
});

test('GET /session/drafts.js sends the part of the client, as a module', async () => {
  const { browser } = await startApp();
  const { headers, text } = await browser().get('/session/drafts.js').expect(200);
  expect(headers['content-type']).toContain('javascript');
  expect(text).toContain('startDrafts');
  await browser().get('/session/drafts.js').set('if-none-match', headers['etag']!).expect(304);
});

describe('the option drafts', () => {
  test.each<[string, unknown, string]>([
    ['a short secret', { secret: 'short' }, 'drafts: needs secrets of at least 32 random characters'],
    ['a short secret in a list', { secret: [SECRET, 'short'] }, 'drafts: needs secrets of at least 32'],
    ['no secret', {}, 'drafts: needs a secret, which is text or a list of texts'],
    ['an empty list', { secret: [] }, 'drafts: needs at least one secret'],
    ['a secret that is no text', { secret: 42 }, 'drafts: needs a secret, which is text'],
    ['only a secret', 'my very own secret', 'drafts: must be an object like { secret: process.env.DRAFT_SECRET'],
    ['true', true, 'drafts: must be an object like'],
    ['nonsense as maxAge', { secret: SECRET, maxAge: 'soon' }, 'drafts: needs a maxAge that is a duration above 0'],
    ['another field', { secret: SECRET, maxage: '1h' }, 'drafts: must have no other fields than secret and maxAge'],
  ])('refuses %s, and shows no secret', async (_what, drafts, message) => {
    const error = await startApp({ options: { drafts: drafts as never } }).catch((error: Error) => error);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toMatch(/"short"|very own|the first secret/);
  });

  test('needs identify', async () => {
    const options = { drafts: { secret: SECRET }, identify: undefined };
    await expect(startApp({ options })).rejects.toThrow(
      'drafts: needs the option identify, which returns the user of a session',
    );
    await expect(startApp({ options: { ...options, identify: byUser } })).resolves.toBeDefined();
  });
});
