import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import type { AuditEntry } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type AppOptions, PagesController, startApp, stopApps } from '../support/app.js';
import { sessionCookie } from '../support/cookies.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';
import { SharedLedger } from '../support/shared-ledger.js';

afterEach(stopApps);

let gate = new Gate();
beforeEach(() => void (gate = new Gate()));

@Controller()
class SlowController {
  @Get('slow')
  async slow(@Req() req: Request) {
    await gate.pass();
    req.session['seen'] = true;
    return {};
  }
}

type Done = (error?: unknown, found?: unknown) => void;
type ListDone = Parameters<MemoryStore['all']>[0];

const rowsOf = (store: MemoryStore) => (store as unknown as { sessions: Record<string, string> }).sessions;

/** Lists its sessions as connect-redis does. */
class ListingStore extends MemoryStore {
  readonly options = {};

  ids(done: Done): Promise<void> {
    return Promise.resolve().then(() => done(null, Object.keys(rowsOf(this))));
  }

  override all(done: ListDone): void {
    done(new Error('too many'));
  }
}

/** Clears as connect-redis does: asynchronously, and perhaps without a callback. */
class PromisingStore extends MemoryStore {
  override async clear(done?: Done): Promise<void> {
    await new Promise<void>((resolve) => super.clear(() => resolve()));
    done?.();
  }
}

/** Lists its sessions as most stores do. */
class ObjectStore extends MemoryStore {
  readonly options = {};
  readonly ids = 'uuid';
}

/** Cannot say which sessions it has. */
class SilentStore extends ObjectStore {
  override all = undefined as never;
}

class FailingStore extends ObjectStore {
  override all(done: ListDone): void {
    done(new Error('away'));
  }
}

const cleared = (store: MemoryStore) =>
  new Promise<unknown>((resolve) => void store.clear((error: unknown) => resolve(error)));

async function start(store: MemoryStore, given: AppOptions['options'] = {}) {
  const clock = new ManualClock();
  const audited: AuditEntry[] = [];
  const app = await startApp({
    clock,
    controllers: [PagesController, SlowController],
    session: { store },
    options: { audit: (entry) => void audited.push(entry), ...given },
  });
  const signIn = async (user: string) => sessionCookie(await app.request.post('/login').send({ user }));
  const get = (path: string, cookie: string) => app.request.get(path).set('cookie', cookie);
  return { ...app, audited, signIn, get };
}

describe.each([
  ['its own', MemoryStore],
  ['one with ids()', ListingStore],
  ['one with all()', ObjectStore],
  ['one with promises', PromisingStore],
])('an application that clears the store of express-session (%s)', (_kind, Store) => {
  test('ends all sessions, and the answers say so', async () => {
    const store = new Store();
    const { signIn, get, service, events, audited } = await start(store);
    const [alice, bob] = [await signIn('alice'), await signIn('bob')];
    expect(await cleared(store)).toBeFalsy();
    expect(rowsOf(store)).toEqual({});
    for (const cookie of [alice, bob]) {
      expect((await get('/me', cookie).expect(401)).body).toMatchObject({ reason: 'revoked' });
    }
    expect(await service.list('alice')).toEqual([]);
    expect(events.filter(({ type }) => type === 'ended')).toMatchObject([
      { reason: 'revoked', user: 'alice' },
      { reason: 'revoked', user: 'bob' },
    ]);
    expect(audited.at(-1)).toMatchObject({ type: 'ended', by: 'application' });
    const again = await signIn('alice');
    await get('/me', again).expect(200, { user: 'alice' });
  });

  test('frees the places of users', async () => {
    const store = new Store();
    const { signIn, get } = await start(store, { maxSessions: 1, whenFull: 'refuse' });
    await signIn('alice');
    await cleared(store);
    await get('/me', await signIn('alice')).expect(200, { user: 'alice' });
  });

  test.each([
    ['in memory', false],
    ['shared', true],
  ])(
    'ends a session for good, although one of its requests is still under way (ledger %s)',
    async (_ledger, shared) => {
      const store = new Store();
      const { signIn, get } = await start(store, shared ? { ledger: new SharedLedger() } : {});
      const alice = await signIn('alice');
      const slow = sent(get('/slow', alice));
      await gate.hasArrived();
      await cleared(store);
      gate.open();
      await slow;
      expect(rowsOf(store)).toEqual({});
      await get('/me', alice).expect(401);
    },
  );

  test('does not have to wait for it', async () => {
    const store = new Store();
    const { signIn, get } = await start(store);
    const alice = await signIn('alice');
    store.clear();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await get('/me', alice).expect(401);
    expect(rowsOf(store)).toEqual({});
  });

  test('has visitors without a session afterwards', async () => {
    const store = new Store();
    const { request, get, events } = await start(store);
    const visitor = sessionCookie(await request.post('/note').send({ note: 'a' }).expect(201));
    await cleared(store);
    await get('/me', visitor).expect(200, { user: null });
    expect(events).toEqual([]);
  });
});

test('a store that cannot say which sessions it has is cleared all the same', async () => {
  const store = new SilentStore();
  const { signIn, get } = await start(store);
  const alice = await signIn('alice');
  expect(await cleared(store)).toBeFalsy();
  await get('/me', alice).expect(200, { user: null });
});

test('a store that fails to say which sessions it has is cleared, and the caller gets the error', async () => {
  const store = new FailingStore();
  const { signIn } = await start(store);
  await signIn('alice');
  expect(await cleared(store)).toMatchObject({ message: 'away' });
  expect(rowsOf(store)).toEqual({});
});

test('in report mode, a store is cleared as without the module', async () => {
  const store = new MemoryStore();
  const { signIn, get } = await start(store, { mode: 'report' });
  const alice = await signIn('alice');
  expect(await cleared(store)).toBeFalsy();
  await get('/me', alice).expect(200, { user: null });
});

test('the store gets its own clear() back', async () => {
  const store = new MemoryStore();
  const { app } = await start(store);
  await app.close();
  expect(Object.keys(store)).not.toContain('clear');
});
