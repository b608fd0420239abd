import { setTimeout as passed } from 'node:timers/promises';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
} from '@nestjs/common';
import { jest } from '@jest/globals';
import express, { type Request, type Response } from 'express';
import session, { MemoryStore } from 'express-session';
import request from 'supertest';
import { AllowExpired, MemoryLedger, SessionTimeoutService, TooManySessionsException } from '../../src/index.js';
import { type AppOptions, MINUTE, PagesController, startApp, stopApps, type TestApp } from '../support/app.js';
import type { UserSessions } from '../../src/ledger/user-sessions.js';
import { Gate } from '../support/gate.js';
import { collector } from '../support/logs.js';
import { ManualClock } from '../../src/testing/index.js';
import { eventually } from '../instances/support/binaries.js';
import { regenerated, saved } from '../support/session-calls.js';
import { sent } from '../support/sent.js';
import { sessionCookie } from '../support/cookies.js';

afterEach(stopApps);

@Catch(TooManySessionsException)
class FullFilter implements ExceptionFilter {
  catch(_exception: TooManySessionsException, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Response>().status(409).send('Too many');
  }
}

/** Ways to sign in, besides that of `PagesController`. */
@Controller()
class SignInController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('plain')
  @AllowExpired()
  plain(@Req() req: Request) {
    req.session.user = 'alice';
    return {};
  }

  @Post('streamed')
  @AllowExpired()
  streamed(@Req() req: Request, @Res() res: Response) {
    req.session.user = 'alice';
    res.write('a');
    res.end('b');
  }

  @Post('saved')
  @AllowExpired()
  async saved(@Req() req: Request) {
    req.session.user = 'alice';
    await saved(req.session);
    return {};
  }

  @Post('regenerated')
  @AllowExpired()
  async regenerated(@Req() req: Request) {
    await regenerated(req.session);
    req.session.user = 'alice';
    await saved(req.session);
    return {};
  }

  @Post('renewed')
  @AllowExpired()
  async renewed(@Req() req: Request) {
    req.session.user = 'alice';
    await this.sessions.renew(req);
    return {};
  }

  @Post('caught')
  @AllowExpired()
  async caught(@Req() req: Request) {
    req.session.user = 'alice';
    try {
      await this.sessions.renew(req);
      return { signedIn: true };
    } catch (error) {
      req.session.user = undefined as never;
      return { signedIn: false, refused: error instanceof TooManySessionsException };
    }
  }

  @Post('answered')
  @AllowExpired()
  async answered(@Req() req: Request, @Query('by') by: string, @Res() res: Response) {
    req.session.user = 'alice';
    const signedIn = by === 'renew' ? this.sessions.renew(req) : saved(req.session);
    await signedIn.then(
      () => res.send('Welcome'),
      () => res.status(409).send('Too many'),
    );
  }

  /** Tries alice first, and then another user. */
  @Post('instead')
  @AllowExpired()
  async instead(@Req() req: Request) {
    req.session.user = 'alice';
    await saved(req.session).catch(() => undefined);
    req.session.user = req.body.user;
    if (req.session.user === 'alice') throw new TooManySessionsException(1);
    return {};
  }

  @Post('filtered')
  @AllowExpired()
  @UseFilters(new FullFilter())
  filtered(@Req() req: Request) {
    req.session.user = 'alice';
    return saved(req.session);
  }

  @Post('become')
  become(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }
}

/** A store that cannot write for a while, or takes long to write. */
class FailingStore extends MemoryStore {
  fails = false;
  gate: Gate | undefined;

  override set(...given: Parameters<MemoryStore['set']>) {
    void Promise.resolve(this.gate?.pass()).then(() => {
      if (this.fails) given[2]?.(new Error('the store is away'));
      else super.set(...given);
    });
  }
}

const start = ({ options, ...rest }: AppOptions = {}) =>
  startApp({
    controllers: [PagesController, SignInController],
    options: { idleTimeout: '15m', absoluteTimeout: '12h', maxSessions: 1, ...options },
    ...rest,
  });

