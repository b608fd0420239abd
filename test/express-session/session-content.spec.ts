import type { Request } from 'express';
import { Cookie, MemoryStore } from 'express-session';
import { MARKER } from '../../src/express-session/marker.js';
import { asStored, holdsData, setupOf } from '../../src/express-session/session-content.js';

/** An object that stores get as something else. */
const converted = { toJSON: () => 'stored' };

/** A function with a conversion of its own, which stores get as well. */
const convertedFunction = Object.assign(() => undefined, { toJSON: () => 'stored' });

describe('a session as its store gets it', () => {
  test.each([
    ['nothing', {}],
    ['plain data', { user: 'alice', roles: ['clerk'], count: 1, isNew: true, none: null, empty: undefined }],
    ['a cookie of express-session', { cookie: new Cookie(), user: 'alice' }],
    ['a function', { cookie: new Cookie(), greet: () => 'hello' }],
    ['a toJSON that is no function', { user: { toJSON: 'alice' } }],
  ])('is itself with %s', (_what, session) => {
    expect(asStored(session)).toBe(session);
  });

  test.each<[string, object, object]>([
    ['a field', { user: converted }, { user: 'stored' }],
    ['a field that is a function', { user: convertedFunction }, { user: 'stored' }],
    ['a part of a field', { account: { user: converted } }, { account: { user: 'stored' } }],
    ['an element of a list', { users: [null, 'bob', converted] }, { users: [null, 'bob', 'stored'] }],
    ['a date', { since: new Date(0) }, { since: '1970-01-01T00:00:00.000Z' }],
    ['a cookie in another field', { other: new Cookie() }, { other: expect.objectContaining({ path: '/' }) }],
    ['a cookie that is none', { cookie: { toJSON: () => ({}) }, user: 'alice' }, { cookie: {}, user: 'alice' }],
    ['the session itself', { user: 'alice', toJSON: () => ({ user: 'bob' }) }, { user: 'bob' }],
  ])('is a copy if %s has a conversion of its own', (_what, session, stored) => {
    expect(asStored(session)).toEqual(stored);
  });

  test('is itself if it cannot be stored', () => {
    const session = { big: 1n, user: converted };
    expect(asStored(session)).toBe(session);
  });
});

test.each([
  ['a cookie, a marker and what stores add', { cookie: {}, [MARKER]: 'text', lastModified: 1, __lastAccess: 2 }, false],
  ['a field of the application', { cookie: {}, user: 'alice' }, true],
  ['a field that is null', { cookie: {}, user: null }, true],
  ['a field that is undefined', { cookie: {}, user: undefined }, false],
  ['a method', { cookie: {}, greet: () => 'hello' }, false],
  ['a symbol', { cookie: {}, user: Symbol('alice') }, false],
  ['a function with a conversion of its own', { cookie: {}, user: convertedFunction }, true],
  ['nothing', {}, false],
])('a session with %s holds data of the application: %p', (_what, session, expected) => {
  expect(holdsData(session)).toBe(expected);
});

test.each([
  [59_001, 60_000],
  [60_000, 60_000],
  [null, null],
  [false, false],
  [undefined, undefined],
])('a cookie that lasts for %p ms shows a lifetime of %p ms', (originalMaxAge, maxAge) => {
  const cookie = { originalMaxAge, sameSite: 'lax', secure: 'auto' };
  const req = { session: { cookie }, sessionStore: new MemoryStore() } as unknown as Request;
  expect(setupOf(req)).toEqual({ hasMemoryStore: true, maxAge, sameSite: 'lax', secure: 'auto' });
});
