import { MemoryStore } from 'express-session';
import { presets, type SessionTimeoutOptions } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { MINUTE, startApp, stopApps, type TestApp } from '../../support/app.js';
import { hasRow, sessionCookie } from '../../support/cookies.js';

afterEach(stopApps);

type App = TestApp & { readonly cookie: string; readonly hash: string };

/** Whom the request of a browser is served as. */
async function whom({ request }: TestApp, cookie: string): Promise<unknown> {
  const { body } = await request.get('/me').set('cookie', cookie);
  return body.user ?? null;
}

async function signedIn(app: TestApp, user = 'alice'): Promise<string> {
  return sessionCookie(await app.request.post('/login').send({ user }).expect(201));
}

/** An application on a store that survives a restart, with a ledger that does not. */
function site(options: SessionTimeoutOptions = {}, store: MemoryStore = new MemoryStore()) {
  const clock = new ManualClock();
  return async () => startApp({ clock, session: { store }, options });
}

/** Fails to delete a row once. */
class StumblingStore extends MemoryStore {
  stumbles = false;

  override destroy(id: string, done?: (error?: unknown) => void): void {
    if (!this.stumbles) return super.destroy(id, done);
    this.stumbles = false;
    done?.(new Error('try again'));
  }
}

describe('a session that ended without a request, with a ledger in memory', () => {
  const ends: Record<string, (app: App) => unknown> = {
    'by its hash': ({ service, hash }) => service.end(hash),
    'with all sessions of its user': ({ service }) => service.endAll('alice'),
    'on the list, in another browser': async (app) => {
      const cookie = await signedIn(app);
      await app.request.delete(`/session/list/${app.hash}`).set({ cookie, 'x-session-client': '1' }).expect(204);
    },
    'because its user has signed in too often': async (app) => {
      await signedIn(app);
      await signedIn(app);
    },
    'at a limit that the list has found': async ({ service, clock }) => {
      clock.advance(20 * MINUTE);
      expect(await service.list('alice')).toEqual([]);
    },
  };

  describe.each<SessionTimeoutOptions>([{ maxSessions: 2 }, { maxSessions: 2, limitsFor: () => presets.pciDss }])(
    'and options %j',
    (options) => {
      const differing = options.limitsFor ? Object.keys(ends) : Object.keys(ends).slice(0, -1);

      test.each(differing)('%s, stays ended after a restart', async (how) => {
        const start = site(options);
        const app = await start();
        const cookie = await signedIn(app);
        const [info] = await app.service.list('alice');
        await ends[how]?.({ ...app, cookie, hash: info?.id as string });
        expect(await whom(await start(), cookie)).toBeNull();
      });
    },
  );

  test('has no row any more, and still tells the reason', async () => {
    const app = await site()();
    const cookie = await signedIn(app);
    await app.service.endAll('alice');
    expect(hasRow(app, cookie)).toBe(false);
    const { body } = await app.request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'revoked' });
  });

  test('stays ended also if its row cannot be deleted at once', async () => {
    const store = new StumblingStore();
    const start = site({}, store);
    const app = await start();
    const cookie = await signedIn(app);
    store.stumbles = true;
    await app.service.endAll('alice');
    expect(hasRow(app, cookie)).toBe(true);
    await app.app.close();
    expect(await whom(await start(), cookie)).toBeNull();
  });

  test('leaves the rows of others alone, also in report mode if it has not been revoked', async () => {
    const app = await site({ mode: 'report' })();
    const cookie = await signedIn(app);
    const [info] = await app.service.list('alice');
    await app.service.end(info?.id as string, 'signed-out');
    expect(hasRow(app, cookie)).toBe(true);
    expect(await whom(app, cookie)).toBe('alice');
  });
});

describe('sessions that no request has shown since a restart', () => {
  test('end when they come if all sessions of their user were ended meanwhile', async () => {
    const start = site();
    const before = await start();
    const [thief, other, bob] = [await signedIn(before), await signedIn(before), await signedIn(before, 'bob')];

    const after = await start();
    await after.service.endAll('alice');
    const { body } = await after.request.get('/me').set('cookie', thief).expect(401);
    expect(body).toMatchObject({ reason: 'revoked' });
    expect(await whom(after, bob)).toBe('bob');
    expect(await whom(await start(), other)).toBe('alice');
  });

  test('but not the one that is to go on, nor those that begin afterwards', async () => {
    const start = site();
    const before = await start();
    const [own, thief] = [await signedIn(before), await signedIn(before)];
    const [{ id } = { id: '' }] = await before.service.list('alice');

    const after = await start();
    await after.service.endAll('alice', { except: id });
    expect(await whom(after, own)).toBe('alice');
    expect(await whom(after, thief)).toBeNull();
    expect(await whom(after, await signedIn(after))).toBe('alice');
  });

  test('one that was spared once ends with the next call', async () => {
    const start = site();
    const before = await start();
    const own = await signedIn(before);
    const [{ id } = { id: '' }] = await before.service.list('alice');

    const after = await start();
    await after.service.endAll('alice');
    await after.service.endAll('alice', { except: id });
    expect(await whom(after, own)).toBeNull();
  });

  test('are told the reason of the call', async () => {
    const start = site();
    const cookie = await signedIn(await start());
    const { service, request, events } = await start();
    await service.endAll('alice', { reason: 'signed-out' });
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'signed-out' });
    expect(events).toMatchObject([{ type: 'ended', reason: 'signed-out', user: 'alice' }]);
  });
});