describe('maxSessions', () => {
  test('ends only the first session when a second one begins, and says why', async () => {
    const { signedIn, events } = await start();
    const first = await signedIn();
    const bob = await signedIn('bob');
    const second = await signedIn();
    const { body } = await first.get('/me').expect(401);
    expect(body).toMatchObject({
      reason: 'displaced',
      detail: 'You were signed out because you have signed in on too many devices.',
    });
    await second.get('/me').expect(200);
    await bob.get('/me').expect(200);
    expect(events.filter(({ type }) => type === 'ended')).toMatchObject([{ reason: 'displaced', user: 'alice' }]);
  });

  test('ends the session that gave up its place if the ledger does not name it', async () => {
    const ledger = new MemoryLedger();
    const { users } = ledger;
    const claim = {
      value: (...given: Parameters<typeof users.claim>) => ({ ...users.claim(...given), leaving: undefined }),
    };
    const { signedIn } = await start({
      options: { ledger: Object.assign(ledger, { users: Object.create(users, { claim }) }) },
    });
    const first = await signedIn();
    const second = await signedIn();
    expect((await first.get('/me').expect(401)).body.reason).toBe('displaced');
    await second.get('/me').expect(200);
  });

  test.each(['plain', 'streamed', 'saved', 'renewed'])('counts a sign-in that is %s', async (way) => {
    const { signedIn, browser, service } = await start();
    const first = await signedIn();
    const second = browser();
    await second.post(`/${way}`).expect(201);
    expect((await first.get('/me').expect(401)).body.reason).toBe('displaced');
    await second.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
  });

  test('leaves exactly one session open of fifty that begin at once', async () => {
    const { browser, service } = await start();
    const browsers = Array.from({ length: 50 }, () => browser());
    await Promise.all(browsers.map((some) => some.post('/login').send({ user: 'alice' }).expect(201)));
    const answers = await Promise.all(browsers.map((some) => some.get('/me')));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(49).fill(401)]);
    expect(await service.list('alice')).toHaveLength(1);
  });

  test('asks the ledger little for fifty that begin at once', async () => {
    const ledger = new MemoryLedger();
    const { browser } = await start({ options: { ledger } });
    const claim = jest.spyOn(ledger.users, 'claim');
    await Promise.all(Array.from({ length: 50 }, () => browser().post('/login').send({}).expect(201)));
    expect(claim.mock.calls.length).toBeLessThanOrEqual(2 * 50);
  });

  test('lets nobody wait for long for a sign-in of the same user that hangs', async () => {
    const ledger = new MemoryLedger();
    const { browser } = await start({ options: { ledger, ledgerTimeout: '100ms' } });
    jest.spyOn(ledger.users, 'claim').mockImplementationOnce(() => new Promise(() => {}));
    const answers = await Promise.all([1, 2, 3].map(() => browser().post('/login').send({})));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 503]);
  });

  test('answers 503 if the place of a session cannot be claimed, however often it is tried', async () => {
    const ledger = new MemoryLedger();
    const logs: string[] = [];
    const { browser } = await start({ options: { ledger }, logger: collector(logs) });
    jest.spyOn(ledger.users, 'claim').mockReturnValue({ admitted: false, members: [], leaving: [] });
    const { headers } = await browser().post('/login').send({}).expect(503);
    expect(headers).toMatchObject({ 'retry-after': '2' });
    expect(logs.join()).toContain('could not be claimed in 100 attempts');
  });

  test('counts a session that gets a new id once', async () => {
    const { signedIn, browser } = await start({ options: { maxSessions: 2 } });
    const other = await signedIn();
    const user = browser();
    await user.post('/plain').expect(201);
    for (let times = 0; times < 3; times += 1) await user.post('/renewed').expect(201);
    await other.get('/me').expect(200);
    await user.get('/me').expect(200);
  });

  test('counts the sessions of whoever they belong to now', async () => {
    const { signedIn } = await start();
    const bob = await signedIn('bob');
    const browser = await signedIn('alice');
    await browser.post('/become').send({ user: 'bob' }).expect(201);
    expect((await bob.get('/me').expect(401)).body.reason).toBe('displaced');
    const alice = await signedIn('alice');
    await browser.get('/me').expect(200, { user: 'bob' });
    await alice.get('/me').expect(200, { user: 'alice' });
  });

  test('knows exemptions, and numbers that come later', async () => {
    const maxSessions = async (_req: Request, user: string) => (user === 'admin' ? (false as const) : 1);
    const { signedIn } = await start({ options: { maxSessions } });
    const admins = [await signedIn('admin'), await signedIn('admin')];
    for (const admin of admins) await admin.get('/me').expect(200);
    const first = await signedIn();
    await signedIn();
    await first.get('/me').expect(401);
  });

  test('does not sign in by nonsense that a function returns', async () => {
    const { browser } = await start({ options: { maxSessions: () => 0 } });
    const some = browser();
    await some.post('/login').send({}).expect(500);
    await some.get('/me').expect(200, { user: null });
  });

  test('can be switched on while sessions are open', async () => {
    const ledger = new MemoryLedger();
    const before = await start({ options: { maxSessions: false, ledger } });
    await before.signedIn();
    await before.signedIn();
    const { signedIn, service } = await start({ options: { ledger } });
    await signedIn();
    expect(await service.list('alice')).toHaveLength(1);
  });

  test.each(['refuse', 'end-oldest'] as const)(
    'that was lowered refuses and ends no session that only gets a new id (%s)',
    async (whenFull) => {
      let maxSessions = 3;
      const { signedIn, browser, service } = await start({ options: { maxSessions: () => maxSessions, whenFull } });
      const browsers = [await signedIn(), await signedIn(), await signedIn()];
      maxSessions = 1;
      for (const some of browsers) await some.post('/renewed').expect(201);
      for (const some of browsers) await some.get('/me').expect(200);
      expect(await service.list('alice')).toHaveLength(3);
      await browser()
        .post('/plain')
        .expect(whenFull === 'refuse' ? 403 : 201);
    },
  );

  test("switched on with 'refuse' ends the sessions that have no place, and their browsers can go on", async () => {
    const store = new MemoryStore();
    const before = express().use(session({ secret: 'test', resave: false, saveUninitialized: false, store }));
    before.post('/login', (req, res) => {
      req.session.user = 'alice';
      res.end();
    });
    const cookies = [await request(before).post('/login'), await request(before).post('/login')].map(sessionCookie);
    const after = await start({ options: { whenFull: 'refuse' }, session: { store } });
    const ask = (path: string, which: number) => after.request.get(path).set('cookie', cookies[which] as string);
    await ask('/me', 0).expect(200, { user: 'alice' });
    const { body } = await ask('/me', 1).expect(401);
    expect(body.reason).toBe('displaced');
    await ask('/public', 1).expect(200, /"user":null/);
    await ask('/me', 0).expect(200, { user: 'alice' });
  });

  test('holds after a restart, when the sessions of before come back', async () => {
    const store = new MemoryStore();
    const cookie = async ({ request }: Pick<TestApp, 'request'>) =>
      sessionCookie(await request.post('/login').send({ user: 'alice' }).expect(201));
    const old = await cookie(await start({ session: { store } }));
    const after = await start({ session: { store } });
    const fresh = await cookie(after);
    const statuses = [old, fresh].map(async (each) => (await after.request.get('/me').set('cookie', each)).status);
    expect(await Promise.all(statuses)).toContain(401);
    expect(await after.service.list('alice')).toHaveLength(1);
  });

  test.each([0, -1, NaN, 1.5, Infinity, '3', true])('is not %p', async (maxSessions) => {
    await expect(start({ options: { maxSessions: maxSessions as never } })).rejects.toThrow(
      'maxSessions: must be a whole number from 1',
    );
  });

  test('needs to know users, and a ledger that can count them', async () => {
    await expect(start({ options: { identify: undefined } })).rejects.toThrow('maxSessions: needs the option identify');
    const ledger = { shared: false, open() {}, read() {}, advance() {}, end() {} };
    await expect(start({ options: { ledger: ledger as never } })).rejects.toThrow('maxSessions: needs a ledger');
  });
});

