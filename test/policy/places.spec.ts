import { type PlaceHolder, whoLeaves } from '../../src/policy/places.js';

const holder = (key: string, sessionAge: number, idleFor: number): PlaceHolder => ({ key, sessionAge, idleFor });
/** The oldest is in use, and another one has been left alone the longest. */
const HOLDERS = [holder('new', 1, 1), holder('old', 9, 0), holder('left', 5, 5)];

test('nobody leaves while there is a place', () => {
  expect(whoLeaves(HOLDERS, 4, 'end-oldest')).toEqual([]);
  expect(whoLeaves(HOLDERS, 9, 'end-least-recent')).toEqual([]);
});

test('as many leave as there are too many, the oldest or the least recently used first', () => {
  expect(whoLeaves(HOLDERS, 3, 'end-oldest')).toEqual(['old']);
  expect(whoLeaves(HOLDERS, 2, 'end-oldest')).toEqual(['old', 'left']);
  expect(whoLeaves(HOLDERS, 3, 'end-least-recent')).toEqual(['left']);
  expect(whoLeaves(HOLDERS, 1, 'end-least-recent')).toEqual(['left', 'new', 'old']);
});

test('of two that are alike in one respect, the other respect decides', () => {
  const alike = [holder('a', 5, 1), holder('b', 5, 2), holder('c', 4, 2)];
  expect(whoLeaves(alike, 3, 'end-oldest')).toEqual(['b']);
  expect(whoLeaves(alike, 3, 'end-least-recent')).toEqual(['b']);
});
