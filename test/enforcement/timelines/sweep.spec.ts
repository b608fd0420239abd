import assert from 'node:assert/strict';
import { setTimeout as passed } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { MemoryStore } from 'express-session';
import {
  type ActivityLedger,
  type ExpiredEvent,
  MemoryLedger,
  type SessionTimeoutOptions,
} from '../../../src/index.js';
import { Sweep } from '../../../src/enforcement/timelines/sweep.js';
import type { UserSessions } from '../../../src/ledger/user-sessions.js';
import { ManualClock } from '../../../src/testing/index.js';
import { type AppOptions, HOUR, MINUTE, SECOND, startApp, stopApps } from '../../support/app.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { collector } from '../../support/logs.js';
import { Gate } from '../../support/gate.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

/** In real time, while the clock stands still. */
const INTERVAL = 20;
/** Long enough for several runs. */
const aWhile = () => passed(5 * INTERVAL);

const LIMITS = { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await passed(5);
}

const start = (options: SessionTimeoutOptions = {}, given: AppOptions = {}) =>
  startApp({ ...given, options: { sweepInterval: INTERVAL, ...options } });

/** Several instances over one ledger and one store. */
async function instances(count: number, options: SessionTimeoutOptions = {}) {
  const clock = new ManualClock();
  const [ledger, store] = [new SharedLedger({ clock }), new MemoryStore()];
  const all = await Promise.all(
    Array.from({ length: count }, () => start({ ledger, ...options }, { clock, session: { store } })),
  );
  const ends = () => all.flatMap(({ events }) => events).filter(({ type }) => type === 'expired' || type === 'ended');
  return { all: all as [(typeof all)[0], ...typeof all], clock, ledger, ends };
}

/** A ledger whose `users` do something else. */
function ledgerWhose(clock: ManualClock, change: (users: UserSessions) => Partial<UserSessions>): ActivityLedger {
  const ledger = new MemoryLedger({ clock });
  const { users } = ledger;
  const own: UserSessions = {
    ofUser: (user) => users.ofUser(user),
    claim: (user, key, claim) => users.claim(user, key, claim),
    release: (user, key) => users.release(user, key),
    due: (limit, lease) => users.due(limit, lease),
    expire: (key, expiry) => users.expire(key, expiry),
  };
  return Object.assign(ledger, { users: { ...own, ...change(own) } });
}

test('a session that nobody asks for ends within the interval, and onExpired is called', async () => {
  const expired: ExpiredEvent[] = [];
  const { signedIn, clock, events } = await start({ onExpired: (event) => void expired.push(event) });
  const browser = await signedIn('alice');
  clock.advance(15 * MINUTE - 1);
  await aWhile();
  expect(expired).toEqual([]);
  clock.advance(1);
  await until(() => expired.length > 0);
  expect(expired).toEqual([expect.objectContaining({ type: 'expired', reason: 'idle', user: 'alice' })]);
  expect(events.at(-1)).toEqual(expired[0]);
  expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
  await aWhile();
  expect(expired).toHaveLength(1);
});

test('the absolute limit is told as such', async () => {
  const { signedIn, clock, events } = await start({ idleTimeout: false, absoluteTimeout: '1h' });
  await signedIn();
  clock.advance(HOUR);
  await until(() => events.length > 1);
  expect(events.at(-1)).toMatchObject({ type: 'expired', reason: 'absolute' });
});

test('three instances report each end once', async () => {
  const { all, clock, ends } = await instances(3);
  const [one] = all;
  for (const user of ['alice', 'bob', 'carol']) await one.signedIn(user);
  clock.advance(15 * MINUTE);
  await until(() => ends().length >= 3);
  await aWhile();
  expect(
    ends()
      .map(({ user }) => user)
      .toSorted(),
  ).toEqual(['alice', 'bob', 'carol']);
});

test('activity just before the deadline, on another instance, puts the end off', async () => {
  const { all, clock, ends } = await instances(2);
  const [one] = all;
  const browser = await one.signedIn();
  clock.advance(15 * MINUTE - 1);
  await browser.get('/me').expect(200);
  clock.advance(1);
  await aWhile();
  clock.advance(14 * MINUTE);
  await aWhile();
  expect(ends()).toEqual([]);
  clock.advance(MINUTE);
  await until(() => ends().length === 1);
});

test.each([
  ['longer', '15m', '1h'],
  ['shorter', '1h', '15m'],
])('a session that began before the limits became %s is not swept early', async (_what, before, after) => {
  const clock = new ManualClock();
  const ledger = new SharedLedger({ clock });
  const first = await start({ ledger, idleTimeout: before }, { clock });
  await first.signedIn();
  await first.app.close();
  const { events } = await start({ ledger, idleTimeout: after }, { clock });
  clock.advance(HOUR - 1);
  await aWhile();
  expect(events).toEqual([]);
  clock.advance(1);
  await until(() => events.length === 1);
});

