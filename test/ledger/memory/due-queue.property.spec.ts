import fc from 'fast-check';
import { DueQueue } from '../../../src/ledger/memory/due-queue.js';
import { drained } from './support/drained.js';

test('property: rows come in the order of their times, whatever is added, moved and deleted', () => {
  const row = fc.nat({ max: 40 });
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.record({ row, time: fc.oneof(fc.nat({ max: 100 }), fc.constant(Infinity)) }) },
    { weight: 1, arbitrary: fc.record({ row }) },
  );
  fc.assert(
    fc.property(fc.array(command as fc.Arbitrary<{ row: number; time?: number }>, { maxLength: 200 }), (commands) => {
      const queue = new DueQueue();
      const model = new Map<number, number>();
      for (const { row, time } of commands) {
        if (time === undefined) queue.delete(row);
        else queue.set(row, time);
        if (time === undefined || time === Infinity) model.delete(row);
        else model.set(row, time);
        expect(queue.size).toBe(model.size);
        const first = Math.min(...model.values());
        expect(queue.first(first - 1)).toBeUndefined();
        if (model.size > 0) expect(model.get(queue.first(first) as number)).toBe(first);
      }
      const rows = drained(queue);
      expect(rows.toSorted()).toEqual([...model.keys()].toSorted());
      expect(rows.map((row) => model.get(row))).toEqual([...model.values()].toSorted((a, b) => a - b));
    }),
  );
});
