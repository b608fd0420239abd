import { jest } from '@jest/globals';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { ManualClock } from '../../../src/testing/index.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../support/time.js';

const keepFor = DAY;
const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR };

let clock: ManualClock;
let ledger: MemoryLedger;

beforeEach(() => {
  jest.useFakeTimers();
  clock = new ManualClock();
  ledger = new MemoryLedger({ clock });
});
afterEach(() => {
  ledger.close();
  jest.useRealTimers();
});

const claim = (key: string, evict: string[] = [], max = 1) => ledger.users.claim('alice', key, { max, evict });

/** Lets time pass, and what runs by itself run. */
function pass(milliseconds: number): void {
  clock.advance(milliseconds);
  jest.advanceTimersByTime(milliseconds);
}

describe('a place that is claimed', () => {
  test('is free again after a minute if its session is not opened', () => {
    expect(claim('a')).toMatchObject({ admitted: true });
    pass(MINUTE - 1);
    expect(claim('b')).toMatchObject({ admitted: false, members: ['a'] });
    pass(1);
    expect(claim('b')).toMatchObject({ admitted: true, leaving: [] });
  });

  test('is not free after a minute if its session is open', () => {
    claim('a');
    ledger.open('a', { user: 'alice', keepFor });
    pass(2 * MINUTE);
    expect(claim('b')).toMatchObject({ admitted: false, members: ['a'] });
  });

  test('is free if its session is opened for somebody else', () => {
    claim('a');
    ledger.open('a', { user: 'bob', keepFor });
    expect(claim('b')).toMatchObject({ admitted: true });
    expect(ledger.users.ofUser('alice')).toEqual([]);
  });

  test('can be claimed again by an open session that was released', () => {
    ledger.open('a', { user: 'alice', keepFor });
    ledger.users.release('alice', 'a');
    expect(claim('a')).toMatchObject({ admitted: true });
    expect(claim('b')).toMatchObject({ admitted: false, members: ['a'] });
    expect(ledger.users.ofUser('alice')).toMatchObject([{ key: 'a' }]);
  });
});

describe('a session that goes on under another id', () => {
  const replace = (key: string, replaces: string, evict: string[] = [], max = 1) =>
    ledger.users.claim('alice', key, { max, evict, replaces });

  test('gives its place to the new id, although there is no other place, and is not evicted', () => {
    ledger.open('a', { user: 'alice', limits, keepFor });
    expect(replace('b', 'a', ['a'])).toEqual({ admitted: true, leaving: [] });
    ledger.open('b', { user: 'alice', limits, keepFor });
    expect(claim('c')).toMatchObject({ admitted: false, members: ['b'] });
    expect(ledger.users.due(10, MINUTE)).toEqual([]);
  });

  test('gives its place away only once', () => {
    ledger.open('a', { user: 'alice', limits, keepFor });
    replace('b', 'a');
    expect(replace('c', 'a')).toMatchObject({ admitted: false, members: ['b'] });
    expect(replace('c', 'unknown')).toMatchObject({ admitted: false, members: ['b'] });
  });
});

test('says which number is unusable', () => {
  expect(() => claim('a', [], -1)).toThrow(/max/);
  expect(() => ledger.users.due(-1, MINUTE)).toThrow(/limit/);
  expect(() => ledger.users.due(1, -1)).toThrow(/lease/);
});

test('ends no session that is unknown, released, or on no list', () => {
  ledger.open('a', { limits, keepFor });
  ledger.users.release('alice', 'a');
  ledger.users.release('alice', 'unknown');
  expect(claim('b', ['unknown'])).toEqual({ admitted: true, leaving: [] });
  expect(ledger.users.expire('unknown', { keepFor })).toBeUndefined();
  expect(ledger.users.expire('a', { keepFor })).toEqual({ dueIn: 15 * MINUTE });
  expect(ledger.users.due(10, MINUTE)).toEqual([]);
});

test('a place that was only claimed is swept away by itself', () => {
  claim('a');
  expect(jest.getTimerCount()).toBe(1);
  pass(3 * MINUTE);
  expect(jest.getTimerCount()).toBe(0);
});

describe('a session that is leaving', () => {
  test('is due and ended as displaced if it is opened although it was evicted', () => {
    claim('a');
    claim('b', ['a']);
    ledger.open('a', { user: 'alice', limits, keepFor });
    expect(ledger.users.due(10, MINUTE)).toEqual(['a']);
    expect(ledger.users.expire('a', { keepFor })).toEqual({ ended: 'displaced', user: 'alice' });
    expect(claim('b')).toMatchObject({ leaving: [] });
  });

  test('is told of by every claim until it has ended, and for a minute if it has no record', () => {
    ledger.open('a', { user: 'alice', keepFor });
    claim('b', ['a']);
    claim('c', ['b']);
    pass(59 * SECOND);
    expect(claim('c')).toMatchObject({ leaving: ['a', 'b'] });
    pass(SECOND);
    expect(claim('c')).toMatchObject({ leaving: ['a'] });
    ledger.end('a', { reason: 'displaced', keepFor });
    expect(claim('c')).toMatchObject({ leaving: [] });
  });
});

test('a clock that is set back makes nobody live longer, and no lease', () => {
  ledger.open('a', { user: 'alice', authAge: MINUTE, limits, keepFor });
  clock.advance(10 * MINUTE);
  expect(ledger.users.due(10, MINUTE)).toEqual([]);
  clock.advance(-HOUR);
  expect(ledger.users.ofUser('alice')).toMatchObject([{ idleFor: 10 * MINUTE, authAge: 11 * MINUTE }]);
  clock.advance(5 * MINUTE);
  expect(ledger.users.due(10, MINUTE)).toEqual(['a']);
  clock.advance(-HOUR);
  expect(ledger.users.due(10, MINUTE)).toEqual([]);
  clock.advance(MINUTE);
  expect(ledger.users.due(10, MINUTE)).toEqual(['a']);
  expect(ledger.users.expire('a', { keepFor })).toEqual({ ended: 'idle', user: 'alice' });
});

test('nobody can change the device of a session', async () => {
  const device = { browser: 'Firefox' };
  ledger.open('a', { user: 'alice', device, keepFor });
  device.browser = 'changed';
  const [record] = await ledger.users.ofUser('alice');
  expect(() => Object.assign(record?.device ?? {}, { browser: 'changed' })).toThrow(TypeError);
  expect(ledger.users.ofUser('alice')).toMatchObject([{ device: { browser: 'Firefox' } }]);
});

test('nothing is left of sessions, claims and due times when all are over, and no timer', () => {
  for (let i = 0; i < 3000; i += 1) {
    const user = `user ${i % 1000}`;
    ledger.users.claim(user, `session ${i}`, { max: 2, evict: [`session ${i - 2000}`] });
    if (i % 3 > 0) ledger.open(`session ${i}`, { user, limits, keepFor: MINUTE, device: { address: `${i}` } });
    if (i % 3 > 1) ledger.end(`session ${i}`, { reason: 'signed-out', keepFor: MINUTE });
  }
  expect(jest.getTimerCount()).toBe(1);
  pass(3 * MINUTE);
  expect([ledger.size, jest.getTimerCount()]).toEqual([0, 0]);
  clock.advance(DAY);
  expect(ledger.users.due(10_000, MINUTE)).toEqual([]);
  for (let i = 0; i < 1000; i += 1) {
    expect(ledger.users.ofUser(`user ${i}`)).toEqual([]);
    expect(ledger.users.claim(`user ${i}`, 'new', { max: 1, evict: [] })).toEqual({ admitted: true, leaving: [] });
  }
});
