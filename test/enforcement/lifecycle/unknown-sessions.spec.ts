import { MemoryStore } from 'express-session';
import { MemoryLedger, type SessionTimeoutOptions } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { HOUR, MINUTE, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

describe('sessions without a record', () => {
  /** Signs in, and starts the application again on the same store with a new ledger. */
  async function restarted(options: SessionTimeoutOptions = {}, pause = 5 * MINUTE) {
    const clock = new ManualClock();
    const store = new MemoryStore();
    const before = await startApp({ clock, session: { store }, options });
    const cookie = sessionCookie(await before.request.post('/login').send({ user: 'alice' }));
    clock.advance(pause);
    const after = await startApp({ clock, session: { store }, options });
    return { ...after, cookie };
  }

  test('go on after a restart: the idle limit starts again, the absolute limit counts from the marker', async () => {
    const { request, cookie, clock, events } = await restarted({ absoluteTimeout: '1h', idleTimeout: '50m' });
    clock.advance(40 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
    expect(events).toEqual([]);
    clock.advance(15 * MINUTE);
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'absolute' });
  });

  test('are over if the absolute limit has passed meanwhile', async () => {
    const { request, cookie } = await restarted({ absoluteTimeout: '1h' }, HOUR);
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'absolute' });
  });

  test('with a start in the future, after a wrong clock, count from now', async () => {
    const { request, cookie, clock } = await restarted({ absoluteTimeout: '1h', idleTimeout: '50m' }, -10 * HOUR);
    await request.get('/me').set('cookie', cookie).expect(200);
    clock.advance(40 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(200);
    clock.advance(20 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(401);
  });

  test("end as lost with unknownSessions: 'expire'", async () => {
    const { request, cookie, events } = await restarted({ unknownSessions: 'expire' });
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'lost' });
    expect(events).toMatchObject([{ type: 'expired', reason: 'lost', user: 'alice' }]);
  });

  test("end as lost by default with a shared ledger, and go on with unknownSessions: 'adopt'", async () => {
    const expiring = await restarted();
    expect(expiring).toBeDefined();
    const clock = new ManualClock();
    for (const [unknownSessions, status] of [
      [undefined, 401],
      ['adopt', 200],
    ] as const) {
      const store = new MemoryStore();
      const options = () => ({ ledger: new SharedLedger({ clock }), unknownSessions });
      const before = await startApp({ clock, session: { store }, options: options() });
      const cookie = sessionCookie(await before.request.post('/login').send({ user: 'alice' }));
      const after = await startApp({ clock, session: { store }, options: options() });
      await after.request.get('/me').set('cookie', cookie).expect(status);
    }
  });

  test('never go on if their marker is from this run of the process: such a row was restored', async () => {
    const clock = new ManualClock();
    const ledger = new MemoryLedger({ clock });
    const { request, store } = await startApp({ clock, options: { ledger } });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const rows = { ...store.sessions };
    clock.advance(15 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(401);
    clock.advance(48 * HOUR);
    Object.assign(store.sessions, rows);
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'lost' });
  });
});
