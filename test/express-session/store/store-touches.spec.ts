import type { Request } from 'express';
import { MemoryStore, type SessionData } from 'express-session';
import { httpSessionOf } from '../../../src/express-session/session-of-request.js';
import type { StoreHooks } from '../../../src/express-session/store/store-hooks.js';
import { HOUR, MINUTE } from '../../support/time.js';
import { stopTheClock } from '../support/stopped-clock.js';
import { fill, outcome, serveTaken, showing } from '../support/taken-server.js';

stopTheClock();

describe('touch()', () => {
  /** One that counts, and fails if it is told to. It is a MemoryStore by name, too. */
  function countingStore() {
    const store = new MemoryStore();
    const count = { touches: 0, failure: undefined as Error | undefined };
    store.touch = (...args) => {
      count.touches += 1;
      if (count.failure) (args[2] as ((error: Error) => void) | undefined)?.(count.failure);
      else MemoryStore.prototype.touch.apply(store, args);
    };
    return { store, count };
  }

  async function touching(act: (req: Request) => unknown, spares: boolean, cookie: object = {}) {
    const { store, count } = countingStore();
    const lifetimes: number[] = [];
    const told: string[] = [];
    const hooks: Partial<StoreHooks> = {
      arrived: (session) => void (session.application = server.hooks),
      sparesTouch: (_session, lifetime) => {
        lifetimes.push(lifetime);
        return spares;
      },
      touched: ({ id }) => void told.push(id),
    };
    const server = serveTaken([showing(act)], hooks, { store, cookie });
    return { ...server, ...(await fill(server)), count, lifetimes, told };
  }

  test.each([
    ['spared', true, 0],
    ['passed on', false, 1],
  ])('is %s as the application says, who knows how long the row lives', async (_what, spares, touches) => {
    const { browser, count, lifetimes, told, id } = await touching(() => 'fine', spares);
    await browser.get('/').expect(200, { seen: 'fine' });
    expect(count.touches).toBe(touches);
    expect(lifetimes).toEqual([Infinity]);
    expect(told).toEqual(touches ? [id] : []);
  });

  const changes: [string, (cookie: Request['session']['cookie']) => unknown][] = [
    ['another lifetime', (cookie) => (cookie.maxAge = 2 * HOUR)],
    ['no lifetime', (cookie) => Object.assign(cookie, { maxAge: null })],
    ['another path', (cookie) => (cookie.path = '/app')],
    ['another sameSite', (cookie) => (cookie.sameSite = 'lax')],
  ];

  test.each(changes)('is passed on if somebody has given the cookie %s', async (_what, change) => {
    const act = (req: Request) => {
      change(req.session.cookie);
      return httpSessionOf(req).hasNewCookie;
    };
    const { browser, count } = await touching(act, true, { maxAge: HOUR });
    await browser.get('/').expect(200, { seen: true });
    expect(count.touches).toBe(1);
  });

  test.each([
    ['nothing', () => undefined],
    ['the same lifetime', (req: Request) => (req.session.cookie.maxAge = HOUR)],
    ['touch()', (req: Request) => void req.session.touch()],
  ])('is spared after %s', async (_what, change) => {
    const act = (req: Request) => {
      change(req);
      return httpSessionOf(req).hasNewCookie;
    };
    const { browser, count, lifetimes } = await touching(act, true, { maxAge: HOUR });
    await browser.get('/').expect(200, { seen: false });
    expect(count.touches).toBe(0);
    expect(lifetimes).toEqual([HOUR]);
  });

  test('of a store that is not known is passed on, whatever the application says', async () => {
    class OtherStore extends MemoryStore {
      options = { ttl: 60 };
    }
    const { store: counting, count } = countingStore();
    const store = Object.assign(new OtherStore(), { touch: counting.touch });
    const hooks: Partial<StoreHooks> = {
      arrived: (session) => void (session.application = server.hooks),
      sparesTouch: () => true,
    };
    const server = serveTaken([showing(() => 'fine')], hooks, { store });
    await fill(server);
    await server.browser.get('/').expect(200);
    expect(count.touches).toBe(1);
  });

  test('by hand reaches the store, with a callback and without', async () => {
    const act = async (req: Request) => {
      store.touch(req.sessionID, req.session as SessionData);
      const { cookie } = req.session;
      store.touch('another', { cookie } as SessionData);
      await outcome((done) => store.touch('another', { cookie } as SessionData, done as () => void));
      return count.touches;
    };
    const { browser, store, count } = await touching(act, true);
    await browser.get('/').expect(200, { seen: 3 });
  });

  test('passes on the error of the store, and the row does not count as touched', async () => {
    const act = async (req: Request) => {
      count.failure = new Error('read only');
      const failure = await outcome((done) =>
        store.touch(req.sessionID, req.session as SessionData, done as () => void),
      );
      count.failure = undefined;
      return { failure, told: [...told] };
    };
    const { browser, store, count, told } = await touching(act, false, { maxAge: 10 * MINUTE });
    await browser.get('/').expect(200, { seen: { failure: 'read only', told: [] } });
  });
});
