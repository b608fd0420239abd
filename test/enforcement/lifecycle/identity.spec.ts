import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AllowExpired } from '../../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie, setCookies } from '../../support/cookies.js';
import { MARKER } from '../../../src/express-session/marker.js';
import { collector } from '../../support/logs.js';

afterEach(stopApps);

/** How people sign users in when they do not read the manual. */
@Controller()
class CarelessController {
  @Post('careless')
  @AllowExpired()
  careless(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }

  @Post('careless-redirect')
  @AllowExpired()
  redirect(@Req() req: Request, @Res() res: Response) {
    req.session.user = req.body.user;
    res.redirect('/me');
  }

  @Get('basket')
  basket(@Req() req: Request) {
    return { basket: req.session['note'] ?? null, user: req.session.user ?? null };
  }
}

const controllers = [PagesController, CarelessController];

describe('session fixation', () => {
  test('a sign-in over https makes the cookie Secure, although the session began over http', async () => {
    const { request } = await startApp({ controllers, session: { proxy: true, cookie: { secure: 'auto' } } });
    const basket = sessionCookie(await request.post('/note').send({ note: 'hello' }).expect(201));
    const signIn = request.post('/careless').set('cookie', basket).set('x-forwarded-proto', 'https');
    const cookies = setCookies(await signIn.send({ user: 'alice' }).expect(201));
    expect(cookies).toEqual([expect.stringContaining('; Secure')]);
  });

  test('signing in under a session id from before moves the session, with its data, to a new id', async () => {
    const { request, store, events } = await startApp({ controllers });
    const planted = sessionCookie(await request.post('/note').send({ note: 'in the basket' }));
    const own = sessionCookie(
      await request.post('/careless').set('cookie', planted).send({ user: 'alice' }).expect(201),
    );

    expect(own).not.toBe(planted);
    await request.get('/basket').set('cookie', own).expect(200, { basket: 'in the basket', user: 'alice' });
    const { body } = await request.get('/basket').set('cookie', planted).expect(401);
    expect(body).toMatchObject({ reason: 'replaced' });
    expect(Object.keys(store.sessions)).toHaveLength(1);
    expect(events).toMatchObject([{ type: 'started', user: 'alice' }]);
  });

  test('another user who signs in over a session gets a new id, and the old session ends', async () => {
    const { request, clock, events } = await startApp({ controllers });
    const first = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    clock.advance(10 * MINUTE);
    const second = sessionCookie(
      await request.post('/careless').set('cookie', first).send({ user: 'bob' }).expect(201),
    );
    expect(second).not.toBe(first);
    await request.get('/me').set('cookie', first).expect(401);
    clock.advance(14 * MINUTE);
    await request.get('/me').set('cookie', second).expect(200, { user: 'bob' });
    expect(events.map(({ type, user, reason }) => ({ type, user, reason }))).toEqual([
      { type: 'started', user: 'alice', reason: undefined },
      { type: 'ended', user: 'alice', reason: 'replaced' },
      { type: 'started', user: 'bob', reason: undefined },
    ]);
  });

  test('a handler that answers by itself moves the session, too', async () => {
    const { request } = await startApp({ controllers });
    const first = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const answer = await request.post('/careless-redirect').set('cookie', first).send({ user: 'bob' }).expect(302);
    const second = sessionCookie(answer);
    expect(second).not.toBe(first);
    await request.get('/me').set('cookie', first).expect(401);
    await request.get('/me').set('cookie', second).expect(200, { user: 'bob' });
  });
});

describe('a session without a marker', () => {
  test('from before the module was added: its timeline begins at the next request, and the marker is saved at once', async () => {
    const app = await startApp();
    const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
    const [id] = Object.keys(app.store.sessions) as [string];
    const { [MARKER]: _marker, ...row } = JSON.parse(app.store.sessions[id] as string);

    const later = await startApp({ session: { store: app.store }, clock: app.clock });
    app.store.sessions[id] = JSON.stringify(row);
    await later.request.get('/nowhere').set('cookie', cookie).expect(404);
    expect(JSON.parse(app.store.sessions[id] as string)[MARKER]).toContain(`.${app.clock.now()}.`);
    expect(later.events).toMatchObject([{ type: 'started' }]);
  });

  test('does not take over the times of a marker that was copied from another session', async () => {
    const { signedIn, store, clock } = await startApp({ options: { absoluteTimeout: '1h', idleTimeout: '50m' } });
    const old = await signedIn();
    const [oldId] = Object.keys(store.sessions) as [string];
    const { [MARKER]: marker } = JSON.parse(store.sessions[oldId] as string);
    clock.advance(40 * MINUTE);
    const browser = await signedIn();
    const [newId] = Object.keys(store.sessions).filter((id) => id !== oldId) as [string];
    const row = JSON.parse(store.sessions[newId] as string);
    store.sessions[newId] = JSON.stringify({ ...row, [MARKER]: marker });
    clock.advance(30 * MINUTE);
    await browser.get('/me').expect(200, { user: 'alice' });
    await old.get('/me').expect(401);
  });

  test('a session with a valid marker is judged even if identify returns no user', async () => {
    const { signedIn, store, clock } = await startApp();
    const browser = await signedIn();
    const [id] = Object.keys(store.sessions) as [string];
    const { user: _user, ...row } = JSON.parse(store.sessions[id] as string);
    store.sessions[id] = JSON.stringify({ ...row, note: 'left over' });
    clock.advance(15 * MINUTE);
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject({ reason: 'idle' });
  });

  test.each([
    ['null means no user', () => null, 200],
    ['empty text means no user', () => '', 200],
    ['a number is a user id', () => 7, 401],
  ])('from identify, %s', async (_case, identify, status) => {
    const { browser, clock } = await startApp({ options: { identify: identify as never } });
    const visitor = browser();
    await visitor.post('/note').send({ note: 'hello' }).expect(201);
    await visitor.get('/me').expect(200);
    clock.advance(15 * MINUTE);
    await visitor.get('/me').expect(status);
  });

  test.each([
    ['a user object', { id: 1 }, 'is of the type object'],
    ['a number that is none', NaN, 'is NaN'],
  ])('identify that returns %s fails with an error that says what to return', async (_what, returned, text) => {
    const logs: string[] = [];
    const identify = () => returned;
    const { request } = await startApp({ options: { identify: identify as never }, logger: collector(logs) });
    await request.get('/me').expect(500);
    expect(logs.join()).toContain('identify has to return the id of the user as text');
    expect(logs.join()).toContain(text);
  });

  test.each([
    ['a promise', () => Promise.resolve('alice')],
    ['a promise that fails', () => Promise.reject(new Error('no such user'))],
  ])('identify that returns %s fails with an error that says what to do', async (_what, identify) => {
    const logs: string[] = [];
    const { browser } = await startApp({ options: { identify: identify as never }, logger: collector(logs) });
    await browser().post('/note').send({ note: 'hello' }).expect(500);
    expect(logs.join()).toContain('identify has to return the id of the user at once');
  });
});
