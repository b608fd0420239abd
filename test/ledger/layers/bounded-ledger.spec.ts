import { jest } from '@jest/globals';
import type { ActivityLedger } from '../../../src/ledger/activity-ledger.js';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import type { UserSessions } from '../../../src/ledger/user-sessions.js';
import { BoundedLedger } from '../../../src/ledger/layers/bounded-ledger.js';
import { lateAnswer, LedgerUnavailableError, orLate } from '../../../src/ledger/ledger-unavailable.error.js';
import { DAY } from '../../support/time.js';

/** A ledger whose answers come when the test says so. */
class SlowLedger extends MemoryLedger {
  readonly answers: { resolve(): void; reject(error: Error): void }[] = [];
  override read(): never {
    return new Promise<undefined>((resolve, reject) =>
      this.answers.push({ resolve: () => resolve(undefined), reject }),
    ) as never;
  }
}

function bounded(ledger: ActivityLedger, maxPending?: number, timeout = 500) {
  const failures: string[] = [];
  const onFailure = (error: Error) => failures.push(error.message);
  return {
    failures,
    ledger: new BoundedLedger(ledger, { timeout, onFailure, ...(maxPending ? { maxPending } : {}) }),
  };
}

describe('the bound on a ledger', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('returns an immediate answer at once, without a timer', () => {
    const { ledger } = bounded(new MemoryLedger());
    const timers = jest.getTimerCount();
    expect(ledger.read('key')).toBeUndefined();
    expect(jest.getTimerCount()).toBe(timers);
  });

  test('returns an answer that comes in time, and its timer does nothing afterwards', async () => {
    const slow = new SlowLedger();
    const { ledger, failures } = bounded(slow);
    const answer = ledger.read('key');
    slow.answers[0]?.resolve();
    await expect(answer).resolves.toBeUndefined();
    jest.advanceTimersByTime(10_000);
    expect(failures).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([
    ['ofUser', (users: UserSessions) => users.ofUser('alice')],
    ['claim', (users: UserSessions) => users.claim('alice', 'key', { max: 1, evict: [] })],
    ['release', (users: UserSessions) => users.release('alice', 'key')],
    ['due', (users: UserSessions) => users.due(10, 1000)],
    ['expire', (users: UserSessions) => users.expire('key', { keepFor: DAY })],
  ] as const)('holds for `%s` as well, which may run in the background', async (operation, ask) => {
    const never = Object.assign(new MemoryLedger(), { users: { [operation]: () => new Promise<never>(() => {}) } });
    const { ledger, failures } = bounded(never as unknown as ActivityLedger);
    const answer = expect(ask(ledger.users as UserSessions)).rejects.toThrow(LedgerUnavailableError);
    jest.advanceTimersByTime(500);
    await answer;
    expect(failures).toEqual(['the session ledger did not answer within 500 ms']);
  });

  test('adds no `users` to a ledger without', () => {
    const { ledger } = bounded(Object.assign(new MemoryLedger(), { users: undefined as never }));
    expect(ledger.users).toBeUndefined();
  });

  test('gives each call its own time limit, with one timer for all', async () => {
    const slow = new SlowLedger();
    const { ledger, failures } = bounded(slow);
    const first = expect(ledger.read('a')).rejects.toThrow(LedgerUnavailableError);
    jest.advanceTimersByTime(300);
    const second = Promise.resolve(ledger.read('b')).then(
      () => 'answered',
      () => 'gave up',
    );
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(200);
    await first;
    expect(failures).toEqual(['the session ledger did not answer within 500 ms']);
    slow.answers[1]?.resolve();
    await expect(second).resolves.toBe('answered');
  });

  test.each([30 * DAY, 1e12, Infinity])('does not keep a timer busy with a time limit of %d ms', async (timeout) => {
    const slow = new SlowLedger();
    const { ledger, failures } = bounded(slow, undefined, timeout);
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const answer = ledger.read('key');
    jest.advanceTimersByTime(DAY);
    expect(timers).toHaveBeenCalledTimes(1);
    slow.answers[0]?.resolve();
    await expect(answer).resolves.toBeUndefined();
    expect(failures).toEqual([]);
    timers.mockRestore();
  });

  test('sends no more calls to a ledger that hangs, but one from time to time', async () => {
    const slow = new SlowLedger();
    const { ledger } = bounded(slow, 2);
    const refused = (answer: unknown) => expect(answer).rejects.toThrow(LedgerUnavailableError);
    const hung = [ledger.read('a'), ledger.read('b'), ledger.read('probe')].map(refused);
    expect(() => ledger.read('c')).toThrow('too many commands are waiting');
    expect(slow.answers).toHaveLength(3);
    jest.advanceTimersByTime(500);
    await Promise.all(hung);

    const probe = ledger.read('probe');
    expect(() => ledger.read('c')).toThrow('too many commands are waiting');
    slow.answers[3]?.resolve();
    await expect(probe).resolves.toBeUndefined();

    const next = [ledger.read('d'), ledger.read('e')];
    slow.answers.slice(4).forEach(({ resolve }) => resolve());
    await expect(Promise.all(next)).resolves.toEqual([undefined, undefined]);
  });

  test('limits the time of a ledger that is slow but answers', async () => {
    const slow = new SlowLedger();
    const { ledger } = bounded(slow, 10);
    let open = 0;
    for (let round = 0; round < 50; round += 1) {
      for (let i = 0; i < 30; i += 1) {
        try {
          Promise.resolve(ledger.read('key')).catch(() => {});
        } catch {
          // There are too many.
        }
      }
      slow.answers[round]?.resolve();
      await jest.advanceTimersByTimeAsync(10);
      open = Math.max(open, slow.answers.length - round);
    }
    expect(open).toBeLessThan(25);
  });

  test('passes on that an id is unusable: the ledger has not failed', async () => {
    const refusing = new MemoryLedger();
    const later = { shared: true, open: async () => refusing.open('a', { user: 'x\n', keepFor: 1 }) };
    for (const inner of [refusing, later as unknown as ActivityLedger]) {
      const { ledger, failures } = bounded(inner);
      await expect((async () => ledger.open('a', { user: 'x\n', keepFor: 1 }))()).rejects.toMatchObject({
        name: 'UnusableIdError',
        message: 'The id of a user contains a control character, like a line break or NUL: "x\\n".',
      });
      expect(failures).toEqual([]);
    }
  });

  test('keeps the cause of a failure', async () => {
    const cause = new Error('connection refused');
    const slow = new SlowLedger();
    const { ledger } = bounded(slow);
    const answer = ledger.read('key');
    slow.answers[0]?.reject(cause);
    await expect(answer).rejects.toMatchObject({ name: 'LedgerUnavailableError', cause });
  });

  test.each([
    [new Error('connection refused'), 'the session ledger failed: connection refused'],
    [new Error(''), 'the session ledger failed'],
    ['gone', 'the session ledger failed'],
  ])('says why the ledger has failed: %p', async (cause, message) => {
    const broken = Object.assign(new MemoryLedger(), {
      read: () => {
        throw cause;
      },
      end: () => Promise.reject(cause),
    });
    const { ledger, failures } = bounded(broken as unknown as ActivityLedger);
    await expect((async () => ledger.read('key'))()).rejects.toMatchObject({ message, cause });
    await expect(ledger.end('key', { reason: 'idle', keepFor: 1 })).rejects.toMatchObject({ message, cause });
    expect(failures).toEqual([message, message]);
  });

  test('passes on that a number is unusable: the ledger has not failed', async () => {
    const { ledger, failures } = bounded(new MemoryLedger());
    expect(() => ledger.users?.due(0, 1000)).toThrow('`limit` must be a whole number of at least 1, not 0.');
    expect(failures).toEqual([]);
  });

  test('gives up neither earlier nor later than the time limit', async () => {
    const { ledger, failures } = bounded(new SlowLedger());
    const answer = expect(ledger.read('key')).rejects.toMatchObject({ cause: undefined });
    jest.advanceTimersByTime(499);
    expect(failures).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(failures).toHaveLength(1);
    await answer;
    expect(jest.getTimerCount()).toBe(0);
  });

  test('does not say that a failure after the time limit is another one', async () => {
    const slow = new SlowLedger();
    const { ledger, failures } = bounded(slow);
    const answer = expect(ledger.read('key')).rejects.toThrow('did not answer');
    jest.advanceTimersByTime(500);
    await answer;
    slow.answers[0]?.reject(new Error('too late'));
    await jest.advanceTimersByTimeAsync(1);
    expect(failures).toEqual(['the session ledger did not answer within 500 ms']);
  });

  test('lets go of an answer that came in time, and of one that failed in time', async () => {
    const slow = new SlowLedger();
    const { ledger, failures } = bounded(slow);
    const answers = [ledger.read('a'), ledger.read('b')].map((answer) => Promise.resolve(answer).catch(() => 'failed'));
    slow.answers[0]?.resolve();
    slow.answers[1]?.reject(new Error('down'));
    expect(await Promise.all(answers)).toEqual([undefined, 'failed']);
    jest.advanceTimersByTime(10_000);
    expect(failures).toEqual(['the session ledger failed: down']);
  });

  test('keeps the late answer', async () => {
    const slow = new SlowLedger();
    const { ledger } = bounded(slow);
    const failed = Promise.resolve(ledger.read('key')).catch((error: unknown) => error);
    jest.advanceTimersByTime(500);
    const late = lateAnswer(await failed);
    slow.answers[0]?.resolve();
    await expect(late).resolves.toBeUndefined();
    expect(lateAnswer(new Error('other'))).toBeUndefined();
    expect(lateAnswer(undefined)).toBeUndefined();
    expect(lateAnswer(new LedgerUnavailableError('down'))).toBeUndefined();
  });

  test('never settles the late answer if that is a failure', async () => {
    const slow = new SlowLedger();
    const { ledger } = bounded(slow);
    const failed = Promise.resolve(ledger.read('key')).catch((error: unknown) => error);
    jest.advanceTimersByTime(500);
    const settled = jest.fn();
    void lateAnswer(await failed)?.then(settled, settled);
    slow.answers[0]?.reject(new Error('too late'));
    await jest.advanceTimersByTimeAsync(1);
    expect(settled).not.toHaveBeenCalled();
  });

  test('reports an answer, also one that comes too late, but no failure', async () => {
    const slow = new SlowLedger();
    const { ledger } = bounded(slow);
    const report = jest.fn((answer: unknown) => answer);
    const ask = () => Promise.resolve(orLate(() => ledger.read('key'), report)).catch((error: Error) => error.message);
    const answers = [ask(), ask(), ask()];
    slow.answers[0]?.resolve();
    slow.answers[1]?.reject(new Error('down'));
    await jest.advanceTimersByTimeAsync(500);
    expect(await Promise.all(answers)).toEqual([
      undefined,
      'the session ledger failed: down',
      'the session ledger did not answer within 500 ms',
    ]);
    expect(report).toHaveBeenCalledTimes(1);
    slow.answers[2]?.resolve();
    await jest.advanceTimersByTimeAsync(1);
    expect(report).toHaveBeenCalledTimes(2);
  });

  test('can do without somebody who hears of failures', async () => {
    const answer = expect(new BoundedLedger(new SlowLedger(), { timeout: 500 }).read('key')).rejects.toThrow(
      LedgerUnavailableError,
    );
    jest.advanceTimersByTime(500);
    await answer;
  });

  test('lets a thousand commands wait', async () => {
    const slow = new SlowLedger();
    const { ledger } = bounded(slow);
    const waiting = Array.from({ length: 1001 }, () => Promise.resolve(ledger.read('key')).catch(() => {}));
    expect(slow.answers).toHaveLength(1001);
    expect(() => ledger.read('key')).toThrow('too many commands are waiting for the session ledger');
    jest.advanceTimersByTime(500);
    await Promise.all(waiting);
  });

  test('does not believe that the ledger is back because of an old answer', async () => {
    const slow = new SlowLedger();
    const { ledger } = bounded(slow, 2);
    const ask = () => Promise.resolve(ledger.read('key')).catch(() => {});
    const waiting = [ask(), ask(), ask()];
    slow.answers[0]?.resolve();
    await jest.advanceTimersByTimeAsync(1);
    expect(() => ledger.read('key')).toThrow('too many');
    slow.answers[1]?.reject(new Error('down'));
    await jest.advanceTimersByTimeAsync(1);
    waiting.push(ask());
    expect(slow.answers).toHaveLength(4);
    jest.advanceTimersByTime(500);
    await Promise.all(waiting);
  });

  describe('while the event loop is busy', () => {
    /** For how long the event loop was busy. */
    let busy = 0;
    beforeEach(() => {
      busy = 0;
      const now = performance.now.bind(performance);
      performance.now = () => now() + busy;
    });

    test.each([
      [10_000, 500],
      [6, 500],
      [5, 495],
    ])('for %d ms, the time limit comes after %d ms', async (milliseconds, expected) => {
      const { ledger, failures } = bounded(new SlowLedger());
      const answer = expect(ledger.read('key')).rejects.toThrow('did not answer');
      busy += milliseconds;
      jest.advanceTimersByTime(expected - 1);
      expect(failures).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(failures).toHaveLength(1);
      await answer;
    });
  });
});