test('a session is swept by the longest limits that limitsFor has given it', async () => {
  let idleTimeout = '1h';
  const { signedIn, clock, events } = await start({ limitsFor: () => ({ idleTimeout }) });
  const browser = await signedIn();
  idleTimeout = '2h';
  await browser.get('/me').expect(200);
  idleTimeout = '30m';
  await browser.get('/feed').expect(200);
  clock.advance(2 * HOUR - 1);
  await aWhile();
  expect(events).toHaveLength(1);
  clock.advance(1);
  await until(() => events.length === 2);
});

test('many sessions that are due at once end in batches, the oldest first, and other work goes on', async () => {
  const COUNT = 3000;
  const clock = new ManualClock();
  const ledger = new MemoryLedger({ clock });
  const asked: number[] = [];
  const { due } = ledger.users;
  ledger.users.due = (limit, lease) => {
    asked.push(limit);
    return due.call(ledger.users, limit, lease);
  };
  for (let i = 0; i < COUNT; i += 1) {
    ledger.open(`session-${i}`, { user: `user ${i}`, limits: LIMITS, keepFor: 24 * HOUR });
    clock.advance(1);
  }
  clock.advance(15 * MINUTE);
  const { events } = await start({ ledger }, { clock });
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  await until(() => events.length === COUNT);
  clearInterval(timer);
  expect(events.map(({ session }) => session)).toEqual(Array.from({ length: COUNT }, (_, i) => `session-${i}`));
  expect(Math.max(...asked)).toBeLessThanOrEqual(200);
  expect(turns).toBeGreaterThan(5);
});

test('the sessions of a sweeper that has died end when its lease has run out', async () => {
  const { all, clock, ledger, ends } = await instances(1);
  await all[0].signedIn();
  clock.advance(15 * MINUTE);
  // It has asked for what is due, and does nothing about it.
  await ledger.users.due(100, MINUTE);
  await aWhile();
  expect(ends()).toEqual([]);
  clock.advance(MINUTE);
  await until(() => ends().length === 1);
});

test('an instance that is paused in the middle of its sweep ends no session that is active again, and tells no end twice', async () => {
  const { all, clock, ledger, ends } = await instances(1);
  const [other] = all;
  const { users } = ledger;
  const gate = new Gate();
  const paused: ActivityLedger = {
    shared: true,
    open: (...given) => ledger.open(...given),
    read: (key) => ledger.read(key),
    advance: (activities) => ledger.advance(activities),
    end: (...given) => ledger.end(...given),
    users: {
      ofUser: (user) => users.ofUser(user),
      claim: (...given) => users.claim(...given),
      release: (...given) => users.release(...given),
      due: (...given) => users.due(...given),
      expire: async (...given) => {
        await gate.pass();
        return users.expire(...given);
      },
    },
  };
  for (const user of ['alice', 'bob']) await other.signedIn(user);
  const browser = await other.signedIn('carol');
  await other.app.get(Sweep).onModuleDestroy();
  const one = await start({ ledger: paused, ledgerTimeout: '1m' }, { clock });
  // What is due suggests only: this session has been active.
  clock.advance(10 * MINUTE);
  await browser.get('/me').expect(200);
  clock.advance(5 * MINUTE);
  await gate.hasArrived(3);
  clock.advance(10 * SECOND);
  const third = await start({ ledger }, { clock });
  const ended = () => third.events.map((event) => 'user' in event && event.user).toSorted();
  await until(() => ended().length === 2);
  expect(ended()).toEqual(['alice', 'bob']);
  gate.open();
  await aWhile();
  expect([...ends(), ...one.events]).toEqual([]);
  await browser.get('/me').expect(200);
});

test('an instance takes no more than ten seconds for what it has asked for', async () => {
  const clock = new ManualClock();
  const leases: number[] = [];
  const ledger = ledgerWhose(clock, ({ due }) => ({
    due: (limit, lease) => {
      leases.push(lease);
      return due(limit, lease);
    },
  }));
  await start({ ledger }, { clock });
  await until(() => leases.length > 0);
  expect(leases[0]).toBe(10 * SECOND);
});

test('after an outage the sweep goes on, ends each session once, and the log is not flooded', async () => {
  const clock = new ManualClock();
  let isAway = false;
  let asked = 0;
  const lines: string[] = [];
  const ledger = ledgerWhose(clock, ({ due }) => ({
    due: (limit, lease) => {
      if (isAway) asked += 1;
      if (isAway) throw new Error('away');
      return due(limit, lease);
    },
  }));
  const { signedIn, events } = await start({ ledger }, { clock, logger: collector(lines) });
  await signedIn();
  // In one turn, so that no sweep comes in between.
  clock.advance(15 * MINUTE);
  isAway = true;
  await until(() => asked >= 3);
  expect(lines.filter((line) => line.includes('signed-in users get 503'))).toHaveLength(1);
  const [before, at] = [asked, performance.now()];
  await passed(10 * INTERVAL);
  // It asks less and less often.
  expect(asked - before).toBeLessThan((performance.now() - at) / INTERVAL / 2);
  isAway = false;
  // It waits for other instances first, and this session is leased meanwhile.
  await until(() => {
    clock.advance(SECOND);
    return events.some(({ type }) => type === 'expired');
  });
  await aWhile();
  expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
});

