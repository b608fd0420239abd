import { jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { MemoryLedger } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../support/time.js';

const keepFor = DAY;

describe('the memory ledger', () => {
  test('lengthens no session if the wall clock is set back', () => {
    const clock = new ManualClock();
    const ledger = new MemoryLedger({ clock });
    ledger.open('key', { keepFor });
    clock.advance(10 * MINUTE);
    ledger.read('key');
    clock.advance(-HOUR);
    expect(ledger.read('key')).toMatchObject({ sessionAge: 10 * MINUTE, idleFor: 10 * MINUTE });
    clock.advance(5 * MINUTE);
    expect(ledger.read('key')).toMatchObject({ sessionAge: 15 * MINUTE, idleFor: 15 * MINUTE });
  });

  test('removes expired records by itself, some at a time, and then stops its timer', () => {
    jest.useFakeTimers();
    try {
      const clock = new ManualClock();
      const ledger = new MemoryLedger({ clock });
      for (let i = 0; i < 5000; i += 1) ledger.open(`short ${i}`, { keepFor: MINUTE });
      ledger.end('tombstone', { reason: 'idle', keepFor: HOUR });
      expect(jest.getTimerCount()).toBe(1);

      clock.advance(MINUTE);
      jest.advanceTimersByTime(SECOND);
      expect(ledger.size).toBeLessThan(5001);
      expect(ledger.size).toBeGreaterThan(4001);
      jest.advanceTimersByTime(MINUTE);
      expect(ledger.size).toBe(1);
      expect(ledger.read('tombstone')).toMatchObject({ state: 'ended', reason: 'idle' });

      clock.advance(HOUR);
      jest.advanceTimersByTime(MINUTE);
      expect(ledger.size).toBe(0);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test('clears its timer when it is closed, and can still be used', () => {
    jest.useFakeTimers();
    try {
      const ledger = new MemoryLedger({ clock: new ManualClock() });
      ledger.open('key', { keepFor });
      ledger.close();
      expect(jest.getTimerCount()).toBe(0);
      expect(ledger.read('key')).toMatchObject({ state: 'open' });
    } finally {
      jest.useRealTimers();
    }
  });

  test('does not return expired records that are not removed yet', () => {
    const clock = new ManualClock();
    const ledger = new MemoryLedger({ clock });
    ledger.open('key', { user: 'alice', keepFor: MINUTE });
    clock.advance(MINUTE);
    expect(ledger.read('key')).toBeUndefined();
    ledger.advance([{ key: 'key', idleFor: 0, keepFor }]);
    expect(ledger.read('key')).toBeUndefined();
    expect(ledger.open('key', { user: 'bob', keepFor })).toMatchObject({ sessionAge: 0, user: 'bob' });
    ledger.close();
  });

  test('keeps no process alive with its timer', () => {
    const program = `
      import { MemoryLedger } from ${JSON.stringify(new URL('../../../dist/index.js', import.meta.url).href)};
      new MemoryLedger().open('key', { keepFor: 1e9 });
    `;
    const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 20_000,
    });
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  });

  test('reads one of 100,000 sessions without a search through all', () => {
    const ledger = new MemoryLedger({ clock: new ManualClock() });
    const fill = (upTo: number) => {
      for (let i = ledger.size; i < upTo; i += 1) ledger.open(`session ${i}`, { keepFor });
    };
    const timeOfQuestions = () => {
      const started = performance.now();
      for (let i = 0; i < 1000; i += 1) {
        ledger.read(`session ${i}`);
        ledger.advance([{ key: `session ${i}`, idleFor: 0, keepFor }]);
      }
      return performance.now() - started;
    };
    fill(1000);
    timeOfQuestions();
    const few = Math.min(...Array.from({ length: 10 }, timeOfQuestions));
    fill(100_000);
    const many = Math.min(...Array.from({ length: 10 }, timeOfQuestions));
    // A look through all of them would take a hundred times as long.
    expect(many).toBeLessThan(few * 20);
    ledger.close();
  });

  test('property: behaves like a simple model, in any order of calls', () => {
    const key = fc.constantFrom('a', 'b');
    const duration = fc.integer({ min: 0, max: 1000 });
    const command = fc.oneof(
      fc.record({ type: fc.constant('open' as const), key, sessionAge: duration }),
      fc.record({ type: fc.constant('advance' as const), key, idleFor: fc.integer({ min: -100, max: 1000 }) }),
      fc.record({
        type: fc.constant('end' as const),
        key,
        reason: fc.constantFrom('idle' as const, 'revoked' as const),
      }),
      fc.record({ type: fc.constant('pass' as const), time: fc.integer({ min: -500, max: 1000 }) }),
    );
    type Model = { start: number; active: number; ended?: { reason: string; at: number } };

    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const clock = new ManualClock();
        const ledger = new MemoryLedger({ clock });
        const model = new Map<string, Model>();
        let now = 0;
        for (const command of commands) {
          if (command.type === 'pass') {
            clock.advance(command.time);
            // Only steps forward count.
            now += Math.max(0, command.time);
          } else if (command.type === 'open') {
            const known = model.get(command.key);
            if (!known) model.set(command.key, { start: now - command.sessionAge, active: now });
            ledger.open(command.key, { sessionAge: command.sessionAge, keepFor });
          } else if (command.type === 'advance') {
            const known = model.get(command.key);
            if (known && !known.ended) known.active = Math.max(known.active, now - Math.max(0, command.idleFor));
            ledger.advance([{ key: command.key, idleFor: command.idleFor, keepFor }]);
          } else {
            const known = model.get(command.key) ?? { start: now, active: now };
            const first = !known.ended;
            if (first) model.set(command.key, { ...known, ended: { reason: command.reason, at: now } });
            expect(ledger.end(command.key, { reason: command.reason, keepFor })).toBe(first);
          }
          ledger.read('a');
          for (const key of ['a', 'b']) {
            const expected = model.get(key);
            const record = ledger.read(key);
            if (!expected) expect(record).toBeUndefined();
            else if (expected.ended) {
              expect(record).toMatchObject({
                state: 'ended',
                reason: expected.ended.reason,
                endedFor: now - expected.ended.at,
              });
            } else
              expect(record).toMatchObject({
                state: 'open',
                sessionAge: now - expected.start,
                idleFor: now - expected.active,
              });
          }
        }
        ledger.close();
      }),
    );
  });
});