test.each(['refuse', 'end-oldest'] as const)(
  'report mode neither refuses nor ends a session (%s)',
  async (whenFull) => {
    const { signedIn, events, service } = await start({ options: { mode: 'report', whenFull } });
    const browsers = [await signedIn(), await signedIn()];
    expect(events).toMatchObject([{ type: 'started' }, { type: 'started' }]);
    expect(await service.list('alice')).toHaveLength(2);
    // Each session is known, so that it can be revoked.
    expect(await service.endAll('alice')).toBe(2);
    for (const browser of browsers) await browser.get('/me').expect(200, { user: null });
  },
);

describe('a sign-in that the ledger fails', () => {
  /** A ledger that does not open the next sessions. */
  const startFailing = async (options: AppOptions['options'] = {}) => {
    const clock = new ManualClock();
    const ledger = new MemoryLedger({ clock });
    const open = ledger.open.bind(ledger);
    const started = await start({ clock, options: { ledger, ...options } });
    const failing = async (work: () => Promise<unknown>) => {
      ledger.open = () => {
        throw new Error('away');
      };
      await work();
      ledger.open = open;
    };
    return { ...started, ledger, failing };
  };

  test.each(['end-oldest', 'end-least-recent'] as const)('displaces nobody (%s)', async (whenFull) => {
    const { signedIn, browser, failing, ledger, events, service } = await startFailing({ maxSessions: 2, whenFull });
    const browsers = [await signedIn(), await signedIn()];
    await failing(() => browser().post('/login').send({}).expect(503));
    for (const key of await ledger.users.due(100, MINUTE)) await ledger.users.expire(key, { keepFor: MINUTE });
    for (const some of browsers) await some.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'ended')).toEqual([]);
    await signedIn();
    expect(await service.list('alice')).toHaveLength(2);
  });

  test('displaces nobody, although the limit was lowered', async () => {
    let maxSessions = 3;
    const { signedIn, browser, failing, service } = await startFailing({ maxSessions: () => maxSessions });
    const browsers = [await signedIn(), await signedIn(), await signedIn()];
    maxSessions = 1;
    await failing(() => browser().post('/login').send({}).expect(503));
    for (const some of browsers) await some.get('/me').expect(200);
    await signedIn();
    expect(await service.list('alice')).toHaveLength(1);
  });

  test('displaces nobody, although the ledger fails for some time', async () => {
    const { signedIn, browser, failing, ledger, service } = await startFailing();
    const first = await signedIn();
    const claim = ledger.users.claim.bind(ledger.users);
    let claims = 0;
    ledger.users.claim = (...given) => {
      claims += 1;
      if (claims === 3) throw new Error('away');
      return claim(...given);
    };
    await failing(() => browser().post('/login').send({}).expect(503));
    await eventually(() => expect(claims).toBe(4));
    expect(ledger.users.expire((await service.list('alice'))[0]!.id, { keepFor: MINUTE })).toHaveProperty('dueIn');
    await first.get('/me').expect(200);
  });

  /** A ledger that takes long to answer claims, and the sign-in of a second browser, which fails because of that. */
  async function slowClaims(claimed: (claim: () => ReturnType<UserSessions['claim']>, late: Gate) => unknown) {
    const clock = new ManualClock();
    const ledger = new MemoryLedger({ clock });
    const users = ledger.users as UserSessions;
    const { signedIn, browser, service, events } = await start({ clock, options: { ledger, ledgerTimeout: 50 } });
    const first = await signedIn();
    const claim = users.claim.bind(users);
    const late = new Gate();
    let isDone = false;
    users.claim = async (user, key, wanted) => {
      if (isDone || wanted.evict.length === 0) return claim(user, key, wanted);
      isDone = true;
      return claimed(() => claim(user, key, wanted), late) as ReturnType<UserSessions['claim']>;
    };
    const released = jest.spyOn(users, 'release');
    await browser().post('/login').send({}).expect(503);
    const sweep = async () => {
      for (const key of await users.due(100, MINUTE)) await users.expire(key, { keepFor: MINUTE });
    };
    return { signedIn, first, service, events, released, sweep, answer: () => late.open() };
  }

  test.each<[string, number, (late: Gate) => Promise<void>]>([
    ['is lost', 1, () => Promise.reject(new Error('connection lost'))],
    ['comes too late', 2, (late) => late.pass()],
  ])('displaces nobody, although the ledger has given the place and its answer %s', async (_how, times, answered) => {
    const { signedIn, first, service, events, released, sweep, answer } = await slowClaims(async (claim, late) => {
      const claimed = await claim();
      await answered(late);
      return claimed;
    });
    answer();
    await eventually(() => expect(released).toHaveBeenCalledTimes(times));
    await sweep();
    await first.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
    await signedIn();
    expect(await service.list('alice')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1);
  });

  test('displaces nobody, although the ledger gives the place only after the sign-in has failed', async () => {
    const { first, service, released, sweep, answer } = await slowClaims(async (claim, late) => {
      await late.pass();
      return claim();
    });
    answer();
    await eventually(() => expect(released).toHaveBeenCalledTimes(2));
    await sweep();
    await first.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
  });

  test('does not free the place of a session that was to get a new id', async () => {
    const { signedIn, browser, failing, service } = await startFailing({ whenFull: 'refuse' });
    const user = await signedIn();
    await failing(() => user.post('/renewed').expect(503));
    await browser().post('/login').send({}).expect(403);
    await user.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
  });
});

