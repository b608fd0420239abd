import fc from 'fast-check';
import { NO_TRAITS, type TimelineRow, TimelineTable, type Traits } from '../../../src/ledger/memory/timeline-table.js';
import { reasons } from '../../../src/policy/reason.js';

test('property: the table holds what a map would hold', () => {
  const limit = fc.constantFrom<number | false>(false, 1, 2);
  const traits = fc.oneof(
    fc.constant(NO_TRAITS),
    fc.record<Traits>({
      limits: fc.option(fc.record({ idleTimeout: limit, absoluteTimeout: limit }), { nil: undefined }),
      device: fc.option(fc.record({ browser: fc.constantFrom('Firefox', 'Safari') }), { nil: undefined }),
    }),
  );
  const time = fc.double({ noNaN: true });
  const timeline: fc.Arbitrary<TimelineRow> = fc
    .record({
      startedAt: time,
      latestAt: time,
      forgetAt: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(Infinity)),
      user: fc.option(fc.constantFrom('', 'alice', 'bob'), { nil: undefined }),
      reason: fc.option(fc.constantFrom(...reasons), { nil: undefined }),
      traits,
      authAt: fc.option(time, { nil: undefined }),
    })
    .map((some) =>
      Object.assign(some, {
        authAt: some.authAt ?? some.startedAt,
        traits: some.reason ? NO_TRAITS : some.traits,
      }),
    );
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.record({ key: fc.string({ maxLength: 6 }), timeline }) },
    { weight: 1, arbitrary: fc.record({ endedAt: time }) },
    { weight: 1, arbitrary: fc.record({ now: fc.integer({ min: 0, max: 100 }) }) },
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const table = new TimelineTable();
      const model = new Map<string, TimelineRow>();
      for (const command of commands) {
        if ('now' in command) {
          table.prune(command.now, 1);
          for (const [key, { forgetAt }] of model) if (forgetAt <= command.now) model.delete(key);
        } else if ('endedAt' in command) {
          for (const [key, timeline] of model) {
            if (timeline.reason) continue;
            table.end(table.rowOf(key, -1) as number, 'revoked', command.endedAt, Infinity);
            const ended = { latestAt: command.endedAt, forgetAt: Infinity, reason: 'revoked' as const };
            model.set(key, { ...timeline, ...ended, traits: NO_TRAITS });
          }
        } else {
          table.add(command.key, command.timeline);
          model.set(command.key, command.timeline);
        }
        expect(table.size).toBe(model.size);
        for (const [key, expected] of model) {
          const row = table.rowOf(key, -1) as number;
          expect(table.get(row)).toEqual(expected);
          expect([table.keyOf(row), table.isEnded(row)]).toEqual([key, expected.reason !== undefined]);
        }
        for (const user of ['', 'alice', 'bob']) {
          const open = [...model].filter(([, timeline]) => timeline.user === user && !timeline.reason);
          const found = table.users.rowsOf(user).map((row) => table.keyOf(row));
          expect(found.toSorted()).toEqual(open.map(([key]) => key).toSorted());
        }
      }
    }),
  );
});
