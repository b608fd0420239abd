import { UserIndex } from '../../../src/ledger/memory/user-index.js';

const closed = new Set<number>();
let index: UserIndex;
beforeEach(() => {
  closed.clear();
  index = new UserIndex((row) => !closed.has(row));
});

test('finds the rows of each user, in the order in which they were added', () => {
  index.add('alice', 0);
  index.add('bob', 1);
  index.add('alice', 2);
  index.add('alice', 3);
  index.add('alice', 2);
  expect([index.rowsOf('alice'), index.rowsOf('bob'), index.rowsOf('carol')]).toEqual([[0, 3, 2], [1], []]);
});

test('returns no rows that are not wanted any more', () => {
  for (const row of [1, 2]) index.add('alice', row);
  closed.add(1);
  expect(index.rowsOf('alice')).toEqual([2]);
  index.add('alice', 3);
  closed.clear();
  expect(index.rowsOf('alice')).toEqual([2, 3]);
});

test('forgets rows, and does not mind if they are not there', () => {
  for (const row of [1, 2, 3]) index.add('alice', row);
  index.delete('alice', 9);
  index.delete('bob', 1);
  expect(index.rowsOf('alice')).toEqual([1, 2, 3]);
  index.delete('alice', 2);
  expect(index.rowsOf('alice')).toEqual([1, 3]);
  index.delete('alice', 1);
  expect(index.rowsOf('alice')).toEqual([3]);
  index.delete('alice', 3);
  expect(index.rowsOf('alice')).toEqual([]);
});
