import { MemoryLedger, type SessionTimeoutOptions } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { type AppOptions, DAY, HOUR, MINUTE, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

const ENDS = new Set(['expired', 'ended']);

/** An application whose ledger survives, and forgets an end a day after it. */
async function start(options: Partial<SessionTimeoutOptions> = {}) {
  const clock = new ManualClock();
  const ledger = new SharedLedger({ clock });
  const app = await startApp({ clock, options: { ledger, sweepInterval: 10, ...options } });
  const hash = () => (app.events[0] as { session: string }).session;
  const ends = () => app.events.filter(({ type }) => ENDS.has(type));
  const swept = async () => {
    while (ends().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { ...app, hash, ends, swept };
}

describe('a cookie that comes back when the ledger has forgotten the end of its session', () => {
  test('is refused, and the end is not reported again: at a limit', async () => {
    const { signedIn, clock, swept, ends } = await start();
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    await swept();
    clock.advance(3 * DAY);
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject({ reason: 'absolute' });
    expect(ends()).toMatchObject([{ type: 'expired', reason: 'idle' }]);
    await browser.get('/me').expect(200, { user: null });
  });

  test('is refused, and the end is not reported again: by the application', async () => {
    const { signedIn, clock, service, hash, ends } = await start();
    const browser = await signedIn();
    await service.end(hash());
    clock.advance(25 * HOUR);
    await browser.get('/me').expect(401);
    expect(ends()).toMatchObject([{ type: 'ended', reason: 'revoked' }]);
  });

  test('is refused for the same reason by the longer limits that limitsFor gives to some users', async () => {
    const limitsFor = () => ({ idleTimeout: '7d', absoluteTimeout: '30d' }) as const;
    const { signedIn, clock, swept, ends } = await start({ limitsFor });
    const browser = await signedIn();
    clock.advance(7 * DAY);
    await swept();
    clock.advance(2 * DAY);
    expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
    expect(ends()).toMatchObject([{ type: 'expired', reason: 'idle' }]);
  });

  test('is reported if nothing ends sessions without a request', async () => {
    const { signedIn, clock, ends } = await start({ sweepInterval: false });
    const browser = await signedIn();
    clock.advance(3 * DAY);
    expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'lost' });
    expect(ends()).toMatchObject([{ type: 'expired', reason: 'lost' }]);
  });

  test('does not bring the session back with unknownSessions: adopt', async () => {
    const { signedIn, clock, service, hash } = await start({ unknownSessions: 'adopt', absoluteTimeout: false });
    const browser = await signedIn();
    await service.end(hash());
    clock.advance(25 * HOUR);
    await browser.get('/me').expect(401);
  });
});

describe.each([
  ['shared', SharedLedger],
  ['in memory', MemoryLedger],
])('after a ledger %s has lost its data', (kind, Ledger) => {
  test.each([
    [23, 200],
    [25, kind === 'shared' ? 401 : 200],
  ])('a session that began %d hours ago gets %d: its end may be forgotten', async (hours, status) => {
    const clock = new ManualClock();
    const startWith = (session: NonNullable<AppOptions['session']>) =>
      startApp({
        clock,
        session,
        options: {
          ledger: new Ledger({ clock }),
          unknownSessions: 'adopt',
          idleTimeout: '3d',
          absoluteTimeout: false,
        },
      });
    const { request, store } = await startWith({});
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    clock.advance(hours * HOUR);
    const again = await startWith({ store });
    await again.request.get('/me').set('cookie', cookie).expect(status);
  });
});
