import { jest } from '@jest/globals';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { PlainReads } from '../../../src/ledger/redis/plain-reads.js';
import { ServerClock } from '../../../src/ledger/server/server-clock.js';

const record = () => `o ${Date.now() * 1000} ${Date.now() * 1000}`;
const EXACT = { state: 'open', sessionAge: 1, idleFor: 1 } as const;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Reads with a client, which may have a cache, when the clock of Redis is known. */
function readsWith(read: () => Promise<unknown>, { isCaching = true } = {}) {
  const clock = new ServerClock();
  const forget = jest.fn<(key: string) => void>();
  const asked: string[] = [];
  const readExactly = async (key: string) => {
    asked.push(key);
    return EXACT;
  };
  const reads = new PlainReads({ read, ...(isCaching && { forget }) }, clock, readExactly);
  const hear = () => {
    clock.learn(performance.now(), Date.now());
    reads.heard(performance.now());
  };
  return { reads, hear, forget, asked };
}

describe('a read with a cache', () => {
  test('asks Redis as long as it has heard nothing of it', async () => {
    const { reads, hear, asked } = readsWith(async () => record());
    expect(await reads.read('a')).toBe(EXACT);
    hear();
    expect(await reads.read('a')).toMatchObject({ state: 'open', idleFor: 0 });
    expect(asked).toEqual(['a']);
  });

  test('uses the cache for a second after Redis was heard', async () => {
    const { reads, hear, asked } = readsWith(async () => record());
    hear();
    jest.advanceTimersByTime(1000);
    await reads.read('a');
    expect(asked).toEqual([]);
    jest.advanceTimersByTime(1);
    await reads.read('a');
    expect(asked).toEqual(['a']);
  });

  test('counts the newest command that was answered', async () => {
    const { reads, hear, asked } = readsWith(async () => record());
    hear();
    const early = performance.now();
    jest.advanceTimersByTime(600);
    hear();
    // The answer to a command that was sent earlier.
    reads.heard(early);
    jest.advanceTimersByTime(600);
    await reads.read('a');
    expect(asked).toEqual([]);
  });

  test('does not rely on the cache that there is no record', async () => {
    const { reads, hear, asked } = readsWith(async () => null);
    hear();
    expect(await reads.read('a')).toBe(EXACT);
    expect(asked).toEqual(['a']);
  });

  test('drops what was written from the cache', () => {
    const { reads, forget } = readsWith(async () => null);
    reads.forget('a');
    expect(forget.mock.calls).toEqual([['a']]);
  });
});

describe('a read without a cache', () => {
  test('needs no sign of life from Redis', async () => {
    const { reads, hear, asked } = readsWith(async () => record(), { isCaching: false });
    hear();
    jest.advanceTimersByTime(5000);
    await reads.read('a');
    expect(asked).toEqual([]);
  });

  test('knows that there is no record', async () => {
    const { reads, hear, asked } = readsWith(async () => null, { isCaching: false });
    hear();
    expect(await reads.read('a')).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('has nothing to forget', () => {
    const { reads } = readsWith(async () => null, { isCaching: false });
    expect(() => reads.forget('a')).not.toThrow();
  });
});

test('a key of another type is left to the script', async () => {
  const wrong = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
  const { reads, hear, asked } = readsWith(() => Promise.reject(wrong));
  hear();
  expect(await reads.read('a')).toBe(EXACT);
  expect(asked).toEqual(['a']);
});

test.each([new Error('READONLY'), new Error(''), 'WRONGTYPE', undefined])('fails with %p', async (error) => {
  const { reads, hear, asked } = readsWith(() => Promise.reject(error));
  hear();
  await expect(reads.read('a')).rejects.toBe(error);
  expect(asked).toEqual([]);
});

describe('a write', () => {
  /** A ledger on a client with a cache, and what was dropped from the cache. */
  function ledgerOn(evalSha: () => Promise<unknown>) {
    const dropped: string[] = [];
    const clientSideCache = { invalidate: (key: string) => dropped.push(key) };
    const client = { evalSha, eval: evalSha, get: async () => null, socketEpoch: 1, clientSideCache };
    return { ledger: new RedisLedger(client), dropped };
  }

  test('drops the record from the cache: Redis may report the change later than it answers', async () => {
    const { ledger, dropped } = ledgerOn(async () => [1, 'e 1 idle']);
    await ledger.end('a', { reason: 'idle', keepFor: 1000 });
    expect(dropped).toEqual(['session-timeout:a']);
  });

  test('drops it also if the write fails, because it may have happened', async () => {
    const { ledger, dropped } = ledgerOn(() => Promise.reject(new Error('connection lost')));
    await expect(ledger.end('a', { reason: 'idle', keepFor: 1000 })).rejects.toThrow('connection lost');
    expect(dropped).toEqual(['session-timeout:a']);
  });
});
