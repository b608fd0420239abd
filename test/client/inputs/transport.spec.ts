import { jest } from '@jest/globals';
import { transport } from '../../../src/client/inputs/transport.js';

const original = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = original;
});

/** A server that gives one answer, and what it was asked. */
function answering(response: () => Response) {
  const asked: { url: string; init: RequestInit }[] = [];
  globalThis.fetch = jest.fn((url: unknown, init: unknown) => {
    asked.push({ url: String(url), init: init as RequestInit });
    return Promise.resolve(response());
  }) as typeof fetch;
  return { routes: transport('/session/'), asked };
}

const json =
  (body: unknown): (() => Response) =>
  () =>
    Response.json(body);

test('a ping without a report has no query', async () => {
  const { routes, asked } = answering(json({ state: 'anonymous' }));
  expect((await routes.ping(1000)).reply).toEqual({ state: 'anonymous' });
  expect(asked[0]).toMatchObject({
    url: '/session/ping',
    init: { headers: { 'x-session-client': '1' }, cache: 'no-store', redirect: 'manual', keepalive: true },
  });
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
  await routes.ping(1000, { idleFor, session: 'k3 x9' });
  expect(asked[0]!.url).toBe(`/session/ping?idleFor=${seconds}&session=k3%20x9`);
});

test('seconds become milliseconds, and limits that are off stay null', async () => {
  const body = { state: 'active', idleFor: 3.2, expiresIn: 10, absoluteTimeout: null, session: 'a', loginUrl: '/in' };
  const { routes } = answering(json(body));
  expect((await routes.ping(1000)).reply).toEqual({ ...body, idleFor: 3200, expiresIn: 10_000 });
});

test.each([
  ['an error', () => new Response('{"state":"expired"}', { status: 500 })],
  ['a page of a proxy', () => new Response('<h1>Sign in to the WiFi</h1>')],
  ["somebody else's JSON", json({ status: 'ok' })],
  ['JSON that is no object', json(null)],
])('%s is not taken for an answer', async (_name, response) => {
  const { routes } = answering(response);
  const answer = await routes.ping(1000).catch(() => ({ reply: undefined }));
  expect(answer.reply).toBeUndefined();
});

test('the header Retry-After says when to ask again', async () => {
  const { routes } = answering(() => new Response('', { status: 503, headers: { 'Retry-After': '2' } }));
  expect(await routes.ping(1000)).toMatchObject({ reply: undefined, retryAfter: 2000 });
});

test('signing out is a POST', async () => {
  const { routes, asked } = answering(() => new Response(null, { status: 204 }));
  expect(await routes.end()).toMatchObject({ ok: true });
  expect(asked[0]).toMatchObject({
    url: '/session/end',
    init: { method: 'POST', headers: { 'x-session-client': '1' } },
  });
});
