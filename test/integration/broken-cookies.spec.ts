import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { DAY, PagesController, startApp, stopApps } from '../support/app.js';
import { setCookies } from '../support/cookies.js';
import { saved } from '../support/session-calls.js';

afterEach(stopApps);

@Controller()
class SettingsController {
  /** Stores what users send, also what is in the cookie of the session. */
  @Post('settings')
  settings(@Req() req: Request) {
    const { cookie, ...others } = req.body as { cookie: object };
    Object.assign(req.session.cookie, cookie);
    Object.assign(req.session, others);
    return {};
  }

  @Post('settings-saved-early')
  async savedEarly(@Req() req: Request) {
    this.settings(req);
    await saved(req.session);
    return {};
  }

  @Post('remember')
  remember(@Req() req: Request) {
    req.session.cookie.maxAge = Number(req.body.days) * DAY;
    req.session.user = 'alice';
    return {};
  }
}

const controllers = [PagesController, SettingsController];
const cookies: [object][] = [
  [{ originalMaxAge: 'abc' }],
  [{ originalMaxAge: {} }],
  [{ expires: 'never' }],
  [{ serialize: 'mine' }],
];

describe.each(['/settings', '/settings-saved-early'])(
  'an application that stores what users send by POST %s',
  (path) => {
    test.each(cookies)('answers, and the session goes on: %j', async (cookie) => {
      const { signedIn } = await startApp({ controllers, session: { rolling: true, cookie: { maxAge: DAY } } });
      const browser = await signedIn();
      await browser.post(path).send({ cookie, color: 'red' }).expect(201);
      await browser.get('/me').expect(200, { user: 'alice' });
    });

    test.each(cookies)('signs a visitor in meanwhile: %j', async (cookie) => {
      const { browser } = await startApp({ controllers, session: { rolling: true, cookie: { maxAge: DAY } } });
      const visitor = browser();
      await visitor.post('/note').send({ note: 'first' }).expect(201);
      await visitor.post(path).send({ cookie, user: 'bob' }).expect(201);
      await visitor.get('/me').expect(200, { user: 'bob' });
    });
  },
);

test('a lifetime that is not a number does not keep the user from signing in', async () => {
  const { browser } = await startApp({ controllers });
  const visitor = browser();
  await visitor.post('/remember').send({}).expect(201);
  await visitor.get('/me').expect(200, { user: 'alice' });
});

test('the cookie of a session that ends is cleared as the browser has it', async () => {
  @Controller()
  class LeaveController {
    @Post('leave')
    leave(@Req() req: Request) {
      req.session.cookie.path = '/elsewhere';
      return new Promise((resolve) => req.session.destroy(() => resolve({})));
    }
  }
  const { signedIn } = await startApp({ controllers: [PagesController, LeaveController] });
  const browser = await signedIn();
  const [cleared] = setCookies(await browser.post('/leave').expect(201));
  expect(cleared).toContain('connect.sid=;');
  expect(cleared).toContain('Path=/;');
});
