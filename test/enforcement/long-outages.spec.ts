import { Controller, Get, Head, type INestApplication, Sse, type Type } from '@nestjs/common';
import type { Request, Response } from 'express';
import { MemoryStore } from 'express-session';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMPTY } from 'rxjs';
import { type LedgerRecord, PassiveRoute, SessionTimeoutMiddleware } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { startGraphql } from '../integration/support/graphql.js';
import { MINUTE, PagesController, startApp, stopApps } from '../support/app.js';
import { SharedLedger } from '../support/shared-ledger.js';

afterEach(stopApps);

/** A ledger that can be away. */
class AbsentLedger extends SharedLedger {
  isAway = false;

  constructor(options: { clock: ManualClock }) {
    super(options);
    const { users } = this;
    const { due, expire } = users;
    users.due = (...given) => this.orAway(() => due.apply(users, given));
    users.expire = (...given) => this.orAway(() => expire.apply(users, given));
  }

  private orAway<T>(work: () => T): T {
    if (this.isAway) throw new Error('away');
    return work();
  }

  override read(key: string): LedgerRecord | undefined {
    return this.orAway(() => super.read(key));
  }
}

/** A session store that can be away. */
class AbsentStore extends MemoryStore {
  isAway = false;

  override get(...given: Parameters<MemoryStore['get']>): void {
    if (this.isAway) given[1](new Error('away'));
    else super.get(...given);
  }
}

@Controller('polls')
@PassiveRoute()
class PollsController {
  @Get(['news', 'mail/:folder'])
  news() {
    return {};
  }

  @Get('action')
  @PassiveRoute(false)
  action() {
    return {};
  }
}

@Controller()
class StreamController {
  @Sse('stream')
  stream() {
    return EMPTY;
  }
}

@Controller()
class HomeController {
  @Get()
  home() {
    return {};
  }

  @Head('size')
  size() {
    return {};
  }
}

@Controller()
class FilesController {
  @Get('files/*')
  file() {
    return {};
  }
}

async function start(
  options = {},
  { shared = true, prefix = '', fails = 'ledger' as 'ledger' | 'store', more = [] as Type<unknown>[] } = {},
) {
  const clock = new ManualClock();
  const ledger = Object.assign(new AbsentLedger({ clock }), { shared });
  const store = new AbsentStore();
  const given = {
    clock,
    options: { ledger, passiveRoutes: ['/static/*path'], ...options },
    session: { store },
    controllers: [PagesController, PollsController, StreamController, ...more],
    setup: (app: INestApplication) => app.setGlobalPrefix(prefix, { exclude: ['login', 'me'] }),
  };
  const [first, second] = [await startApp(given), await startApp(given)];
  const browser = await first.signedIn();
  const [cookie = ''] = (await browser.get('/me').expect(200)).request.cookies.split(';');
  const elsewhere = () => second.request.get('/me').set('cookie', cookie);
  const { events, signedIn, service } = first;
  const failing = fails === 'store' ? store : ledger;
  return { clock, ledger, failing, browser, elsewhere, events, signedIn, service, second };
}

/** The ledger or the store is away, while the user asks for a page every five minutes. */
async function outage(app: Awaited<ReturnType<typeof start>>, minutes: number, path = '/me', headers = {}) {
  app.failing.isAway = true;
  for (let passed = 0; passed < minutes; passed += 5) {
    app.clock.advance(5 * MINUTE);
    await app.browser.get(path).set(headers).expect(503);
  }
  app.failing.isAway = false;
}

/** Waits until the ledger knows that the sessions of the user are active. */
async function untilKnown({ ledger }: Awaited<ReturnType<typeof start>>, sessions = 1) {
  const active = async () => (await ledger.users.ofUser('alice')).filter(({ idleFor }) => idleFor === 0);
  for (let waits = 0; (await active()).length < sessions && waits < 500; waits += 1) await sleep(20);
}

const OWN_SCRIPT = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

