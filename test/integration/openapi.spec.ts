import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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
    ]);
    expect(Object.keys(ping.responses)).toEqual(['200', '503']);
    expect(replies().map(({ title }) => title)).toEqual(['LiveSession', 'ExpiredSession', 'NoSession']);
  });

  test('describes the fields of its reply', async () => {
    const { signedIn, request, clock } = await startApp({
      options: { redirectTo: '/login', drafts: { secret: 'x'.repeat(32) } },
    });
    const browser = await signedIn();
    const live = await browser.get('/session/ping');
    clock.advance(15 * MINUTE);
    const expired = await browser.get('/session/ping');
    const anonymous = await request.get('/session/ping');
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
