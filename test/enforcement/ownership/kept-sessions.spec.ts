import { Controller, Get, Param, Post, Req, Session } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired } from '../../../src/index.js';
import { PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';

afterEach(stopApps);

type SessionOf = Request['session'];

/** What leaves a handler with a session that is no longer the one on its request, and still has its id. */
const ways: Record<string, (req: Request) => unknown> = {
  'after reload()': (req) => new Promise<void>((resolve) => req.session.reload(() => resolve())),
  'after `req.session = null`': (req) => Object.assign(req, { session: null }),
  'after `delete req.session`': (req) => Reflect.deleteProperty(req, 'session'),
};

const acts: Record<string, (session: SessionOf) => unknown> = {
  change: (session) => Object.assign(session, { note: 'kept' }),
  'sign-in': (session) => Object.assign(session, { user: 'victim' }),
  'sign-out': (session) => delete (session as Partial<SessionOf>)['user'],
};

@Controller()
class KeptController {
  @Post('kept/:way/:act')
  @AllowExpired()
  async kept(
    @Req() req: Request,
    @Session() session: SessionOf,
    @Param() { way, act }: { readonly way: string; readonly act: string },
  ) {
    await ways[way]?.(req);
    acts[act]?.(session);
    await new Promise<void>((resolve) => session.save(() => resolve()));
    return {};
  }

  @Get('seen')
  seen(@Session() session: SessionOf) {
    return { user: session.user ?? null, note: session['note'] ?? null };
  }
}

describe.each(Object.keys(ways))('a handler that keeps the session %s and saves it', (way) => {
  const start = () => startApp({ controllers: [PagesController, KeptController] });
  const path = (act: string) => `/kept/${encodeURIComponent(way)}/${act}`;

  // express-session itself writes a session that was loaded again once more, as the answer ends.
  const isWrittenOver = way === 'after reload()';

  test.each([
    ['/login', 'alice', null],
    ['/note', null, 'first'],
  ])('changes it as with express-session alone, after POST %s', async (begin, user, note) => {
    const { request } = await start();
    const cookie = sessionCookie(await request.post(begin).send({ note: 'first' }).expect(201));
    await request.post(path('change')).set('cookie', cookie).expect(201);
    await request
      .get('/seen')
      .set('cookie', cookie)
      .expect(200, {
        user,
        note: isWrittenOver ? note : 'kept',
      });
  });

  test.each(['/login', '/note'])('signs in nobody under an id that others know, after POST %s', async (begin) => {
    const { request } = await start();
    const cookie = sessionCookie(await request.post(begin).send({ note: 'first' }).expect(201));
    await request.post(path('sign-in')).set('cookie', cookie).expect(201);
    const { body } = await request.get('/seen').set('cookie', cookie);
    expect(body.user).not.toBe('victim');
  });

  test('signs its user out', async () => {
    const { request } = await start();
    const cookie = sessionCookie(await request.post('/login').send({}).expect(201));
    await request.post(path('sign-out')).set('cookie', cookie).expect(201);
    const { body } = await request.get('/seen').set('cookie', cookie).expect(401);
    expect(body.reason).toBe('signed-out');
  });
});

test('a session that a handler has destroyed is not written again, not even a visitor’s', async () => {
  const { request, store } = await startApp({
    controllers: [PagesController],
    setup: (app) =>
      app.use('/destroy', (req: Request) => {
        const { session, res } = req;
        session.destroy(() => session.save(() => res?.end()));
      }),
  });
  const cookie = sessionCookie(await request.post('/note').send({ note: 'first' }).expect(201));
  await request.get('/destroy').set('cookie', cookie).expect(200);
  expect(store.sessions).toEqual({});
});