describe('the sweep', () => {
  const INTERVAL = 10;
  /** Long enough for several runs. */
  const aWhile = () => passed(10 * INTERVAL);

  async function signingIn() {
    const store = new FailingStore();
    const started = await start({ session: { store }, options: { sweepInterval: INTERVAL } });
    const first = await started.signedIn();
    const gate = (store.gate = new Gate());
    const answer = sent(started.browser().post('/login').send({}));
    await gate.hasArrived();
    await aWhile();
    return { ...started, store, gate, first, answer };
  }

  test('ends no session whose place is taken by a sign-in that the store fails', async () => {
    const { store, gate, first, answer, events, service } = await signingIn();
    store.fails = true;
    gate.open();
    expect((await answer).status).toBe(503);
    await aWhile();
    await first.get('/me').expect(200, { user: 'alice' });
    expect(events.map(({ type }) => type)).toEqual(['started']);
    expect(await service.list('alice')).toHaveLength(1);
  });

  test('leaves the session to the sign-in that takes its place', async () => {
    const { gate, first, answer, events, service } = await signingIn();
    expect(events.map(({ type }) => type)).toEqual(['started']);
    gate.open();
    expect((await answer).status).toBe(201);
    expect((await first.get('/me').expect(401)).body.reason).toBe('displaced');
    await aWhile();
    expect(events.filter(({ type }) => type === 'ended')).toMatchObject([{ reason: 'displaced' }]);
    expect(await service.list('alice')).toHaveLength(1);
  });
});

