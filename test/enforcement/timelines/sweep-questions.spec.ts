import { jest } from '@jest/globals';
import { Sweep } from '../../../src/enforcement/timelines/sweep.js';
import type { Timelines } from '../../../src/enforcement/timelines/timelines.js';
import { MemoryLedger } from '../../../src/index.js';
import type { UserSessions } from '../../../src/ledger/user-sessions.js';
import { resolveSettings } from '../../../src/options/resolve-settings.js';
import { ManualClock } from '../../../src/testing/index.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../support/time.js';

const LIMITS = { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR };

/** Counts the questions of one instance in the second hour, while all sessions are active once per minute. */
async function questionsPerHour(sessions: number): Promise<{ due: number; expire: number }> {
  const clock = new ManualClock();
  const ledger = new MemoryLedger({ clock });
  const users = ledger.users as UserSessions;
  const keys = Array.from({ length: sessions }, (_, i) => `session-${i}`);
  for (const key of keys) ledger.open(key, { user: 'alice', limits: LIMITS, keepFor: DAY });

  const asked = { due: 0, expire: 0 };
  const counted = { due: (...given: Parameters<typeof users.due>) => ((asked.due += 1), users.due(...given)) };
  const timelines = { expire: (key: string) => ((asked.expire += 1), users.expire(key, { keepFor: DAY })) };
  const settings = resolveSettings({ ...LIMITS, sweepInterval: '15s', clock });
  const sweep = new Sweep(settings, { users: counted } as never, timelines as Timelines);
  sweep.onApplicationBootstrap();
  for (let minute = 0; minute < 120; minute += 1) {
    if (minute === 60) Object.assign(asked, { due: 0, expire: 0 });
    ledger.advance(keys.map((key) => ({ key, idleFor: 0, keepFor: DAY })));
    for (let second = 0; second < 60; second += 1) {
      clock.advance(SECOND);
      await jest.advanceTimersByTimeAsync(SECOND);
    }
  }
  await sweep.onModuleDestroy();
  ledger.close();
  return asked;
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test.each([0, 1000])('with %i sessions, an instance asks what is due about 275 times per hour', async (sessions) => {
  const { due, expire } = await questionsPerHour(sessions);
  // A pause is between three quarters of the interval and the whole interval.
  expect(due).toBeGreaterThanOrEqual(239);
  expect(due).toBeLessThanOrEqual(321);
  // An active session is looked at once per idle limit.
  expect(expire).toBeGreaterThanOrEqual(3 * sessions);
  expect(expire).toBeLessThanOrEqual(5 * sessions);
});

test('a session that cannot be ended does not slow the sweep', async () => {
  let asked = 0;
  const users = { due: async () => ((asked += 1), ['session']) };
  const timelines = { expire: async () => Promise.reject(new Error('cannot be read')) };
  const sweep = new Sweep(resolveSettings({ ...LIMITS, sweepInterval: '15s' }), { users } as never, timelines as never);
  sweep.onApplicationBootstrap();
  await jest.advanceTimersByTimeAsync(HOUR);
  await sweep.onModuleDestroy();
  expect(asked).toBeGreaterThanOrEqual(239);
  expect(asked).toBeLessThanOrEqual(321);
});
