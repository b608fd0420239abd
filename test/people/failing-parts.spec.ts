import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import { setTimeout as passed } from 'node:timers/promises';
import { type ActivityLedger, AllowExpired, MemoryLedger, SessionTimeoutService } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { eventually } from '../instances/support/binaries.js';
import { saved } from '../support/session-calls.js';
import { type AppOptions, MINUTE, PagesController, startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

@Controller()
class SignInController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  /** Tries to save the session until it succeeds. */
  @Post('persistent')
  @AllowExpired()
  async persistent(@Req() req: Request) {
    req.session.user = 'alice';
    await saved(req.session).catch(() => saved(req.session));
    return {};
  }

  @Post('ended')
  async ended(@Req() req: Request) {
    await this.sessions.end(req);
    return {};
  }

  @Post('renewed')
  async renewed(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }
}

/** A store that cannot write, or cannot delete some rows, for a while. */
class FailingStore extends MemoryStore {
  fails = false;
  failsOnce = false;
  isKept = (_id: string) => false;

  override set(...given: Parameters<MemoryStore['set']>) {
    const fails = this.fails || this.failsOnce;
    this.failsOnce = false;
    if (fails) given[2]?.(new Error('the store is away'));
    else super.set(...given);
  }

  override destroy(...given: Parameters<MemoryStore['destroy']>) {
    if (this.isKept(given[0])) given[1]?.(new Error('the store is away'));
    else super.destroy(...given);
  }
}

type Operation = 'open' | 'end' | 'claim';

/** A ledger that fails one operation the next time it is called. */
class OnceFailingLedger extends MemoryLedger {
  private readonly failures = new Map<Operation, (work: () => unknown) => unknown>();

  constructor(clock: ManualClock) {
    super({ clock });
    const claim = this.users.claim.bind(this.users);
    Object.assign(this.users, {
      claim: (...given: Parameters<typeof claim>) => this.do('claim', () => claim(...given)),
    });
  }

  /** @param how gets the work of the operation, and does it in time, too late, or not at all */
  failNext(operation: Operation, how: (work: () => unknown) => unknown): void {
    this.failures.set(operation, how);
  }

  override open(...given: Parameters<MemoryLedger['open']>) {
    return this.do('open', () => super.open(...given));
  }

  override end(...given: Parameters<MemoryLedger['end']>) {
    return this.do('end', () => super.end(...given));
  }

  private do<T>(operation: Operation, work: () => T): T {
    const how = this.failures.get(operation);
    this.failures.delete(operation);
    return how ? (how(work) as T) : work();
  }
}

const lost = (work: () => unknown) => {
  work();
  throw new Error('connection lost');
};
const refused = () => {
  throw new Error('away');
};
const late = async (work: () => unknown) => {
  await passed(1000);
  return work();
};

async function start({ options, session }: AppOptions = {}) {
  const clock = new ManualClock();
  const ledger = new OnceFailingLedger(clock);
  const app = await startApp({
    clock,
    controllers: [PagesController, SignInController],
    session: session ?? {},
    options: {
      idleTimeout: '15m',
      absoluteTimeout: '12h',
      ledgerTimeout: 100,
      sweepInterval: false,
      ledger: ledger as ActivityLedger,
      ...options,
    },
  });
  return { ...app, ledger };
}

describe('a sign-in whose session cannot be stored', () => {
  test.each(['end-oldest', 'end-least-recent'] as const)('displaces nobody (%s)', async (whenFull) => {
    const store = new FailingStore();
    const { signedIn, browser, service, events } = await start({
      options: { maxSessions: 2, whenFull },
      session: { store },
    });
    const browsers = [await signedIn(), await signedIn()];
    store.fails = true;
    await browser().post('/login').send({}).expect(503);
    store.fails = false;
    for (const some of browsers) await some.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(2);
    expect(events.map(({ type }) => type)).toEqual(['started', 'started']);
    await signedIn();
    expect(await service.list('alice')).toHaveLength(2);
  });

  test('leaves the session that was to get a new id', async () => {
    const store = new FailingStore();
    const { signedIn, browser, service } = await start({
      options: { maxSessions: 1, whenFull: 'refuse' },
      session: { store },
    });
    const user = await signedIn();
    store.fails = true;
    expect((await user.post('/renewed').expect(503)).headers).toHaveProperty('retry-after', '2');
    store.fails = false;
    await user.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
    await browser().post('/login').send({}).expect(403);
  });
});

