import { longestKept } from '../../../src/ledger/server/keep-for.js';
import { describeStored, isAhead, type StoredRecord } from '../../../src/ledger/server/stored-record.js';
import { DAY } from '../../support/time.js';

const time = { now: 10_000, uncertainty: 5 };
const open: StoredRecord = {
  startedAt: 1000,
  activeAt: 9000,
  endedAt: undefined,
  reason: undefined,
  user: 'alice',
};
const ended: StoredRecord = { ...open, endedAt: 9500, reason: 'idle' };

describe('what a server has stored', () => {
  test('of an open session says its age, and when it was last active', () => {
    const record = { state: 'open', sessionAge: 9000, idleFor: 1000, user: 'alice', uncertainty: 5 };
    expect(describeStored(open, time)).toEqual(record);
    expect(describeStored({ ...open, authAt: 4000 }, time)).toEqual({ ...record, authAge: 6000 });
    expect(describeStored({ ...open, authAt: -Infinity }, time)).toEqual({ ...record, authAge: Infinity });
  });

  test('of an ended session says when and why it ended', () => {
    expect(describeStored(ended, time)).toEqual({
      state: 'ended',
      reason: 'idle',
      endedFor: 500,
      user: 'alice',
      uncertainty: 5,
    });
  });

  test('with times in the future counts as now', () => {
    const future = { ...open, startedAt: 10_001, activeAt: 10_002, authAt: 10_003 };
    expect(describeStored(future, time)).toMatchObject({ sessionAge: 0, idleFor: 0, authAge: 0 });
    expect(describeStored({ ...ended, endedAt: 10_001 }, time)).toMatchObject({ endedFor: 0 });
  });

  test.each<[string, Partial<StoredRecord>]>([
    ['without its start', { startedAt: NaN }],
    ['without its activity', { activeAt: NaN }],
    ['with an unknown reason', { endedAt: 9500, reason: 'bored' }],
    ['without a reason', { endedAt: 9500, reason: undefined }],
    ['without the time of its end', { endedAt: NaN, reason: 'idle' }],
  ])('%s cannot be read, so that the policy ends the session', (_name, change) => {
    expect(describeStored({ ...open, ...change }, time)).toEqual({ state: 'open', sessionAge: NaN, idleFor: NaN });
  });

  test.each<keyof StoredRecord>(['startedAt', 'activeAt', 'authAt', 'endedAt'])(
    'lies ahead of the clock by its %s',
    (field) => {
      expect(isAhead({ ...open, [field]: 10_005 }, time)).toBe(false);
      expect(isAhead({ ...open, [field]: 10_006 }, time)).toBe(true);
    },
  );
});

test('a server keeps nothing for longer than a century', () => {
  expect(longestKept(DAY)).toBe(DAY);
  expect(longestKept(Infinity)).toBe(36_500 * DAY);
});
