import { type ActivityLedger, type LedgerRecord, MemoryLedger } from '../../src/index.js';
import { MINUTE, startApp, stopApps, type TestApp } from '../support/app.js';
import { MARKER } from '../../src/express-session/marker.js';
import { collector } from '../support/logs.js';

afterEach(stopApps);

const lost = { code: 'SESSION_EXPIRED', reason: 'lost' };

/** Changes what the store holds of the only session. */
function rewrite({ store }: TestApp, change: (row: Record<string, unknown>) => unknown): void {
  const [id] = Object.keys(store.sessions) as [string];
  const changed = change(JSON.parse(store.sessions[id] as string));
  store.sessions[id] = typeof changed === 'string' ? changed : JSON.stringify(changed);
}

/** The same for the session that came last. */
function rewriteLast({ store }: TestApp, change: (row: Record<string, unknown>) => unknown): void {
  const id = Object.keys(store.sessions).at(-1) as string;
  store.sessions[id] = JSON.stringify(change(JSON.parse(store.sessions[id] as string)));
}

describe('rows that express-session cannot read (R12)', () => {
  test.each<[string, (row: Record<string, unknown>) => unknown]>([
    ['no cookie', ({ cookie: _cookie, ...row }) => row],
    ['a cookie that is null', (row) => ({ ...row, cookie: null })],
    ['a cookie that is text', (row) => ({ ...row, cookie: 'text' })],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['a text', () => '"text"'],
    ['a number', () => '5'],
    ['broken JSON', () => '{"cookie":'],
    [
      'originalMaxAge that is text (it would hang)',
      (row) => ({ ...row, cookie: { originalMaxAge: 'abc', path: '/' } }),
    ],
    ['originalMaxAge that is an object', (row) => ({ ...row, cookie: { originalMaxAge: {}, path: '/' } })],
    ['maxAge that is text', (row) => ({ ...row, cookie: { maxAge: 'abc', path: '/' } })],
    [
      'expires that is no date (it would never expire)',
      (row) => ({ ...row, cookie: { expires: 'garbage', originalMaxAge: 1000 } }),
    ],
  ])('%s: the session ends as lost, and its user can go on', async (_case, change) => {
    const app = await startApp();
    const browser = await app.signedIn();
    rewrite(app, change);
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject(lost);
    expect(app.store.sessions).toEqual({});
    await browser.get('/me').expect(200, { user: null });
    await browser.post('/login').send({ user: 'alice' }).expect(201);
    expect(app.events.filter(({ type }) => type === 'expired')).toMatchObject([{ reason: 'lost' }]);
  });

  test('a cookie that ends with the browser is none of them', async () => {
    const app = await startApp({ session: { cookie: { maxAge: 60 * MINUTE } } });
    for (const originalMaxAge of [false, null]) {
      const browser = await app.signedIn();
      rewriteLast(app, (row) => ({ ...row, cookie: { originalMaxAge, expires: originalMaxAge, path: '/' } }));
      await browser.get('/me').expect(200, { user: 'alice' });
    }
  });

  test.each([{ sameSite: 'evil' }, { domain: 'a b;c' }, { domain: {} }])(
    'attributes of the cookie that cannot be sent, like %j: nothing hangs',
    async (attributes) => {
      const app = await startApp();
      const browser = await app.signedIn();
      rewrite(app, (row) => ({ ...row, cookie: { ...(row['cookie'] as object), ...attributes } }));
      await browser.post('/session/end').set('x-session-client', '1').expect(204);
      await browser.get('/me').expect(200, { user: null });
    },
  );

  test('ids longer than usual are read all the same', async () => {
    const app = await startApp({ session: { genid: () => 'x'.repeat(300) } });
    const browser = await app.signedIn();
    rewrite(app, () => '{');
    await browser.get('/me').expect(401);
    await browser.get('/me').expect(200, { user: null });
  });

  test('a POST with such a session is refused: its body was never read', async () => {
    const app = await startApp({ options: { redirectTo: '/login' } });
    const browser = await app.signedIn();
    rewrite(app, () => '{');
    const { body, headers } = await browser.post('/login').send({ user: 'bob' }).expect(401);
    expect(body).toMatchObject({ ...lost, loginUrl: '/login?reason=lost' });
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^connect\.sid=;/)]);
    await browser.post('/login').send({ user: 'bob' }).expect(201);
  });

  test('what is stored does not reach the log', async () => {
    const logs: string[] = [];
    const app = await startApp({ logger: collector(logs) });
    const browser = await app.signedIn();
    rewrite(app, () => 'secret-token\nERROR forged');
    await browser.get('/me').expect(401);
    expect(logs.join('\n')).toContain('cannot be read (SyntaxError)');
    expect(logs.join('\n')).not.toContain('secret-token');
  });

  test('an error of the application is none of our business', async () => {
    const { signedIn } = await startApp({
      setup: (app) =>
        app.use('/broken', () => {
          throw new TypeError('a bug');
        }),
    });
    const browser = await signedIn();
    await browser.get('/broken').expect(500);
    await browser.get('/me').expect(200, { user: 'alice' });
  });

  test.each([
    new Error('connection refused'),
    new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }),
    Object.assign(new RangeError('pool is full'), { code: 'EPOOL' }),
  ])('a store that fails with %s is no malformed row: 503, and the session stays', async (error) => {
    const app = await startApp();
    const browser = await app.signedIn();
    const get = app.store.get;
    app.store.get = (_id, callback) => callback(error);
    const { headers } = await browser.get('/me').expect(503);
    expect(headers['retry-after']).toBe('2');
    expect(headers).not.toHaveProperty('set-cookie');
    app.store.get = get;
    await browser.get('/me').expect(200, { user: 'alice' });
  });
});

