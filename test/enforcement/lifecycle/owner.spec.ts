import { changeOf, NOBODY, ownerOf, ownerWhenLoaded } from '../../../src/enforcement/lifecycle/identity.js';
import type { HttpSession } from '../../../src/express-session/http-session.js';
import type { SessionContent } from '../../../src/express-session/session-content.js';

const identify = (data: SessionContent) => data['user'] as string | undefined;
const content = (data: object) => ({ cookie: {}, ...data }) as unknown as SessionContent;
const alice = { isTracked: true, user: 'alice' };
const bob = { isTracked: true, user: 'bob' };
const somebody = { isTracked: true, user: undefined };

describe('the owner of a session', () => {
  test('is the user that the application finds in it', () => {
    expect(ownerOf(content({ user: 'alice' }), { identify })).toEqual(alice);
    expect(ownerOf(content({ basket: 1 }), { identify })).toEqual(NOBODY);
    expect(ownerOf(content({}), { identify: () => 'alice' })).toEqual(NOBODY);
  });

  test('is somebody if the application identifies nobody, and the session contains data', () => {
    expect(ownerOf(content({ basket: 1 }), { identify: undefined })).toEqual(somebody);
    expect(ownerOf(content({}), { identify: undefined })).toEqual(NOBODY);
  });

  test('is the same as before while the user is', () => {
    expect(ownerOf(content({ user: 'alice' }), { identify }, alice)).toBe(alice);
    expect(ownerOf(content({ user: 'alice' }), { identify }, bob)).toEqual(alice);
  });

  test('is the user that the stored data names', () => {
    const data = { cookie: {}, account: { toJSON: () => ({ name: 'alice' }) } } as unknown as SessionContent;
    const named = ({ account }: { account?: { name?: string } }) => account?.name;
    expect(ownerOf(data, { identify: named as typeof identify })).toEqual(alice);
  });

  test('when it was loaded is that of the loaded data, if there is any', () => {
    const session = (change: Partial<HttpSession>) =>
      ({ origin: 'loaded', isReused: true, loaded: content({ user: 'alice' }), ...change }) as HttpSession;
    expect(ownerWhenLoaded(session({}), { identify })).toEqual(alice);
    expect(ownerWhenLoaded(session({ origin: 'new' }), { identify })).toBe(NOBODY);
    expect(ownerWhenLoaded(session({ isReused: false }), { identify })).toBe(NOBODY);
  });
});

test.each([
  [NOBODY, NOBODY, undefined],
  [NOBODY, { ...NOBODY }, undefined],
  [NOBODY, alice, 'sign-in'],
  [alice, NOBODY, 'sign-out'],
  [alice, bob, 'switch'],
  [alice, { ...alice }, undefined],
])('from %j to %j is %s', (before, now, change) => {
  expect(changeOf(before, now)).toBe(change);
});
