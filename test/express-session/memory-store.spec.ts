import session from 'express-session';
import { hasClass, isMemoryStore } from '../../src/express-session/memory-store.js';

class OwnStore extends session.MemoryStore {}

/** Like that of the package `memorystore`, whose sessions are elsewhere. */
const others = () => {
  class MemoryStore {
    constructor(readonly store: unknown) {}
  }
  return new MemoryStore({});
};

test.each([
  ['itself', new session.MemoryStore(), true],
  ['a subclass of it', new OwnStore(), true],
  ['another class with its name', others(), false],
  ['another class with its name and no sessions', Object.assign(others(), { sessions: null }), false],
  ['another class with its name and text as sessions', Object.assign(others(), { sessions: 'text' }), false],
  ['another class with sessions', { sessions: {} }, false],
])('the MemoryStore of express-session is recognised: %s', (_what, store, expected) => {
  expect(isMemoryStore(store)).toBe(expected);
});

test('an object whose classes have no constructor is of no class', () => {
  expect(hasClass(Object.create(Object.create(null)), 'MemoryStore')).toBe(false);
});
