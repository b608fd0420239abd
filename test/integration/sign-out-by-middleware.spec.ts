import { Controller, type MiddlewareConsumer, Module, type NestModule, Post, Req } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { startApp, stopApps } from '../support/app.js';
import { clearsCookie, hasRow, sessionCookie } from '../support/cookies.js';
import { NOBODY, PASSWORD, passportUser, startPassportApp } from './support/passport.js';
import { timing } from '../support/timing.js';

afterEach(stopApps);

/** An application whose sign-out is middleware before its handler. */
function goodbye(signOut: RequestHandler) {
  @Controller()
  class GoodbyeController {
    @Post('goodbye')
    goodbye(@Req() req: Request) {
      return { bye: true, user: req.user?.id ?? req.session?.user ?? null };
    }
  }
  @Module({ controllers: [GoodbyeController] })
  class GoodbyeModule implements NestModule {
    configure(consumer: MiddlewareConsumer) {
      consumer.apply(signOut).forRoutes('goodbye');
    }
  }
  return [GoodbyeModule];
}

test('after req.session.destroy() in middleware, the handler answers an anonymous request', async () => {
  const imports = goodbye((req: Request, _res: Response, next: NextFunction) => req.session.destroy(next));
  const { signedIn, events, store, request } = await startApp({ imports });
  const browser = await signedIn();
  const answer = await browser.post('/goodbye').expect(201, { bye: true, user: null });
  expect(clearsCookie(answer)).toBe(true);
  expect(answer.headers['server-timing']).toEqual(timing('expired-signed-out', 0));
  expect(store.sessions).toEqual({});
  expect(events.map(({ type, reason }) => reason ?? type)).toEqual(['started', 'signed-out']);
  await request.get('/me').expect(200, { user: null });
});

test.each([
  ['by what passport stores', passportUser],
  ['not at all', undefined],
])(
  'after req.logout() in middleware, the handler answers an anonymous request; users identified %s',
  async (_how, identify) => {
    const imports = goodbye((req: Request, _res: Response, next: NextFunction) => req.logout(next));
    const { browser: newBrowser, events, store, request } = await startPassportApp({ imports, options: { identify } });
    const browser = newBrowser();
    const cookie = sessionCookie(await browser.post('/login').send({ username: 'alice', password: PASSWORD }));
    await browser.post('/goodbye').expect(201, { bye: true, user: null });
    expect(hasRow({ store }, cookie)).toBe(false);
    expect(events.map(({ type, reason }) => reason ?? type)).toEqual(['started', 'signed-out']);
    expect((await request.get('/me').set('Cookie', cookie).expect(401)).body).toMatchObject({ reason: 'signed-out' });
    await browser.get('/me').expect(200, NOBODY);
  },
);
