import fc from 'fast-check';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { ManualClock } from '../../../src/testing/index.js';
import { DAY } from '../../support/time.js';

const keepFor = DAY;

describe('the memory ledger', () => {
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
