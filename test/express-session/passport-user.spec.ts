import type { Request } from 'express';
import { forgetUser, hasUser } from '../../src/express-session/passport-user.js';
import { serve } from './support/server.js';
import { showing } from './support/taken-server.js';

const names: [string, object, string][] = [
  ['the usual name', {}, 'user'],
  ['the name that the application has chosen', { _userProperty: 'account' }, 'account'],
  ['the name of older versions', { _passport: { instance: { _userProperty: 'account' } } }, 'account'],
  ['the usual name of older versions', { _passport: { instance: {} } }, 'user'],
  ['the usual name without an instance', { _passport: {} }, 'user'],
];

test.each(names)('a user is found, and taken off the request, under %s', async (_what, passport, name) => {
  const act = (req: Request) => {
    const before = hasUser(req);
    Object.assign(req, passport, { [name]: { id: 'alice' }, other: 'kept' });
    const signedIn = hasUser(req);
    forgetUser(req);
    return [before, signedIn, hasUser(req), name in req, 'other' in req];
  };
  await serve([showing(act)])
    .request.get('/')
    .expect(200, { seen: [false, true, false, false, true] });
});

test.each([null, undefined, '', false])('%p is no user', (user) => {
  expect(hasUser({ user } as unknown as Request)).toBe(false);
});

test.each([
  [{ passport: { user: 'alice' } }, true],
  [{ passport: { user: 0 } }, true],
  [{ passport: {} }, false],
  [{ passport: null }, false],
  [{}, false],
])('passport has a user in the session %j: %p', (session, has) => {
  expect(hasUser({ session } as unknown as Request)).toBe(has);
});

test('a request without a user stays as it is', () => {
  const req = {} as Request;
  forgetUser(req);
  expect(req).toEqual({});
});
