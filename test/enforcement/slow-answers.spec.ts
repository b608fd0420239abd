import { jest } from '@jest/globals';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AllowExpired, PassiveRoute, SessionTimeoutService } from '../../src/index.js';
import { type AppOptions, HOUR, MINUTE, PagesController, startApp, stopApps } from '../support/app.js';
import { clearsCookie, sessionCookie, setCookies } from '../support/cookies.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';

afterEach(stopApps);
afterEach(() => jest.restoreAllMocks());

let gate: Gate;

@Controller()
class CookiesController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('slow-public')
  @AllowExpired()
  async slowPublic() {
    await gate.pass();
    return {};
  }

  @Get('slow')
  @PassiveRoute()
  async slow() {
    await gate.pass();
    return {};
  }

  @Post('slow-end')
  async slowEnd(@Req() req: Request) {
    await this.sessions.end(req);
    await gate.pass();
    return {};
  }

  @Post('slow-destroy')
  async slowDestroy(@Req() req: Request) {
    await new Promise<void>((resolve) => req.session.destroy(() => resolve()));
    await gate.pass();
    return {};
  }

  @Post('destroy-and-clear')
  async destroyAndClear(@Req() req: Request, @Res({ passthrough: true }) res: Response) {
    await new Promise<void>((resolve) => req.session.destroy(() => resolve()));
    res.clearCookie('connect.sid');
    return {};
  }

  @Post('clear-and-destroy')
  async clearAndDestroy(@Req() req: Request, @Res() res: Response) {
    res.clearCookie('connect.sid');
    req.session.destroy(() => res.redirect('/public'));
  }

  @Post('end-and-clear')
  async endAndClear(@Req() req: Request, @Res({ passthrough: true }) res: Response) {
    await this.sessions.end(req);
    res.clearCookie('connect.sid');
    return {};
  }

  @Post('leave-and-clear')
  leaveAndClear(@Req() req: Request, @Res() res: Response) {
    delete (req.session as Partial<typeof req.session>).user;
    res.clearCookie('connect.sid').redirect('/public');
  }

  @Post('leave-save-and-clear')
  async leaveSaveAndClear(@Req() req: Request, @Res({ passthrough: true }) res: Response) {
    delete (req.session as Partial<typeof req.session>).user;
    await new Promise<void>((resolve) => req.session.save(() => resolve()));
    res.clearCookie('connect.sid');
    return {};
  }

  @Post('remember')
  @AllowExpired()
  remember(@Req() req: Request) {
    const { cookie } = req.session;
    Object.assign(cookie, { sameSite: 'strict', path: '/', domain: '127.0.0.1', secure: false, httpOnly: false });
    cookie.maxAge = HOUR;
    req.session.user = 'alice';
    return {};
  }

  @Post('renew')
  async renew(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }

  @Post('end')
  async end(@Req() req: Request) {
    await this.sessions.end(req);
    return {};
  }
}

function start(given: AppOptions = {}) {
  gate = new Gate();
  return startApp({ controllers: [PagesController, CookiesController], ...given });
}

describe('an answer that ends after somebody has signed in in another tab', () => {
  async function answerLate(method: 'get' | 'post', path: string, isExpired: boolean) {
    const { request, clock } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    if (isExpired) clock.advance(15 * MINUTE);
    const slow = sent(request[method](path).set('cookie', cookie));
    await gate.hasArrived();
    await request.post('/login').set('cookie', cookie).send({ user: 'alice' }).expect(201);
    gate.open();
    return slow;
  }

  // session-headers.ts (mayClearCookie): whatever the time that has passed, the answer clears the cookie, which is that
  // of the new sign-in by now.
  test.each([
    ['get', '/slow-public', true],
    ['post', '/slow-end', false],
    ['post', '/slow-destroy', false],
  ] as const)('does not clear its cookie: %s %s', async (method, path, isExpired) => {
    const answer = await answerLate(method, path, isExpired);
    expect(answer.status).toBeLessThan(300);
    expect(setCookies(answer)).toEqual([]);
  });

  // recently-ended.ts:13: the first of 1000 endings is forgotten, and the store is not asked as nothing is written.
  test('does not send the old one, however many sessions have ended meanwhile', async () => {
    const { request, service } = await start({ session: { rolling: true, cookie: { maxAge: HOUR } } });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const slow = sent(request.get('/slow').set('cookie', cookie));
    await gate.hasArrived();
    await request.post('/login').set('cookie', cookie).send({ user: 'alice' }).expect(201);
    for (let n = 0; n < 1001; n += 1) await service.end(`another-session-${n}`.padEnd(43, '-'));
    gate.open();
    expect(setCookies(await slow)).toEqual([]);
  });
});