describe.each(['ledger', 'store'] as const)('after the %s was away for longer than the idle limit', (fails) => {
  test('a user who was active all along goes on', async () => {
    const app = await start({}, { fails });
    await outage(app, 40);
    app.clock.advance(15 * MINUTE - 1);
    await app.browser.get('/me').expect(200, { user: 'alice' });
    await app.elsewhere().expect(200, { user: 'alice' });
  });

  test('a user who only typed goes on, because the browser has reported it', async () => {
    const app = await start({}, { fails });
    await outage(app, 40, '/session/ping?idleFor=60', OWN_SCRIPT);
    app.clock.advance(14 * MINUTE - 1);
    await app.browser.get('/me').expect(200, { user: 'alice' });
  });

  test('a report counts from the time that it names', async () => {
    const app = await start({}, { fails });
    await outage(app, 40, '/session/ping?idleFor=60', OWN_SCRIPT);
    app.clock.advance(14 * MINUTE);
    await app.browser.get('/me').expect(401, /idle/);
  });

  test('a report that comes after the end of the session brings nobody back', async () => {
    const app = await start({}, { fails });
    app.clock.advance(15 * MINUTE);
    await outage(app, 5, '/session/ping?idleFor=600', OWN_SCRIPT);
    await app.browser.get('/me').expect(401, /idle/);
  });

  test.each([
    ['/session/ping?idleFor=0', { 'sec-fetch-site': 'cross-site' }, {}],
    ['/session/ping?idleFor=0', { ...OWN_SCRIPT, 'sec-fetch-dest': 'image' }, {}],
    ['/session/ping?idleFor=0&session=of-another', OWN_SCRIPT, {}],
    ['/session/ping?idleFor=soon', OWN_SCRIPT, {}],
    ['/session/ping', OWN_SCRIPT, {}],
    ['/session/client.js?idleFor=0', OWN_SCRIPT, {}],
    ['/session/ping?idleFor=0', OWN_SCRIPT, { trustClientActivity: false }],
    ['/feed', {}, {}],
  ])('what is no activity has kept nobody signed in: %s %j %j', async (path, headers, options) => {
    const app = await start(options, { fails });
    await outage(app, 40, path, headers);
    await app.browser.get('/me').expect(401, /idle/);
  });
});

describe('while the store is away', () => {
  test.each([
    ['', {}],
    [', also if limits vary', { limitsFor: () => ({ idleTimeout: 15 * MINUTE }) }],
  ])('the sweep leaves sessions alone whose users are active%s', async (_when, options) => {
    const app = await start({ sweepInterval: 5, ...options }, { fails: 'store' });
    for (let round = 0; round < 8; round += 1) {
      await outage(app, 5);
      await sleep(30);
    }
    await app.browser.get('/me').expect(200, { user: 'alice' });
    expect(app.events.filter(({ type }) => type === 'expired')).toEqual([]);
  });

  test.each([
    ['longer', '1h', 20, 200],
    ['shorter', '5m', 5, 401],
  ] as const)('activity counts by the limits of its user: %s ones', async (_which, idleTimeout, pause, status) => {
    const app = await start(
      { limitsFor: (_req: unknown, user?: string) => user && { idleTimeout } },
      { fails: 'store' },
    );
    app.clock.advance(pause * MINUTE - 5 * MINUTE);
    await outage(app, 5);
    app.clock.advance(pause * MINUTE - 5 * MINUTE);
    await outage(app, 5);
    await app.browser.get('/me').expect(status);
  });

  test('activity counts by the limits of its user, although others have much shorter ones', async () => {
    const limitsFor = (_req: unknown, user?: string) => ({ idleTimeout: user === 'kiosk' ? MINUTE : 15 * MINUTE });
    const app = await start({ limitsFor }, { fails: 'store' });
    await app.signedIn('kiosk');
    await outage(app, 60);
    await app.browser.get('/me').expect(200, { user: 'alice' });
    await outage(app, 5);
    app.clock.advance(15 * MINUTE);
    await app.browser.get('/me').expect(401, /idle/);
  });

  test('activity counts later if the ledger was away as well, and limits vary', async () => {
    const app = await start({ limitsFor: () => ({ idleTimeout: 15 * MINUTE }) }, { fails: 'store' });
    app.ledger.isAway = true;
    await outage(app, 40);
    app.ledger.isAway = false;
    await app.browser.get('/me').expect(200, { user: 'alice' });
  });

  test('the sessions of active users stay on their list, also if limits vary', async () => {
    const app = await start({ limitsFor: () => ({ idleTimeout: 15 * MINUTE }) }, { fails: 'store' });
    await outage(app, 20);
    expect(await app.service.list('alice')).toHaveLength(1);
    app.clock.advance(15 * MINUTE);
    expect(await app.service.list('alice')).toEqual([]);
  });

  test('an option that needs the session does not change the answer', async () => {
    const isPassive = (req: Request) => req.session['kiosk'] === true;
    const app = await start({ passiveRoutes: [isPassive] }, { fails: 'store' });
    await outage(app, 5);
    await app.browser.get('/me').expect(200, { user: 'alice' });
  });

  test('a limitsFor that needs the session is asked again later', async () => {
    const limitsFor = (req: Request) => ({ idleTimeout: req.session.user ? '15m' : '10m' }) as const;
    const app = await start({ limitsFor }, { fails: 'store' });
    await outage(app, 40);
    await app.browser.get('/me').expect(200, { user: 'alice' });
  });
});

