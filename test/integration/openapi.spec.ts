import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sessionCookie } from '../support/cookies.js';
import { MINUTE, startApp, stopApps } from '../support/app.js';

interface Operation {
  responses: Record<string, { description: string; content?: Record<string, { schema: Record<string, unknown> }> }>;
  parameters?: { name: string; in: string; required: boolean }[];
}

type Paths = Record<string, Record<string, Operation>>;

let paths: Paths;

afterEach(stopApps);

beforeAll(async () => {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const loader = path('../instances/support/typescript.js');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', loader, path('support/openapi.ts')]);
  ({ paths } = JSON.parse(stdout) as { paths: Paths });
});

/** The answers that the document tells of. */
function answers(path: string, method: string): string[] {
  return Object.keys(paths[path]?.[method]?.responses ?? {});
}

/** The replies of the ping that it tells of. */
function replies(): { title: string; properties: object }[] {
  const { schema } = paths['/session/ping']?.['get']?.responses['200']?.content?.['application/json'] ?? {};
  return schema?.['oneOf'] as { title: string; properties: object }[];
}

describe('the OpenAPI document of an application that has @nestjs/swagger', () => {
  test('describes the ping', () => {
    const ping = paths['/session/ping']?.['get'] as Operation;
    expect(ping.parameters).toMatchObject([
      { name: 'idleFor', in: 'query', required: false },
      { name: 'session', in: 'query', required: false },
      { name: 'n', in: 'query', required: false },
    ]);
    expect(Object.keys(ping.responses)).toEqual(['200', '503']);
    expect(replies().map(({ title }) => title)).toEqual(['LiveSession', 'ExpiredSession', 'NoSession']);
  });

  test('describes the fields of its reply', async () => {
    const { signedIn, request, clock, store } = await startApp({
      options: { redirectTo: '/login', drafts: { secret: 'x'.repeat(32) } },
    });
    const browser = await signedIn();
    const ping = '/session/ping?n=1';
    const live = await browser.get(ping);
    clock.advance(15 * MINUTE);
    const expired = await browser.get(ping);
    const cookie = sessionCookie(await request.post('/note').send({ note: 'gone' }));
    for (const id of Object.keys(store.sessions)) delete store.sessions[id];
    const anonymous = await request.get(ping).set('Cookie', cookie);
    const names = (reply: object) => Object.keys(reply).toSorted();
    expect(replies().map(({ properties }) => names(properties))).toEqual(
      [live, expired, anonymous].map(({ body }) => names(body)),
    );
  });

  test('describes the key for drafts', () => {
    expect(answers('/session/draft-key', 'get')).toEqual(['200', '401', '403', '404', '503']);
    expect(answers('/session/drafts.js', 'get')).toEqual([]);
  });

  test('describes the sign-out route, and not the client script', () => {
    expect(answers('/session/end', 'post')).toEqual(['204', '403', '503']);
    expect(paths).not.toHaveProperty(['/session/client.js']);
  });

  test('describes the list of sessions, and how they are ended', () => {
    expect(answers('/session/list', 'get')).toEqual(['200', '403', '404', '503']);
    expect(answers('/session/list', 'delete')).toEqual(['200', '403', '404', '503']);
    expect(answers('/session/list/{id}', 'delete')).toEqual(['204', '403', '404', '503']);
    expect(paths['/session/list/{id}']?.['delete']?.parameters).toMatchObject([{ name: 'id', in: 'path' }]);
    expect(paths['/session/list']?.['delete']?.parameters).toMatchObject([
      { name: 'current', in: 'query', required: false },
    ]);
  });

  test('describes the fields of the list', async () => {
    const { signedIn } = await startApp({ options: { describeDevice: () => device } });
    const device = { browser: 'Firefox', system: 'Linux', kind: 'desktop', address: '10.0.0.1' } as const;
    const browser = await signedIn();
    const own = { 'Sec-Fetch-Site': 'same-origin' };
    const { body } = await browser.get('/session/list').set(own).expect(200);
    const { schema } = paths['/session/list']?.['get']?.responses['200']?.content?.['application/json'] ?? {};
    const described = schema?.['properties'] as Record<string, { items: { properties: Record<string, object> } }>;
    const fields = described['sessions']?.items.properties as Record<string, object>;
    const names = (reply: object) => Object.keys(reply).toSorted();
    expect(names(described)).toEqual(names(body));
    expect(names(fields)).toEqual(names(body.sessions[0]));
    expect(names((fields['device'] as { properties: object }).properties)).toEqual(names(device));
    const { body: problem } = await browser.delete('/session/list/unknown').set(own).expect(404);
    const refusal = paths['/session/list/{id}']?.['delete']?.responses['404']?.content?.['application/problem+json'];
    expect(names(refusal?.schema['properties'] as object)).toEqual(names(problem));
    const { body: ended } = await browser.delete('/session/list').set(own).expect(200);
    const reply = paths['/session/list']?.['delete']?.responses['200']?.content?.['application/json']?.schema;
    expect(names(reply?.['properties'] as object)).toEqual(names(ended));
  });

  test('adds the 401 to the other answers of handlers that refuse expired sessions', () => {
    expect(answers('/notes', 'get')).toEqual(['200', '401']);
    expect(answers('/notes', 'delete')).toEqual(['401', '404']);
    expect(answers('/auth/logout', 'post')).toEqual(['204', '401']);
    const { schema } = paths['/notes']?.['get']?.responses['401']?.content?.['application/problem+json'] ?? {};
    expect(schema).toMatchObject({ properties: { code: { enum: ['SESSION_EXPIRED'] }, reason: {} } });
  });

  test('adds no 401 to handlers with @AllowExpired()', () => {
    expect(answers('/auth/login', 'post')).toEqual(['201']);
    expect(answers('/public', 'get')).toEqual(['200']);
  });

  test("keeps the application's own description of a 401", () => {
    expect(paths['/auth/me']?.['get']?.responses['401']?.description).toBe('In our own words');
  });
});
