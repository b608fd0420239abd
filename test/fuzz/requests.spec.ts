import fc from 'fast-check';
import { stopApps } from '../support/app.js';
import { changed, corpus, runs, wellFormed } from './support/runs.js';
import { startTarget, type Target } from './support/target.js';

let target: Target;
let cookie: string;

beforeAll(async () => {
  target = await startTarget();
  ({ cookie } = await target.signIn());
});

afterAll(async () => {
  await target.stillServes();
  await stopApps();
});

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE', 'OPTIONS', 'PUT') },
  { weight: 1, arbitrary: fc.constantFrom('get', 'CONNECT', 'TRACE', 'PRI', 'G\u00cbT', '') },
);
const version = fc.oneof(
  { weight: 8, arbitrary: fc.constant('HTTP/1.1') },
  { weight: 1, arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'http/1.1', '') },
);
const ofTargets = changed(corpus('targets'));
const ofHeaders = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...corpus('headers')) }, changed(corpus('headers'))),
  { maxLength: 5 },
);

test('request lines and headers of any kind get an answer, and nobody else is harmed', async () => {
  const request = fc.record({ method, path: ofTargets, version, headers: ofHeaders, hasCookie: fc.boolean() });
  const known = corpus('targets').map((path): [typeof request extends fc.Arbitrary<infer T> ? T : never] => [
    { method: 'GET', path, version: 'HTTP/1.1', headers: ['Sec-Fetch-Mode: navigate'], hasCookie: true },
  ]);
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, version, headers, hasCookie }) => {
      const fields = [
        'Host: site.example',
        'Connection: close',
        ...headers,
        ...(hasCookie ? [`Cookie: ${cookie}`] : []),
      ];
      const answers = await target.send(`${method} ${path} ${version}\r\n${fields.join('\r\n')}\r\n\r\n`);
      target.check(answers);
      // It may have signed out.
      if (path.includes('end') || method === 'DELETE') ({ cookie } = await target.signIn());
    }),
    runs(500, known),
  );
});

const PATHS = ['/me', '/session/ping', '/nowhere'] as const;

test('cookies of any kind get an answer, and are nobody or whose they are', async () => {
  await fc.assert(
    fc.asyncProperty(changed(corpus('cookies')), fc.constantFrom(...PATHS), async (text, path) => {
      const sent = text.replaceAll('{signed}', cookie.slice('connect.sid='.length));
      const answers = await target.send(
        `GET ${path} HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\nCookie: ${sent}\r\n\r\n`,
      );
      target.check(answers);
      for (const { status, body } of path === '/me' ? answers : []) {
        if (status === 200) expect(['{"user":null}', '{"user":"alice"}']).toContain(body.toString());
      }
    }),
    runs(
      300,
      corpus('cookies').map((text): [string, (typeof PATHS)[number]] => [text, '/me']),
    ),
  );
});

test('reports of any kind get an answer, and move nothing beyond the present', async () => {
  await fc.assert(
    fc.asyncProperty(changed(corpus('reports')), async (query) => {
      const { cookie } = await target.signIn();
      const path = `/session/ping?${encodeURI(wellFormed(query))}`;
      const fields = `Host: site.example\r\nConnection: close\r\nX-Session-Client: 1\r\nCookie: ${cookie}`;
      const answers = await target.send(`GET ${path} HTTP/1.1\r\n${fields}\r\n\r\n`);
      target.check(answers);
      for (const { status, body } of answers) {
        if (status !== 200) continue;
        expect(JSON.parse(body.toString())).toMatchObject({ state: 'active', expiresIn: 900 });
      }
    }),
    runs(
      250,
      corpus('reports').map((query): [string] => [query]),
    ),
  );
});
