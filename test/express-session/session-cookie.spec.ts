import type { Request } from 'express';
import session, { Cookie } from 'express-session';
import {
  CookieSnapshot,
  cookieOptions,
  copyCookie,
  isUsableCookie,
  mayBeSecure,
  type SessionCookie,
} from '../../src/express-session/session-cookie.js';
import { setCookies } from '../support/cookies.js';
import { HOUR, MINUTE } from '../support/time.js';
import { serve } from './support/server.js';
import { showing } from './support/taken-server.js';

const cookie = (attributes: object = {}) => Object.assign(new Cookie(), attributes) as unknown as SessionCookie;

describe('cookieOptions()', () => {
  const shown = showing((req) => cookieOptions(req.session.cookie));

  test.each<[string, NonNullable<session.SessionOptions['cookie']>]>([
    ['with all', { path: '/app', domain: 'app.example', secure: false, httpOnly: false, sameSite: 'lax' }],
    ['with partitioned', { path: '/app', secure: true, httpOnly: true, sameSite: 'none', partitioned: true }],
  ])('gives the options that the cookie was set with: %s', async (_what, options) => {
    const { request } = serve([shown], { cookie: options });
    await request.get('/app').expect(200, { seen: options });
  });

  test('gives the defaults of express-session', async () => {
    const { request } = serve([shown]);
    await request.get('/').expect(200, { seen: { path: '/', secure: false, httpOnly: true } });
  });

  test('clears the cookie that express-session has set', async () => {
    const act = (req: Request) => {
      req.session.user = 'alice';
      req.res?.clearCookie('connect.sid', cookieOptions(req.session.cookie));
    };
    const options = { path: '/app', domain: 'app.example', sameSite: 'strict', httpOnly: false } as const;
    const { request } = serve([showing(act)], { cookie: options });
    const cookies = setCookies(await request.get('/app').expect(200));
    const attributes = cookies.map((text) =>
      text
        .split('; ')
        .slice(1)
        .filter((attribute) => !attribute.startsWith('Expires')),
    );
    expect(cookies).toHaveLength(2);
    expect(attributes[0]?.toSorted()).toEqual(attributes[1]?.toSorted());
  });

  test('leaves out what is null', () => {
    expect(cookieOptions(cookie({ domain: null, sameSite: undefined, path: null }))).toStrictEqual({
      path: '/',
      secure: false,
      httpOnly: true,
    });
  });
});

describe('copyCookie()', () => {
  test('copies the attributes, and begins a lifetime of the same length', () => {
    const attributes = { path: '/app', domain: 'app.example', secure: true, httpOnly: false, sameSite: 'none' };
    const from = cookie({ ...attributes, partitioned: true, priority: 'high', maxAge: HOUR });
    // Most of it is over.
    from.expires = new Date(Date.now() + MINUTE);
    from.originalMaxAge = HOUR;
    const to = cookie();
    copyCookie(from, to);
    expect(to).toMatchObject({
      ...attributes,
      partitioned: true,
      priority: 'high',
      originalMaxAge: expect.any(Number),
    });
    expect(to.originalMaxAge).toBeGreaterThan(HOUR - MINUTE);
    expect((to.expires as Date).getTime() - Date.now()).toBeGreaterThan(HOUR - MINUTE);
  });

  test.each([null, false])('copies that a cookie ends with the browser: %p', (originalMaxAge) => {
    const to = cookie({ maxAge: HOUR });
    copyCookie(cookie({ expires: originalMaxAge, originalMaxAge }), to);
    expect({ expires: to.expires, originalMaxAge: to.originalMaxAge }).toEqual({
      expires: originalMaxAge,
      originalMaxAge,
    });
  });

  test.each([
    ['stays Secure if the browser will get it over https', false, true, true, true],
    ['becomes what the first one is if the browser will get it over http', false, true, false, false],
    ['becomes what the first one is if nothing is said', false, true, undefined, false],
    ['does not become Secure by itself', false, false, true, false],
    ['becomes Secure with the first one', true, false, false, true],
  ])('of a cookie that %s', (_what, isFromSecure, isToSecure, staysSecure, isSecure) => {
    const to = cookie({ secure: isToSecure });
    copyCookie(cookie({ secure: isFromSecure }), to, staysSecure);
    expect(to.secure).toBe(isSecure);
  });

  test('keeps the SameSite that express-session has chosen for https, if the first one began over http', () => {
    const to = cookie({ secure: true, sameSite: 'none' });
    copyCookie(cookie({ secure: false, sameSite: 'lax' }), to, true);
    expect(to).toMatchObject({ secure: true, sameSite: 'none' });
  });

  test('copies another SameSite that somebody has chosen', () => {
    const to = cookie({ secure: true, sameSite: 'lax' });
    copyCookie(cookie({ secure: false, sameSite: 'strict' }), to, true);
    expect(to).toMatchObject({ secure: true, sameSite: 'strict' });
  });

  test('leaves what the other does not have', () => {
    const to = cookie({ sameSite: 'lax' });
    copyCookie(cookie(), to);
    expect(to.sameSite).toBe('lax');
  });
});