describe('after the ledger was away for longer than the idle limit', () => {
  test.each([true, false])('a user who was active all along goes on, if the ledger is shared: %s', async (shared) => {
    const app = await start({}, { shared });
    await outage(app, 40);
    app.clock.advance(15 * MINUTE - 1);
    await app.browser.get('/me').expect(200, { user: 'alice' });
    await app.elsewhere().expect(200, { user: 'alice' });
  });

  const VARIED = { limitsFor: () => ({ idleTimeout: 15 * MINUTE }) };

  test.each([
    ['', {}],
    [', also if limits vary', VARIED],
  ])(
    'the sweeps of other instances leave active users alone, and learn of their activity%s',
    async (_when, options) => {
      const app = await start({ sweepInterval: 5, ...options });
      await outage(app, 40);
      await untilKnown(app);
      await app.elsewhere().expect(200, { user: 'alice' });
      expect(app.events.filter(({ type }) => type === 'expired')).toEqual([]);
    },
  );

  test.each([
    ['', {}],
    [', also if limits vary', VARIED],
  ])('other instances learn of the activity without a sweep and without a request%s', async (_when, options) => {
    const app = await start({ sweepInterval: false, ...options });
    await outage(app, 40);
    await untilKnown(app);
    expect(await app.second.service.list('alice')).toHaveLength(1);
  });

  test('the list of sessions shows the activity before it is written', async () => {
    const app = await start({ sweepInterval: false });
    await outage(app, 10);
    expect(await app.service.list('alice')).toMatchObject([{ idleFor: 0, expiresIn: 15 * MINUTE }]);
  });

  test('of more sessions than are allowed, another instance displaces one, and ends none as idle', async () => {
    const app = await start({ sweepInterval: false, maxSessions: 2 });
    const other = await app.signedIn();
    app.ledger.isAway = true;
    for (let passed = 0; passed < 40; passed += 5) {
      app.clock.advance(5 * MINUTE);
      await app.browser.get('/me').expect(503);
      await other.get('/me').expect(503);
    }
    app.ledger.isAway = false;
    await untilKnown(app, 2);
    await app.second.signedIn();
    expect(app.events.filter(({ type }) => type === 'expired')).toEqual([]);
    expect(await app.service.list('alice')).toHaveLength(2);
  });

  test('one read that fails takes no activity from a user whom other instances judge', async () => {
    const app = await start({ sweepInterval: false });
    app.clock.advance(14 * MINUTE);
    app.ledger.isAway = true;
    await app.browser.get('/me').expect(503);
    app.ledger.isAway = false;
    await untilKnown(app);
    app.clock.advance(MINUTE);
    await app.elsewhere().expect(200, { user: 'alice' });
  });

  test('it learns of the activity even from a passive request', async () => {
    const app = await start();
    await outage(app, 40);
    app.clock.advance(10 * MINUTE);
    await app.browser.get('/feed').expect(200, { user: 'alice' });
    app.clock.advance(5 * MINUTE - 1);
    await app.elsewhere().expect(200, { user: 'alice' });
  });

  test('a user who came back too late, is signed out', async () => {
    const app = await start();
    await outage(app, 40);
    app.clock.advance(15 * MINUTE);
    await app.browser.get('/me').expect(401, /idle/);
    expect(app.events.filter(({ type }) => type === 'expired')).toHaveLength(1);
  });

  test('a user who had been idle before the first request is signed out', async () => {
    const app = await start();
    app.clock.advance(10 * MINUTE);
    await outage(app, 40);
    await app.browser.get('/me').expect(401, /idle/);
  });

  test('a user who had been idle in between is signed out', async () => {
    const app = await start();
    await outage(app, 10);
    app.clock.advance(10 * MINUTE);
    await outage(app, 10);
    await app.browser.get('/me').expect(401, /idle/);
  });

  test('the absolute limit has gone on', async () => {
    const app = await start({ absoluteTimeout: '30m' });
    await outage(app, 40);
    await app.browser.get('/me').expect(401, /absolute/);
  });

  test('a session that was ended elsewhere is over', async () => {
    const app = await start();
    const [{ session } = {}] = app.events;
    await outage(app, 40);
    app.ledger.end(session ?? '', { reason: 'revoked', keepFor: 60 * MINUTE });
    await app.browser.get('/me').expect(401, /revoked/);
  });

  test.each([
    ['/feed', {}],
    ['/polls/news', {}],
    ['/polls/mail/inbox', {}],
    ['/stream', {}],
    ['/static/logo.png', {}],
    ['/session/ping', {}],
    ['/nowhere', {}],
    ['/me/nowhere', {}],
    ['/login', {}],
    ['/me', { 'x-session-passive': '1' }],
    ['/me', { 'sec-purpose': 'prefetch' }],
  ])('what was passive has kept nobody signed in: %s %j', async (path, headers) => {
    const app = await start();
    await outage(app, 40, path, headers);
    await app.browser.get('/me').expect(401, /idle/);
  });

  test('what was passive has kept nobody signed in, under a global prefix', async () => {
    const app = await start({}, { prefix: 'api/v1' });
    await outage(app, 40, '/api/v1/polls/news');
    await app.browser.get('/me').expect(401, /idle/);
  });

  test.each([
    ['/polls/action', ''],
    ['/me?tab=2', ''],
    ['/ME/', ''],
    ['/', ''],
    ['/api/v1/polls/action', 'api/v1'],
    ['/api/v1', 'api/v1'],
    ['/me', 'api/v1'],
  ])('what reaches a handler that is not passive has counted: %s under "%s"', async (path, prefix) => {
    const app = await start({}, { prefix, more: [HomeController] });
    await outage(app, 40, path);
    await app.browser.get('/me').expect(200, { user: 'alice' });
  });

  test.each(['/size', '/me'])('a HEAD request has counted, by a handler for HEAD or for GET: %s', async (path) => {
    const app = await start({}, { more: [HomeController] });
    app.ledger.isAway = true;
    for (let passed = 0; passed < 40; passed += 5) {
      app.clock.advance(5 * MINUTE);
      await app.browser.head(path).expect(503);
    }
    app.ledger.isAway = false;
    await app.browser.get('/me').expect(200, { user: 'alice' });
  });

  test('a path that may have a handler, in a syntax that is not known, has counted', async () => {
    const app = await start({}, { more: [FilesController] });
    await outage(app, 40, '/files/of/alice');
    await app.browser.get('/me').expect(200, { user: 'alice' });
  });

  test('an operation of GraphQL has counted, also beside controllers', async () => {
    const clock = new ManualClock();
    const ledger = new AbsentLedger({ clock });
    const { ask } = await startGraphql({ clock, options: { ledger } });
    ledger.isAway = true;
    for (let passed = 0; passed < 40; passed += 5) {
      clock.advance(5 * MINUTE);
      await ask('{ me }').expect(503);
    }
    ledger.isAway = false;
    await ask('{ me }').expect(200, { data: { me: 'alice' } });
  });

  test('every request has counted in an application without controllers', async () => {
    const clock = new ManualClock();
    const ledger = new AbsentLedger({ clock });
    const login = (req: Request, res: Response) => {
      req.session.user = 'alice';
      res.status(201).end();
    };
    const page = (req: Request, res: Response) => res.json({ user: req.session.user ?? null });
    const { signedIn } = await startApp({
      clock,
      options: { ledger },
      controllers: [],
      setup: (app) => app.use(app.get(SessionTimeoutMiddleware).use).use('/login', login).use('/page', page),
    });
    const browser = await signedIn();
    await browser.get('/page').expect(200, { user: 'alice' });
    ledger.isAway = true;
    for (let passed = 0; passed < 40; passed += 5) {
      clock.advance(5 * MINUTE);
      await browser.get('/page').expect(503);
    }
    ledger.isAway = false;
    await browser.get('/page').expect(200, { user: 'alice' });
  });
});