describe('a sign-in whose session the ledger opens, but does not say so in time', () => {
  describe.each([
    ['without a limit', undefined],
    ['with a limit', 2],
  ])('%s', (_name, maxSessions) => {
    test.each([
      ['is lost', lost],
      ['comes too late', late],
    ])('leaves nothing on the list if the answer %s', async (_how, how) => {
      const { signedIn, browser, service, ledger, events, clock } = await start({ options: { maxSessions } });
      const browsers = [await signedIn(), await signedIn()];
      ledger.failNext('open', how);
      await browser().post('/login').send({}).expect(503);
      if (how === late) await passed(1100);
      for (const some of browsers) await some.get('/me').expect(200, { user: 'alice' });
      expect(await service.list('alice')).toHaveLength(2);
      // Nothing is told of a session that nobody has ever had, not even later.
      clock.advance(15 * MINUTE);
      for (const key of ledger.users.due(100, MINUTE) as string[]) ledger.users.expire(key, { keepFor: MINUTE });
      expect(events.filter((event) => 'session' in event).map(({ type }) => type)).toEqual(['started', 'started']);
    });
  });

  test.each([
    ['the ledger', 'open'],
    ['the store', undefined],
  ] as const)('counts if the handler tries again (%s has failed)', async (_what, operation) => {
    const store = new FailingStore();
    const { signedIn, browser, service, ledger, events } = await start({
      options: { maxSessions: 1 },
      session: { store },
    });
    const first = await signedIn();
    if (operation) ledger.failNext(operation, lost);
    else store.failsOnce = true;
    const second = browser();
    await second.post('/persistent').expect(201);
    await second.get('/me').expect(200, { user: 'alice' });
    expect((await first.get('/me').expect(401)).body.reason).toBe('displaced');
    expect(await service.list('alice')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'started')).toHaveLength(2);
    expect(await service.endAll('alice')).toBe(1);
    await second.get('/me').expect(401);
  });
});

test('a session that was to be displaced ends as soon as the ledger answers again', async () => {
  const { signedIn, ledger, events } = await start({ options: { maxSessions: 1 } });
  const first = await signedIn();
  ledger.failNext('end', refused);
  await signedIn();
  const isDisplaced = ({ type }: { type: string }) => type === 'ended';
  await eventually(() => expect(events.filter(isDisplaced)).toMatchObject([{ reason: 'displaced', user: 'alice' }]));
  await first.get('/me').expect(401);
});

test('a session gets its place back even if the application stops', async () => {
  const { app, signedIn, browser, service, ledger } = await start({ options: { maxSessions: 1 } });
  await signedIn();
  const { id } = (await service.list('alice'))[0]!;
  ledger.failNext('open', () => {
    ledger.failNext('claim', refused);
    throw new Error('away');
  });
  await browser().post('/login').send({}).expect(503);
  await app.close();
  expect(ledger.users.expire(id, { keepFor: MINUTE })).toHaveProperty('dueIn');
});

test('a sign-out by the route of the module gets 503 while the ledger cannot end a session', async () => {
  const { signedIn, ledger } = await start();
  const alice = await signedIn();
  const refuse = () => {
    ledger.failNext('end', refuse);
    return refused();
  };
  ledger.failNext('end', refuse);
  const { headers } = await alice.post('/session/end').set('Sec-Fetch-Site', 'same-origin').expect(503);
  expect(headers).toMatchObject({ 'retry-after': '2' });
  await alice.get('/me').expect(200);
});

test('a row that cannot be deleted keeps no sign-out waiting', async () => {
  const store = new FailingStore();
  const { signedIn, ledger, service } = await start({ session: { store } });
  const bob = await signedIn('bob');
  const alice = await signedIn();
  const { id } = (await service.list('alice'))[0]!;
  store.isKept = () => true;
  await bob.post('/ended').expect(201);
  ledger.failNext('end', refused);
  await alice.post('/ended').expect(503);
  await eventually(() => expect(ledger.read(id)).toMatchObject({ state: 'ended', reason: 'signed-out' }));
});
