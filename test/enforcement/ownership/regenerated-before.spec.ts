import type { RequestHandler } from 'express';
import { MINUTE, startApp, stopApps, type AppOptions } from '../../support/app.js';

afterEach(stopApps);

/** Gives the session a new id before our middleware runs, and fills it with the user of the old one, or of a header. */
const rotate: RequestHandler = (req, _res, next) => {
  const { 'x-rotate': wanted, 'x-user': user = req.session.user } = req.headers;
  if (!wanted) return next();
  req.session.regenerate((error: unknown) => {
    if (!error && user) req.session.user = String(user);
    next(error);
  });
};

const ROTATE = { 'x-rotate': '1' };

const start = (given: AppOptions = {}) => startApp({ setup: (app) => app.use(rotate), ...given });

describe('a session that a middleware before ours regenerates', () => {
  test('goes on under the new id', async () => {
    const { signedIn, service, events, store } = await start();
    const alice = await signedIn();
    const before = Object.keys(store.sessions);
    await alice.get('/me').set(ROTATE).expect(200, { user: 'alice' });
    expect(Object.keys(store.sessions)).toHaveLength(1);
    expect(Object.keys(store.sessions)).not.toEqual(before);
    await alice.get('/me').expect(200, { user: 'alice' });
    expect(await service.list('alice')).toHaveLength(1);
    expect(events.map(({ type }) => type)).toEqual(['started', 'ended', 'started']);
    expect(events[1]).toMatchObject({ reason: 'replaced' });
  });

  test('does not go on if it was idle for too long', async () => {
    const { signedIn, clock, service, events } = await start();
    const alice = await signedIn();
    clock.advance(16 * MINUTE);
    const { body } = await alice.get('/me').set(ROTATE).expect(401);
    expect(body).toMatchObject({ reason: 'idle' });
    await alice.get('/me').expect(200, { user: null });
    expect(await service.list('alice')).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['started', 'expired']);
  });

  test('does not go on if it was ended elsewhere', async () => {
    const { signedIn, service } = await start();
    const alice = await signedIn();
    const [session] = await service.list('alice');
    await service.end(session!.id);
    const { body } = await alice.get('/me').set(ROTATE).expect(401);
    expect(body).toMatchObject({ reason: 'revoked' });
    await alice.get('/me').expect(200, { user: null });
  });

  test('does not bring a session back for a handler that needs none', async () => {
    const { signedIn, clock, service } = await start();
    const alice = await signedIn();
    clock.advance(16 * MINUTE);
    const { body } = await alice.get('/public').set(ROTATE).expect(200);
    expect(body).toMatchObject({ user: null, status: { state: 'expired', reason: 'idle' } });
    expect(await service.list('alice')).toEqual([]);
  });

  test('lets its user sign in again with the same request, if the handler does that', async () => {
    const { signedIn, clock } = await start();
    const alice = await signedIn();
    clock.advance(16 * MINUTE);
    await alice.post('/login').set(ROTATE).send({ user: 'alice' }).expect(201);
    await alice.get('/me').expect(200, { user: 'alice' });
  });

  test('becomes that of another user whom the middleware names', async () => {
    const { signedIn, service } = await start();
    const browser = await signedIn();
    await browser
      .get('/me')
      .set({ ...ROTATE, 'x-user': 'bob' })
      .expect(200, { user: 'bob' });
    expect(await service.list('alice')).toEqual([]);
    expect(await service.list('bob')).toHaveLength(1);
  });

  test('becomes that of another user although it was idle for too long', async () => {
    const { signedIn, service, clock } = await start();
    const browser = await signedIn();
    clock.advance(16 * MINUTE);
    const named = { ...ROTATE, 'x-user': 'bob' };
    await browser.get('/me').set(named).expect(200, { user: 'bob' });
    await browser.get('/me').expect(200, { user: 'bob' });
    expect(await service.list('alice')).toEqual([]);
    expect(await service.list('bob')).toHaveLength(1);
  });

  test('does not go on if something else has written another user into it', async () => {
    const { signedIn, store } = await start();
    const alice = await signedIn();
    await alice.get('/me').expect(200);
    for (const [id, row] of Object.entries(store.sessions)) store.sessions[id] = row.replace('"alice"', '"root"');
    await alice.get('/me').set(ROTATE).expect(401);
    await alice.get('/me').expect(200, { user: null });
  });

  test('is signed out if the middleware names nobody', async () => {
    const { signedIn, events } = await start({
      setup: (app) =>
        app.use(((req, _res, next) => {
          if (!req.headers['x-leave']) return next();
          req.session.user = undefined as never;
          req.session.regenerate(next);
        }) as RequestHandler),
    });
    const alice = await signedIn();
    await alice.get('/me').set('x-leave', '1').expect(200, { user: null });
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'signed-out' });
  });

  test('is refused before the handler if its new user may not have one more', async () => {
    const { signedIn, browser } = await start({ options: { maxSessions: 1, whenFull: 'refuse' } });
    await signedIn();
    const visitor = browser();
    await visitor.post('/note').send({ note: 'a' }).expect(201);
    const named = { ...ROTATE, 'x-user': 'alice' };
    await visitor
      .get('/public')
      .set(named)
      .expect(200, { user: null, status: { state: 'anonymous' } });
    await visitor.post('/note').send({ note: 'b' }).expect(201);
    const { body } = await visitor.get('/me').set(named).expect(403);
    expect(body).toMatchObject({ code: 'TOO_MANY_SESSIONS' });
  });
});