describe('markers (R12)', () => {
  test.each<[string, unknown]>([
    ['a text', 'text'],
    ['null', null],
    ['a list', []],
    ['a number', 5],
    ['an object', { session: 'x', startedAt: 5 }],
    ['no start', 'bWFya2Vy4oCm_9Qx'],
    ['a start that is text', 'bWFya2Vy4oCm_9Qx.yesterday'],
    ['too short a key', 'bWFya2Vy.5'],
  ])('%s: the session ends as lost', async (_case, marker) => {
    const app = await startApp();
    const browser = await app.signedIn();
    rewrite(app, (row) => ({ ...row, [MARKER]: marker }));
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject(lost);
    await browser.get('/me').expect(200, { user: null });
  });
});

/** A ledger that gives back what a test puts into it. */
class RiggedLedger extends MemoryLedger {
  rigged: unknown;
  override read(key: string): LedgerRecord | undefined {
    return this.rigged === undefined ? super.read(key) : (this.rigged as LedgerRecord);
  }
}

describe('records (R12)', () => {
  test.each<[string, unknown]>([
    ['a state that is none', { state: 'maybe' }],
    ['no times', { state: 'open' }],
    ['times that are text', { state: 'open', sessionAge: 'abc', idleFor: 'abc' }],
    ['NaN', { state: 'open', sessionAge: NaN, idleFor: 0 }],
    ['Infinity', { state: 'open', sessionAge: Infinity, idleFor: 0 }],
    ['activity in the future', { state: 'open', sessionAge: 5, idleFor: -1000 }],
    ['a reason that is none', { state: 'ended', reason: 'whim', endedFor: 0 }],
    ['a text', 'text'],
    ['null', null],
  ])('%s: the session ends as lost', async (_case, record) => {
    const ledger = new RiggedLedger();
    const app = await startApp({ options: { ledger: ledger as ActivityLedger } });
    const browser = await app.signedIn();
    ledger.rigged = record;
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject(lost);
    ledger.rigged = undefined;
    await browser.get('/me').expect(200, { user: null });
  });
});
