import fc from 'fast-check';
import { MINUTE, stopApps } from '../support/app.js';
import { headerValues } from '../support/raw-http.js';
import { changed, corpus, runs, wellFormed } from './support/runs.js';
import { startTarget, type Target } from './support/target.js';

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});

afterAll(async () => {
  target.redirectTo = '/login';
  await stopApps();
});

const HERE = 'http://site.example';

/** The origin that an application names, if a browser could read it as a complete URL. */
function meantOrigin(url: string): string {
  const [complete] = /^https?:\/\/[^/?#\\]*/i.exec(url) ?? [];
  return complete && URL.canParse(complete) ? new URL(complete).origin : HERE;
}

test('targets of redirects lead to this site, or to where the application itself says', async () => {
  await fc.assert(
    fc.asyncProperty(changed(corpus('redirect-targets')), changed(corpus('targets')), async (to, path) => {
      const { cookie } = await target.signIn('bob');
      target.redirectTo = to;
      target.clock.advance(15 * MINUTE);
      const fields = 'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html';
      const answers = await target.send(
        `GET ${path} HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n${fields}\r\nCookie: ${cookie}\r\n\r\n`,
      );
      target.check(answers);
      for (const answer of answers) {
        for (const place of headerValues(answer, 'location')) {
          const leads = new URL(place, `${HERE}/`);
          expect([HERE, meantOrigin(to)]).toContain(leads.origin);
          const back = leads.searchParams.get('returnTo');
          if (back !== null && !to.includes('returnTo')) expect(new URL(back, HERE).origin).toBe(HERE);
        }
      }
    }),
    runs(
      250,
      corpus('redirect-targets').map((to): [string, string] => [to, '/me']),
    ),
  );
});

const ids = fc.oneof(changed(corpus('ids')), fc.string({ unit: 'binary', maxLength: 300 }));

test('ids of sessions that end() is given end nobody, or are refused with a clear error', async () => {
  await fc.assert(
    fc.asyncProperty(ids, async (id) => {
      const ended = await target.service.end(id).catch((error: unknown) => error as Error);
      if (typeof ended !== 'boolean') expect(ended.message).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{10,300}$/u);
      expect(target.events.filter(({ type, user }) => type === 'ended' && user !== undefined)).toEqual([]);
      target.check([]);
    }),
    runs(
      400,
      corpus('ids').map((id): [string] => [id]),
    ),
  );
});

test('ids of sessions in a path end nothing', async () => {
  const { cookie } = await target.signIn('carol');
  await fc.assert(
    fc.asyncProperty(ids, fc.boolean(), async (id, isEncoded) => {
      const part = isEncoded ? encodeURIComponent(wellFormed(id)) : id;
      const fields = 'Host: site.example\r\nConnection: close\r\nSec-Fetch-Site: same-origin';
      const answers = await target.send(
        `DELETE /session/list/${part} HTTP/1.1\r\n${fields}\r\nCookie: ${cookie}\r\n\r\n`,
      );
      target.check(answers);
      const isWhole = isEncoded && part !== '' && !/^\.+$/.test(part);
      if (isWhole) expect([400, 404, 431]).toContain(answers[0]?.status);
    }),
    runs(
      300,
      corpus('ids').map((id): [string, boolean] => [id, true]),
    ),
  );
});
