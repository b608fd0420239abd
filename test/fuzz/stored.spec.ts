import fc from 'fast-check';
import { MARKER } from '../../src/express-session/marker.js';
import { sessionKey } from '../../src/express-session/session-key.js';
import { stopApps } from '../support/app.js';
import { changed, corpus, runs } from './support/runs.js';
import { startTarget, type Target } from './support/target.js';

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});

afterAll(async () => {
  await target.stillServes();
  await stopApps();
});

const ask = (cookie: string, path: string, fields = '') =>
  target.send(`GET ${path} HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n${fields}Cookie: ${cookie}\r\n\r\n`);

/** Writes a row, and asks for pages with it, as often as it takes to see that it never goes on failing. */
async function serveWith(row: string): Promise<void> {
  const { cookie, id } = await target.signIn();
  target.store.sessions[decodeURIComponent(id)] = row;
  for (const [path, fields] of [
    ['/me', ''],
    ['/session/ping', ''],
    ['/me', 'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n'],
    ['/by-itself', ''],
  ] as const) {
    const answers = await ask(cookie, path, fields);
    target.check(answers);
    expect(answers).toHaveLength(1);
    for (const { status, body } of answers) {
      expect([200, 303, 401]).toContain(status);
      if (path === '/me' && status === 200) JSON.parse(body.toString());
    }
  }
}

test('rows of any kind get an answer', async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const row = fc.oneof(
    { weight: 3, arbitrary: changed(corpus('rows')) },
    { weight: 1, arbitrary: value.map((json) => JSON.stringify(json)) },
    {
      weight: 2,
      arbitrary: fc
        .record({ cookie: fc.oneof(value, fc.dictionary(fc.constantFrom('originalMaxAge', 'expires', 'path'), value)) })
        .map((json) => JSON.stringify({ ...json, user: 'alice' })),
    },
  );
  await fc.assert(
    fc.asyncProperty(row, serveWith),
    runs(
      250,
      corpus('rows').map((text): [string] => [text]),
    ),
  );
});

test('markers of any kind get an answer', async () => {
  const value: fc.Arbitrary<unknown> = fc.oneof(changed(corpus('markers')), fc.jsonValue({ maxDepth: 2 }));
  await fc.assert(
    fc.asyncProperty(value, async (marker) => {
      const { cookie, id } = await target.signIn();
      const sessionId = decodeURIComponent(id);
      const mark = sessionKey(sessionId).slice(0, 16);
      const written = typeof marker === 'string' ? marker.replaceAll('{mark}', mark) : marker;
      const row = JSON.parse(target.store.sessions[sessionId] as string) as object;
      target.store.sessions[sessionId] = JSON.stringify({ ...row, [MARKER]: written });
      for (const path of ['/me', '/me', '/session/ping']) {
        const answers = await ask(cookie, path);
        target.check(answers);
        for (const { status } of answers) expect([200, 401]).toContain(status);
      }
    }),
    runs(
      200,
      corpus('markers').map((text): [unknown] => [text]),
    ),
  );
});
