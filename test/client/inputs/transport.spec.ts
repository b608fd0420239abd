import { jest } from '@jest/globals';
import { transport } from '../../../src/client/inputs/transport.js';

const original = globalThis.fetch;
beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  globalThis.fetch = original;
  jest.useRealTimers();
});

/** A server that gives one answer, and what it was asked. */
function answering(response: (nonce: string) => Response) {
  const asked: { url: string; init: RequestInit }[] = [];
  globalThis.fetch = jest.fn((url: unknown, init: unknown) => {
    asked.push({ url: String(url), init: init as RequestInit });
    const nonce = new URL(String(url), 'http://here').searchParams.get('n') ?? '';
    return Promise.resolve(response(nonce));
  }) as typeof fetch;
  return { routes: transport('/session/'), asked };
}

const json =
  (body: unknown): ((n: string) => Response) =>
  (n) =>
    Response.json(body && { n, at: 1_767_603_600, ...body });

const LIVE = { state: 'active', session: 'a', warnBefore: 2, idleLeft: 10, absoluteLeft: null };

test('a ping without a report has a nonce only', async () => {
  const { routes, asked } = answering(json({ state: 'anonymous' }));
  expect((await routes.ping()).reply).toMatchObject({ state: 'anonymous', at: 1_767_603_600_000 });
  expect(asked[0]).toMatchObject({
    url: expect.stringMatching(/^\/session\/ping\?n=[\w.]{6,}$/),
    init: { headers: { 'x-session-client': '1' }, cache: 'no-store', redirect: 'manual', keepalive: true },
  });
  await routes.ping();
  expect(asked[1]!.url).not.toBe(asked[0]!.url);
});

test.each([
  [0, '0.000'],
  [1, '0.001'],
  [0.0000001, '0.000'],
  [-5, '0.000'],
  [1234.5678, '1.235'],
  [9e12, '9000000000.000'],
])('%d ms are sent as a plain decimal: %s', async (idleFor, seconds) => {
  const { routes, asked } = answering(json({ state: 'anonymous' }));
  await routes.ping({ idleFor, session: 'k3-_x9' });
  expect(asked[0]!.url).toMatch(new RegExp(`^/session/ping\\?n=[\\w.]+&idleFor=${seconds}&session=k3-_x9$`));
});

test('seconds become milliseconds, and limits that are off stay null', async () => {
  const body = { ...LIVE, idleFor: 3.2, expiresIn: 10, absoluteTimeout: null, loginUrl: '/in' };
  const { routes } = answering(json(body));
  expect((await routes.ping()).reply).toMatchObject({
    ...body,
    idleFor: 3200,
    expiresIn: 10_000,
    idleLeft: 10_000,
    warnBefore: 2000,
  });
});

test.each<[string, (nonce: string) => Response]>([
  ['an error', () => new Response('{"state":"expired"}', { status: 500 })],
  ['a page of a proxy', () => new Response('<h1>Sign in to the WiFi</h1>')],
  ["somebody else's JSON", json({ status: 'ok' })],
  ['JSON that is no object', json(null)],
  ['a state without numbers', json({ state: 'active' })],
  ['a session that nothing ends', json({ ...LIVE, idleLeft: null })],
  ['times that are text', json({ ...LIVE, idleLeft: '10' })],
  ['a session without a tag', json({ ...LIVE, session: undefined })],
  ['an end without a reason', json({ state: 'expired' })],
  ['an answer without the time', json({ state: 'anonymous', at: undefined })],
  ['an answer to another question', json({ ...LIVE, n: 'old' })],
  ['an answer without the nonce', json({ ...LIVE, n: undefined })],
])('%s is not taken for an answer', async (_name, response) => {
  const { routes } = answering(response);
  const answer = await routes.ping().catch(() => ({ reply: undefined }));
  expect(answer.reply).toBeUndefined();
});

test('the header Retry-After says when to ask again', async () => {
  const { routes } = answering(() => new Response('', { status: 503, headers: { 'Retry-After': '2' } }));
  expect(await routes.ping()).toMatchObject({ reply: undefined, retryAfter: 2000 });
});

test('a request is given up after ten seconds, also in browsers without AbortSignal.timeout()', async () => {
  const { routes, asked } = answering(json({ state: 'anonymous' }));
  await routes.ping();
  jest.advanceTimersByTime(9999);
  expect(asked[0]!.init.signal!.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(asked[0]!.init.signal!.aborted).toBe(true);
});

test('signing out is a POST', async () => {
  const { routes, asked } = answering(() => new Response(null, { status: 204 }));
  expect(await routes.end()).toBe(true);
  expect(asked[0]).toMatchObject({
    url: '/session/end',
    init: { method: 'POST', headers: { 'x-session-client': '1' } },
  });
});

test.each([200, 302, 403, 404, 500])('signing out has not worked if the answer is %d', async (code) => {
  const { routes } = answering(() => new Response('', { status: code }));
  expect(await routes.end()).toBe(false);
});
