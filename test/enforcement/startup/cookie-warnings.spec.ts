import type { RequestHandler } from 'express';
import type { SessionOptions } from 'express-session';
import { repeatedCookie } from '../../../src/express-session/repeated-cookie.js';
import type { SessionTimeoutOptions } from '../../../src/index.js';
import { type AppOptions, DAY, HOUR, MINUTE, startApp, stopApps } from '../../support/app.js';
import { collector } from '../../support/logs.js';

afterEach(stopApps);

async function start(
  session: Partial<SessionOptions>,
  options: SessionTimeoutOptions = {},
  setup: NonNullable<AppOptions['setup']> = () => undefined,
) {
  const logs: string[] = [];
  const app = await startApp({ options, session, setup, logger: collector(logs) });
  return { ...app, logged: (text: string) => logs.filter((line) => line.includes(text)) };
}

describe('a cookie with a lifetime', () => {
  const LACK = 'express-session does not renew it';

  test.each<[string, Partial<SessionOptions>, SessionTimeoutOptions, number]>([
    ['is warned of once if it ends before absoluteTimeout', { cookie: { maxAge: HOUR } }, {}, 1],
    ['is warned of without absoluteTimeout', { cookie: { maxAge: DAY } }, { absoluteTimeout: false }, 1],
    ['is not warned of if it is renewed', { cookie: { maxAge: HOUR }, rolling: true }, {}, 0],
    ['is not warned of if it lives as long as absoluteTimeout', { cookie: { maxAge: 12 * HOUR } }, {}, 0],
    ['is not warned of twice if it is shorter than idleTimeout', { cookie: { maxAge: 10 * MINUTE } }, {}, 0],
    ['is not warned of if it ends with the browser', {}, {}, 0],
  ])('%s', async (_case, session, options, times) => {
    const { signedIn, logged } = await start(session, options);
    const alice = await signedIn();
    // What is written is sent with a cookie, also without `rolling`.
    await alice.post('/note').send({ note: 'a' }).expect(201);
    for (let i = 0; i < 30; i += 1) await alice.get('/me').expect(200);
    expect(logged(LACK)).toHaveLength(times);
  });

  test('is warned of although the application sets another cookie with each answer', async () => {
    const { signedIn, logged } = await start({ cookie: { maxAge: HOUR } }, {}, (app) =>
      app.use(((_req, res, next) => (res.cookie('language', 'en'), next())) as RequestHandler),
    );
    const alice = await signedIn();
    for (let i = 0; i < 30; i += 1) await alice.get('/me').expect(200);
    expect(logged(LACK)).toHaveLength(1);
  });
});

describe('two cookies of one name', () => {
  test('are warned of once, as users cannot sign in', async () => {
    const { signedIn, request, logged } = await start({});
    await signedIn();
    for (let i = 0; i < 2; i += 1) {
      await request
        .get('/me')
        .set('cookie', 'connect.sid=s%3Aold.sig; theme=dark; connect.sid=s%3Anew.sig')
        .expect(200);
    }
    expect(logged('A browser sends two cookies called "connect.sid"')).toHaveLength(1);
  });

  const TWO_SIGNED = 'prefs=s%3Adark.sig; prefs=s%3Alight.sig';

  test('are not warned of if neither is the session cookie', async () => {
    const { request, signedIn, logged } = await start({});
    await signedIn();
    await request.post('/login').set('cookie', TWO_SIGNED).send({}).expect(201);
    await request.get('/public').set('cookie', TWO_SIGNED).expect(200);
    expect(logged('A browser sends two cookies')).toHaveLength(0);
  });

  test('are warned of, although there are others before them', async () => {
    const { request, logged } = await start({});
    const cookie = `${TWO_SIGNED}; connect.sid=s%3Aold.sig; connect.sid=s%3Anew.sig`;
    await request.get('/me').set('cookie', cookie).expect(200);
    expect(logged('A browser sends two cookies called "connect.sid"')).toHaveLength(1);
  });

  test('are warned of if their name is not the option "cookieName"', async () => {
    const { request, logged } = await start({ name: 'sid' });
    const cookie = `${TWO_SIGNED}; sid=s%3Aold.sig; sid=s%3Anew.sig`;
    await request.get('/me').set('cookie', cookie).expect(200);
    expect(logged('A browser sends two cookies')).toHaveLength(0);
    // The answer to the next attempt shows which cookie has the session.
    for (let i = 0; i < 2; i += 1) await request.post('/login').set('cookie', cookie).send({}).expect(201);
    expect(logged('A browser sends two cookies called "sid"')).toHaveLength(1);
  });

  test('are warned of if the first one names a session that is gone', async () => {
    const { request, store, logged } = await start({ name: 'sid' });
    const answer = await request.post('/login').send({}).expect(201);
    const gone = String(answer.headers['set-cookie']).split(';', 1)[0];
    for (const id of Object.keys(store.sessions)) delete store.sessions[id];
    await request.get('/me').set('cookie', `${TWO_SIGNED}; ${gone}; sid=s%3Anew.sig`).expect(200);
    expect(logged('A browser sends two cookies called "sid"')).toHaveLength(1);
  });

  test.each([
    ['a=s%3A1.x; a=s%3A2.x', 'a'],
    ['b=1; a=s:1.x;a=s:2.x', 'a'],
    ['a=s%3A1.x; b=s%3A2.x', undefined],
    ['a=1; a=2', undefined],
    ['', undefined],
  ])('are found in %j', (cookie, name) => {
    expect(repeatedCookie({ headers: { cookie } } as never)).toBe(name);
  });
});
