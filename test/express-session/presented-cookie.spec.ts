import type { Response } from 'express';
import type { IncomingMessage } from 'node:http';
import {
  answersCookie,
  clearsCookieOf,
  isPresented,
  nameOfCookie,
  presentedSessionId,
  presentsSignedCookie,
} from '../../src/express-session/presented-cookie.js';
import { fill } from './support/taken-server.js';
import { serve } from './support/server.js';

const bringing = (cookie: string | undefined) => ({ headers: { cookie } }) as IncomingMessage;

const LONG = 'x'.repeat(256);

describe('the session id that a cookie names', () => {
  test('is that of express-session', async () => {
    const seen: unknown[] = [];
    const server = serve([
      (req, res) => {
        const { sessionID: id } = req;
        seen.push(
          presentedSessionId(req, 'connect.sid') === id,
          isPresented(req, id, 'connect.sid'),
          nameOfCookie(req, id),
        );
        res.end();
      },
    ]);
    await fill(server);
    await server.browser.get('/').expect(200);
    await server.request.get('/').expect(200);
    expect(seen).toEqual([true, true, 'connect.sid', false, false, undefined]);
  });

  test.each([
    ['s:id.signature', 'id'],
    ['s%3Aid.signature', 'id'],
    ['s:an.id.signature', 'an.id'],
    [`s:${LONG}.signature`, LONG],
    [`s:${LONG}x.signature`, undefined],
    ['s:.signature', undefined],
    ['s:id', undefined],
    ['s:', undefined],
    ['id.signature', undefined],
    ['long.id.signature', undefined],
    ['j:{"id":1}', undefined],
    ['', undefined],
  ])('in %s is %s', (value, id) => {
    expect(presentedSessionId(bringing(`a=b; sid=${value}; c=d`), 'sid')).toBe(id);
  });

  test.each([undefined, '', 'other=s:id.signature', '__proto__=s:id.signature'])('is none in %p', (cookie) => {
    expect(presentedSessionId(bringing(cookie), 'sid')).toBeUndefined();
    expect(presentedSessionId(bringing(cookie), 'constructor')).toBeUndefined();
  });
});

describe('whether a cookie of a name names a session', () => {
  test.each([
    ['sid=s:id.signature', 'sid', true],
    ['other=s:id.signature', 'sid', false],
    ['sid=s:id2.signature', 'sid', false],
    ['sid=s:i.signature', 'sid', false],
    ['sid=id', 'sid', false],
    [undefined, 'sid', false],
  ])('%p: %s', (cookie, name, expected) => {
    expect(isPresented(bringing(cookie), 'id', name)).toBe(expected);
  });
});

test.each([
  ['a=s:other.signature; b=s:id.signature', 'b'],
  ['a=s:id2.signature', undefined],
  ['a=b', undefined],
  [undefined, undefined],
])('the name of the cookie that names a session in %p is %p', (cookie, name) => {
  expect(nameOfCookie(bringing(cookie), 'id')).toBe(name);
});

test.each([
  ['sid=s:id.signature', ['sid=; Path=/'], 'id', true],
  ['sid=s:id.signature', 'sid=; Path=/', 'id', true],
  ['sid=s:id.signature', ['theme=dark', 'sid=; Path=/'], 'id', true],
  ['sid=s:id.signature', ['sid=s:new.signature', 'theme=; Path=/'], 'id', false],
  ['sid=s:id.signature', undefined, 'id', false],
  ['sid=s:other.signature', ['sid=; Path=/'], 'id', false],
  ['sid=s:id.signature', ['sid=; Path=/'], undefined, false],
  ['sid=s:undefined.signature', ['sid=; Path=/'], undefined, false],
  ['sid=s:other.signature', ['undefined=; Path=/'], 'id', false],
])(
  'the cookie of a request with %p is cleared by an answer with %j for session %s: %p',
  (cookie, set, id, expected) => {
    const res = { req: bringing(cookie), getHeader: () => set } as unknown as Response;
    expect(clearsCookieOf(res, id)).toBe(expected);
  },
);

test.each([
  [['sid=s:new.signature'], true],
  ['sid=; Path=/', true],
  [['theme=dark', 'sid=; Path=/'], true],
  [['theme=sid='], false],
  [['my-sid=a'], false],
  [['sid2=a'], false],
  [undefined, false],
])('an answer with %j sets or clears the cookie sid: %p', (set, expected) => {
  expect(answersCookie({ getHeader: () => set } as unknown as Response, 'sid')).toBe(expected);
});

test.each([
  ['a=s:id.signature', true],
  ['a=s%3Aid.signature', true],
  ['a=b; c=s:id.signature', true],
  ['a=s:id', false],
  ['a=b.c', false],
  ['', false],
  [undefined, false],
])('%p brings a signed cookie: %p', (cookie, expected) => {
  expect(presentsSignedCookie(bringing(cookie))).toBe(expected);
});