test.each<[boolean, string | undefined, boolean]>([
  [true, undefined, true],
  [true, 'http', true],
  [false, 'https', true],
  [false, ' HTTPS , http', true],
  [false, 'http, https', false],
  [false, 'httpsx', false],
  [false, undefined, false],
])('a request that is secure to Express (%s), with the protocol %j, may be secure: %s', (secure, proto, expected) => {
  expect(mayBeSecure({ secure, headers: { 'x-forwarded-proto': proto } })).toBe(expected);
});

describe('isUsableCookie()', () => {
  test.each<[string, unknown]>([
    ['a new one', cookie()],
    ['one that lasts', cookie({ maxAge: HOUR })],
    ['one that ends with the browser', cookie({ expires: false, originalMaxAge: false })],
  ])('is true of %s', (_what, value) => {
    expect(isUsableCookie(value)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'connect.sid'],
    ['what a user may send', { originalMaxAge: null, path: '/' }],
    ['one whose function is text', cookie({ serialize: 'mine' })],
    ['a lifetime that is text', cookie({ originalMaxAge: '60000' })],
    ['an expiry that is text', cookie({ expires: '2026-01-05T09:00:00Z' })],
    ['an expiry that is no date', cookie({ expires: new Date(Number.NaN) })],
  ])('is not true of %s', (_what, value) => {
    expect(isUsableCookie(value)).toBe(false);
  });
});

describe('a snapshot of a cookie', () => {
  const changed = (change: (some: SessionCookie) => void, before: object = {}) => {
    const some = cookie(before);
    const snapshot = new CookieSnapshot(some);
    change(some);
    return !snapshot.isOf(some);
  };

  test.each(['path', 'domain', 'secure', 'httpOnly', 'sameSite', 'partitioned', 'priority'])(
    'shows that its %s was changed',
    (name) => {
      expect(changed((some) => void Object.assign(some, { [name]: 'other' }))).toBe(true);
      expect(changed((some) => void Object.assign(some, { [name]: 'same' }), { [name]: 'same' })).toBe(false);
    },
  );

  test('shows that another one is in its place', () => {
    expect(new CookieSnapshot(cookie()).isOf(cookie())).toBe(false);
  });

  test.each([
    [HOUR, HOUR, false],
    [HOUR, HOUR - 5, false],
    [HOUR, HOUR + MINUTE, true],
    [HOUR, null, true],
    [null, HOUR, true],
    [null, null, false],
    [null, false, true],
  ])('shows whether its lifetime was changed: from %p to %p', (one, other, isChanged) => {
    const change = (some: SessionCookie) => void (some.originalMaxAge = other as number);
    expect(changed(change, { originalMaxAge: one })).toBe(isChanged);
  });
});
