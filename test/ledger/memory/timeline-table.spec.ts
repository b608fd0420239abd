import fc from 'fast-check';
import { type Timeline, TimelineTable } from '../../../src/ledger/memory/timeline-table.js';
import { reasons } from '../../../src/policy/reason.js';

test('property: the table holds what a map would hold', () => {
  const timeline = fc.record<Timeline>({
    startedAt: fc.double({ noNaN: true }),
    latestAt: fc.double({ noNaN: true }),
    forgetAt: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(Infinity)),
    user: fc.option(fc.string(), { nil: undefined }),
    reason: fc.option(fc.constantFrom(...reasons), { nil: undefined }),
  });
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.record({ key: fc.string({ maxLength: 6 }), timeline }) },
    { weight: 1, arbitrary: fc.record({ now: fc.integer({ min: 0, max: 100 }) }) },
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const table = new TimelineTable();
      const model = new Map<string, Timeline>();
      for (const command of commands) {
        if ('now' in command) {
          table.sweep(command.now, 1);
          for (const [key, { forgetAt }] of model) if (forgetAt <= command.now) model.delete(key);
        } else {
          table.set(command.key, command.timeline);
          model.set(command.key, command.timeline);
        }
        expect(table.size).toBe(model.size);
        for (const [key, expected] of model) expect(table.get(key)).toEqual(expected);
      }
    }),
  );
});

test('the given number of sweeps visits every record once', () => {
  for (const parts of [1, 7, 60, 256]) {
    const table = new TimelineTable();
    const over = { startedAt: 0, latestAt: 0, forgetAt: 1, user: undefined, reason: undefined };
    for (let i = 0; i < 3000; i += 1) table.set(`session ${i}`, over);
    for (let sweeps = 0; sweeps < parts; sweeps += 1) table.sweep(1, parts);
    expect(table.size).toBe(0);
    expect(table.get('session 1')).toBeUndefined();
  }
});