describe('whenFull', () => {
  test('is the least recently active session by default, whatever the order of sign-ins', async () => {
    const { signedIn, clock } = await start({ options: { maxSessions: 2 } });
    const oldest = await signedIn();
    clock.advance(MINUTE);
    const idle = await signedIn();
    clock.advance(MINUTE);
    await oldest.get('/me').expect(200);
    await signedIn();
    await oldest.get('/me').expect(200);
    await idle.get('/me').expect(401);
  });

  test("is the oldest with 'end-oldest', however active it is", async () => {
    const { signedIn, clock } = await start({ options: { maxSessions: 2, whenFull: 'end-oldest' } });
    const oldest = await signedIn();
    clock.advance(MINUTE);
    const idle = await signedIn();
    clock.advance(MINUTE);
    await oldest.get('/me').expect(200);
    await signedIn();
    await oldest.get('/me').expect(401);
    await idle.get('/me').expect(200);
  });

  describe("with 'refuse'", () => {
    const options = { whenFull: 'refuse' } as const;

    test('refuses the sign-in, and nobody is signed in by it', async () => {
      const { signedIn, browser, service } = await start({ options });
      const first = await signedIn();
      const second = browser();
      const { body, headers } = await second.post('/login').send({ user: 'alice' }).expect(403);
      expect(headers['content-type']).toMatch('application/problem+json');
      expect(body).toMatchObject({ status: 403, code: 'TOO_MANY_SESSIONS', max: 1 });
      await second.get('/me').expect(200, { user: null });
      await first.get('/me').expect(200, { user: 'alice' });
      expect(await service.list('alice')).toHaveLength(1);
    });

    test.each(['plain', 'saved', 'regenerated', 'renewed'])(
      'refuses a sign-in that is %s, which is no error for the log',
      async (way) => {
        const logs: string[] = [];
        const { signedIn, browser } = await start({ options, logger: collector(logs) });
        await signedIn();
        const second = browser();
        const { body } = await second.post(`/${way}`).expect(403);
        expect(body).toMatchObject({ code: 'TOO_MANY_SESSIONS' });
        await second.get('/me').expect(200, { user: null });
        expect(logs.filter((line) => line.includes('session(s)'))).toEqual([]);
      },
    );

    test('lets nobody in by a stream, whose answer cannot change any more', async () => {
      const { signedIn, browser, service } = await start({ options });
      await signedIn();
      const second = browser();
      await second.post('/streamed');
      await second.get('/me').expect(200, { user: null });
      expect(await service.list('alice')).toHaveLength(1);
    });

    test.each(['answered?by=save', 'answered?by=renew', 'filtered'])(
      'lets a handler that was told, or its filter, answer by itself, and stores nothing: %s',
      async (way) => {
        const store = new MemoryStore();
        const { signedIn, browser, service } = await start({ options, session: { store } });
        await signedIn();
        const second = browser();
        const { headers } = await second.post(`/${way}`).expect(409, 'Too many');
        expect(headers).not.toHaveProperty('set-cookie');
        await second.get('/me').expect(200, { user: null });
        expect(await service.list('alice')).toHaveLength(1);
        expect(Object.keys((store as unknown as { sessions: object }).sessions)).toHaveLength(1);
      },
    );

    test('lets a global filter answer a sign-in that only fills the session', async () => {
      const { signedIn, browser } = await start({
        options,
        setup: (app) => void app.useGlobalFilters(new FullFilter()),
      });
      await signedIn();
      await browser().post('/plain').expect(409, 'Too many');
    });

    test('lets another user sign in after the first one was refused in the same request', async () => {
      const { signedIn, browser } = await start({ options });
      await signedIn('alice');
      const second = browser();
      await second.post('/instead').send({ user: 'alice' }).expect(403);
      await second.post('/instead').send({ user: 'carol' }).expect(201);
      await second.get('/me').expect(200, { user: 'carol' });
    });

    test('lets a handler answer by itself', async () => {
      const { signedIn, browser } = await start({ options });
      await signedIn();
      const second = browser();
      await second.post('/caught').expect(201, { signedIn: false, refused: true });
      await second.get('/me').expect(200, { user: null });
    });

    test('admits if the old session has idled out unseen, and tells of its end once', async () => {
      const { signedIn, clock, events } = await start({ options });
      const first = await signedIn();
      clock.advance(15 * MINUTE);
      const second = await signedIn();
      await second.get('/me').expect(200);
      expect((await first.get('/me').expect(401)).body.reason).toBe('idle');
      expect(events.filter(({ type }) => type === 'expired')).toMatchObject([{ reason: 'idle' }]);
    });

    test('keeps no place for a session that could not be opened', async () => {
      const ledger = new MemoryLedger();
      const { signedIn, browser, service } = await start({ options: { ...options, ledger } });
      const user = await signedIn();
      const open = ledger.open.bind(ledger);
      ledger.open = () => {
        ledger.open = open;
        throw new Error('away');
      };
      await user.post('/renewed').expect(503);
      await user.post('/renewed').expect(201);
      expect(await service.list('alice')).toHaveLength(1);
      await browser().post('/login').send({}).expect(403);
    });

    test.each(['login', 'plain', 'saved', 'renewed'])(
      'keeps no place for a session that could not be stored (%s)',
      async (way) => {
        const store = new FailingStore();
        const { browser, service, events } = await start({ options, session: { store } });
        store.fails = true;
        await browser().post(`/${way}`).send({}).expect(503);
        store.fails = false;
        expect(await service.list('alice')).toEqual([]);
        await browser().post(`/${way}`).send({}).expect(201);
        const started = events.filter(({ type }) => type === 'started').length;
        const expired = events.filter((event) => event.type === 'expired' && event.reason === 'lost').length;
        expect(started - expired).toBe(1);
      },
    );

    test('admits after a sign-out', async () => {
      const { signedIn } = await start({ options });
      const first = await signedIn();
      await first.post('/logout').expect(201);
      await signedIn();
    });

    test('admits exactly one of fifty at once', async () => {
      const { browser, service } = await start({ options });
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => browser().post('/login').send({ user: 'alice' })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(49).fill(403)]);
      expect(await service.list('alice')).toHaveLength(1);
    });
  });
});