describe('a request that comes just after a sign-in with the cookie of an ended session', () => {
  // The browser may have sent it before it got the new cookie.
  async function signedInAgain() {
    const { request, clock } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    clock.advance(15 * MINUTE);
    await request.post('/login').set('cookie', cookie).send({ user: 'alice' }).expect(201);
    return () => request.get('/feed').set('cookie', cookie).expect(401);
  }

  test('does not clear the new cookie', async () => {
    const ask = await signedInAgain();
    expect(setCookies(await ask())).toEqual([]);
    expect(setCookies(await ask())).toEqual([]);
  });

  test('clears the cookie if it comes so late that the browser has got the new one', async () => {
    const ask = await signedInAgain();
    const { now } = performance;
    jest.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 3000);
    expect(clearsCookie(await ask())).toBe(true);
  });

  test('clears the cookie if nobody has signed in', async () => {
    const { request, clock } = await start();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    clock.advance(15 * MINUTE);
    for (let n = 0; n < 2; n += 1) {
      expect(clearsCookie(await request.get('/feed').set('cookie', cookie).expect(401))).toBe(true);
    }
  });
});

describe('an answer to a sign-out', () => {
  test.each(['/destroy-and-clear', '/clear-and-destroy', '/end-and-clear'])(
    'clears the cookie once after POST %s',
    async (path) => {
      const { signedIn } = await start();
      const browser = await signedIn();
      const answer = await browser.post(path);
      expect(setCookies(answer)).toHaveLength(1);
      expect(clearsCookie(answer)).toBe(true);
    },
  );

  test.each(['/leave-and-clear', '/leave-save-and-clear'])(
    'clears the cookie once after POST %s, although the session holds more than its user',
    async (path) => {
      const { signedIn } = await start();
      const browser = await signedIn();
      await browser.post('/note').send({ note: 'private' }).expect(201);
      const answer = await browser.post(path);
      expect(setCookies(answer)).toHaveLength(1);
      expect(clearsCookie(answer)).toBe(true);
    },
  );

  test('clears a cookie as it was set, also if a handler has changed its domain', async () => {
    const { request } = await start();
    const set = await request.post('/remember').expect(201);
    const answer = await request.post('/end').set('cookie', sessionCookie(set)).expect(201);
    const [cleared] = setCookies(answer);
    expect(cleared).toContain('connect.sid=;');
    expect(cleared).toContain('Domain=127.0.0.1');
    expect(cleared).toContain('SameSite=Strict');
  });
});

describe('renew()', () => {
  test('keeps what a handler has set on the cookie', async () => {
    const { request } = await start();
    const before = sessionCookie(await request.post('/remember').expect(201));
    const answer = await request.post('/renew').set('cookie', before).expect(201);
    const [cookie] = setCookies(answer);
    expect(sessionCookie(answer)).not.toBe(before);
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).toContain('Domain=127.0.0.1');
    expect(cookie).toContain('Expires=');
    expect(cookie).not.toContain('HttpOnly');
    await request.get('/me').set('cookie', sessionCookie(answer)).expect(200, { user: 'alice' });
  });
});