test('one session that cannot be ended does not keep others open', async () => {
  const clock = new ManualClock();
  let poisoned: string | undefined;
  const ledger = ledgerWhose(clock, ({ expire }) => ({
    expire: (key, expiry) => {
      if (key === poisoned) throw new Error('cannot be read');
      return expire(key, expiry);
    },
  }));
  const { signedIn, events } = await start({ ledger }, { clock });
  await signedIn('alice');
  poisoned = events[0]?.session as string;
  await signedIn('bob');
  clock.advance(15 * MINUTE);
  await until(() => events.some(({ type }) => type === 'expired'));
  expect(events.filter(({ type }) => type === 'expired')).toEqual([expect.objectContaining({ user: 'bob' })]);
});

test('an end that the ledger confirms too late is told all the same', async () => {
  const clock = new ManualClock();
  const ledger = ledgerWhose(clock, ({ expire }) => ({
    expire: async (key, expiry) => {
      const expired = await expire(key, expiry);
      await passed(200);
      return expired;
    },
  }));
  const { signedIn, events } = await start({ ledger, ledgerTimeout: 50 }, { clock });
  await signedIn();
  clock.advance(15 * MINUTE);
  await until(() => events.some(({ type }) => type === 'expired'));
  expect(events.filter(({ type }) => type === 'expired')).toEqual([expect.objectContaining({ user: 'alice' })]);
});

test('nothing is asked after the application has closed', async () => {
  const clock = new ManualClock();
  let asked = 0;
  const ledger = ledgerWhose(clock, ({ due }) => ({
    due: (limit, lease) => {
      asked += 1;
      return due(limit, lease);
    },
  }));
  const { app } = await start({ ledger }, { clock });
  await until(() => asked > 1);
  await app.close();
  const before = asked;
  await aWhile();
  expect(asked).toBe(before);
});

test.each<[string, SessionTimeoutOptions]>([
  ['with sweepInterval: false', { sweepInterval: false }],
  ['in report mode', { mode: 'report' }],
])('%s, nobody looks for sessions, and none is kept to be looked for', async (_when, options) => {
  const clock = new ManualClock();
  const ledger = new MemoryLedger({ clock });
  const { signedIn, events } = await start({ ledger, ...options }, { clock });
  await signedIn();
  clock.advance(HOUR);
  await aWhile();
  expect(events.map(({ type }) => type)).toEqual(['started']);
  expect(await ledger.users.due(10, 1)).toEqual([]);
});

test('a ledger that cannot find sessions works as before, without a sweep', async () => {
  const clock = new ManualClock();
  const ledger = new CountingLedger(clock);
  const { signedIn, events } = await startApp({ clock, options: { ledger } });
  const browser = await signedIn();
  clock.advance(HOUR);
  await browser.get('/me').expect(401);
  expect(events.map(({ type }) => type)).toEqual(['started', 'expired']);
});

test('the log says that a session has expired, as for a request', async () => {
  const lines: string[] = [];
  const { signedIn, clock, events } = await start({}, { logger: collector(lines) });
  await signedIn();
  clock.advance(HOUR);
  await until(() => events.length > 1);
  expect(lines.join('\n')).toContain(`Session ${events[0]?.session} expired (idle)`);
});

describe.each([
  ['throws', () => void JSON.parse('{')],
  ['rejects', () => Promise.reject(new Error('disk full'))],
  ['never answers', () => new Promise<void>(() => undefined)],
])('a function of the application that %s', (_what, fails) => {
  test.each(['onExpired', 'audit', 'a subscriber', 'a listener'])(
    'holds up neither sweep nor shutdown: %s',
    async (which) => {
      const crashes: unknown[] = [];
      const crash = (error: unknown) => crashes.push(error);
      process.on('unhandledRejection', crash).on('uncaughtException', crash);
      const logger = { log: () => {}, warn: () => {}, error: () => assert.fail('the log is full') };
      const options = which === 'onExpired' || which === 'audit' ? { [which]: fails } : {};
      const { app, signedIn, clock, events, service } = await start(options, {
        logger,
        setup: (site) =>
          site.use('/me', (req: Request, _res: Response, next: () => void) => {
            if (which === 'a listener') service.onEnd(req, fails);
            next();
          }),
      });
      if (which === 'a subscriber') service.events$.subscribe(fails);
      for (let count = 0; count < 3; count += 1) await (await signedIn()).get('/me').expect(200);
      clock.advance(15 * MINUTE);
      await until(() => events.filter(({ type }) => type === 'expired').length === 3);
      await aWhile();
      await app.close();
      process.off('unhandledRejection', crash).off('uncaughtException', crash);
      expect(crashes).toEqual([]);
    },
  );
});
