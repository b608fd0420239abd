import { Controller, Get, type INestApplication, Sse } from '@nestjs/common';
import { MemoryStore } from 'express-session';
import { EMPTY } from 'rxjs';
import { type LedgerRecord, PassiveRoute } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { MINUTE, PagesController, startApp, stopApps } from '../support/app.js';
import { SharedLedger } from '../support/shared-ledger.js';

afterEach(stopApps);

/** A ledger that can be away. */
class AbsentLedger extends SharedLedger {
  isAway = false;

  override read(key: string): LedgerRecord | undefined {
    if (this.isAway) throw new Error('away');
    return super.read(key);
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

async function start(options = {}, { shared = true, prefix = '' } = {}) {
  const clock = new ManualClock();
  const ledger = Object.assign(new AbsentLedger({ clock }), { shared });
  const given = {
    clock,
    options: { ledger, passiveRoutes: ['/static/*path'], ...options },
    session: { store: new MemoryStore() },
    controllers: [PagesController, PollsController, StreamController],
    setup: (app: INestApplication) => app.setGlobalPrefix(prefix, { exclude: ['login', 'me'] }),
  };
  const [first, second] = [await startApp(given), await startApp(given)];
  const browser = await first.signedIn();
  const [cookie = ''] = (await browser.get('/me').expect(200)).request.cookies.split(';');
  const elsewhere = () => second.request.get('/me').set('cookie', cookie);
  return { clock, ledger, browser, elsewhere, events: first.events };
}

/** The ledger is away, while the user asks for a page every five minutes. */
async function outage(app: Awaited<ReturnType<typeof start>>, minutes: number, path = '/me', headers = {}) {
  app.ledger.isAway = true;
  for (let passed = 0; passed < minutes; passed += 5) {
    app.clock.advance(5 * MINUTE);
    await app.browser.get(path).set(headers).expect(503);
  }
  app.ledger.isAway = false;
}

describe('after the ledger was away for longer than the idle limit', () => {
  test.each([true, false])('a user who was active all along goes on, if the ledger is shared: %s', async (shared) => {
    const app = await start({}, { shared });
    await outage(app, 40);
    app.clock.advance(15 * MINUTE - 1);
    await app.browser.get('/me').expect(200, { user: 'alice' });
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

  test('what counts again in a passive class has counted', async () => {
    const app = await start();
    await outage(app, 40, '/polls/action');
    await app.browser.get('/me').expect(200, { user: 'alice' });
  });
});
