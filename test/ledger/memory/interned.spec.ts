import { Interned } from '../../../src/ledger/memory/interned.js';

test('equal values share a number, until no row uses them any more', () => {
  const interned = new Interned<{ a: number }>(JSON.stringify);
  const one = interned.take({ a: 1 });
  const two = interned.take({ a: 2 });
  expect(interned.take({ a: 1 })).toBe(one);
  expect([interned.get(one), interned.get(two), interned.size]).toEqual([{ a: 1 }, { a: 2 }, 2]);
  interned.drop(one);
  expect([interned.get(one), interned.size]).toEqual([{ a: 1 }, 2]);
  interned.drop(one);
  interned.drop(two);
  expect(interned.size).toBe(0);
  const reused = [interned.take({ a: 3 }), interned.take({ a: 4 })];
  expect(reused.toSorted()).toEqual([one, two].toSorted());
  expect(reused.map((number) => interned.get(number))).toEqual([{ a: 3 }, { a: 4 }]);
});
