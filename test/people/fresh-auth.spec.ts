import { Controller, Get, Post, Req, UseGuards } from '@nestjs/common';
import type { Request } from 'express';
import {
  AllowExpired,
  FreshAuthGuard,
  ReauthenticationRequiredException,
  RequireFreshAuth,
  SessionTimeoutService,
} from '../../src/index.js';
import { type AppOptions, HOUR, MINUTE, PagesController, SECOND, startApp, stopApps } from '../support/app.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';

let gate = new Gate();

beforeEach(() => void (gate = new Gate()));
afterEach(stopApps);

@Controller()
class AccountController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('password')
  @RequireFreshAuth('5m')
  form() {
    return 'form';
  }

  @Post('password')
  @RequireFreshAuth('5m')
  change() {
    return { changed: true };
  }

  /** Writes to the session, and ends only when it is let go. */
  @Post('slow')
  async slow(@Req() req: Request) {
    req.session['note'] = 'late';
    await gate.pass();
    return {};
  }

  /** The user has typed the password again. */
  @Post('confirm')
  async confirm(@Req() req: Request) {
    if (req.body.as) req.session.user = req.body.as;
    if (req.body.authTime) req.session['authTime'] = req.body.authTime;
    await this.sessions.renew(req, { restartLimits: req.body.restartLimits ?? false });
    return { status: await this.sessions.status(req) };
  }

  /** Changes the session, and nothing else. */
  @Post('fields')
  @AllowExpired()
  fields(@Req() req: Request) {
    req.session['authTime'] = undefined;
    Object.assign(req.session, req.body);
    return {};
  }

  /** An administrator looks at the application as somebody else, and comes back. */
  @Post('act-as')
  actAs(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }

  /** Signs in by a cookie that the browser has kept. */
  @Post('remembered')
  @AllowExpired()
  remembered(@Req() req: Request) {
    req.session.user = 'alice';
    req.session['authTime'] = 0;
    return {};
  }

  @Get('fresh')
  async fresh(@Req() req: Request) {
    return { fresh: await this.sessions.isFresh(req, String(req.query['maxAge'])) };
  }

  @Get('status')
  status(@Req() req: Request) {
    return this.sessions.status(req);
  }
}

@Controller('vault')
@RequireFreshAuth('5m')
class VaultController {
  @Get()
  open() {
    return 'open';
  }

  @Get('closet')
  @RequireFreshAuth('1h')
  closet() {
    return 'closet';
  }
}

/** The `auth_time` of a session, in milliseconds since 1970. */
const authTime = (session: Request['session']) =>
  session['authTime'] === undefined ? undefined : new Date(session['authTime'] as number);

const start = ({ options, ...rest }: AppOptions = {}) =>
  startApp({
    controllers: [PagesController, AccountController, VaultController],
    options: { idleTimeout: '1h', absoluteTimeout: '12h', ...options },
    ...rest,
  });

const page = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', Accept: 'text/html' };

describe('@RequireFreshAuth()', () => {
  test('lets those in who have just signed in, and asks nobody twice', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    await browser.get('/password').expect(200);
    clock.advance(5 * MINUTE - 1);
    await browser.post('/password').expect(201);
  });

  test('refuses a proof that is as old as it may not be, with the words of RFC 9470', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    clock.advance(5 * MINUTE);
    const { headers, body } = await browser.post('/password').expect(403);
    expect(headers['www-authenticate']).toBe('Session error="insufficient_user_authentication", max_age="300"');
    expect(headers['content-type']).toMatch('application/problem+json');
    expect(headers['cache-control']).toBe('private, no-cache');
    expect(body).toEqual({
      type: 'urn:nestjs-session-timeout:reauthentication-required',
      title: 'Reauthentication required',
      status: 403,
      detail: 'Please confirm who you are to continue.',
      code: 'REAUTHENTICATION_REQUIRED',
      maxAge: 300,
      authAge: 300,
    });
  });

  test('takes no activity for a proof', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    for (let minute = 0; minute < 5; minute += 1) {
      clock.advance(MINUTE);
      await browser.get('/me').expect(200);
    }
    await browser.post('/password').expect(403);
    await browser.get('/me').expect(200, { user: 'alice' });
  });

  test('holds for all handlers of a class, and a handler may ask for less', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    clock.advance(30 * MINUTE);
    await browser.get('/vault').expect(403);
    await browser.get('/vault/closet').expect(200, 'closet');
    clock.advance(30 * MINUTE - 1);
    await browser.get('/vault/closet').expect(200, 'closet');
    clock.advance(1);
    await browser.get('/vault/closet').expect(403);
  });

  test('refuses visitors: nobody has proved anything', async () => {
    const { browser } = await start();
    const { body } = await browser().get('/vault').expect(403);
    expect(body).toMatchObject({ code: 'REAUTHENTICATION_REQUIRED', maxAge: 300, authAge: null });
  });

  test('leads visitors to the login page, and users to the page where they authenticate again', async () => {
    const { browser, signedIn, clock } = await start({
      options: { redirectTo: '/login', reauthenticateAt: '/confirm' },
    });
    const visitor = await browser().get('/vault').set(page).expect(303);
    expect(visitor.headers['location']).toBe('/login?returnTo=%2Fvault');
    const user = await signedIn();
    clock.advance(5 * MINUTE);
    const { headers } = await user.get('/vault').set(page).expect(303);
    expect(headers['location']).toBe('/confirm?returnTo=%2Fvault');
  });

  test('refuses an ended session as ended', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    clock.advance(HOUR);
    await browser.post('/password').expect(401);
  });

  test('holds in report mode, too: the application has asked for it', async () => {
    const { signedIn, clock } = await start({ options: { mode: 'report' } });
    const browser = await signedIn();
    clock.advance(5 * MINUTE);
    await browser.post('/password').expect(403);
  });

  test('leaves it to the guards of the application to refuse first', async () => {
    @Controller('guarded')
    @UseGuards(
      class {
        canActivate = (): boolean => false;
      },
    )
    class Guarded {
      @Get()
      @RequireFreshAuth('5m')
      get() {
        return 'in';
      }
    }
    const { browser } = await start({ controllers: [Guarded] });
    const { body } = await browser().get('/guarded').expect(403);
    expect(body.code).toBeUndefined();
  });

  test.each([0, -1, NaN, '', 'soon', undefined, null, Infinity])('refuses %p as an age', (maxAge) => {
    expect(() => RequireFreshAuth(maxAge as never)).toThrow('@RequireFreshAuth() needs a duration above 0, like "5m"');
  });

  test('says where it does not work', async () => {
    const context = {
      getHandler: () => () => undefined,
      getClass: () => class {},
      getType: () => 'ws',
    };
    const guard = new FreshAuthGuard(undefined as never);
    await expect(guard.canActivate(context as never)).rejects.toThrow('not on messages');
  });

  test('says what is missing if only its guard is on a route', async () => {
    const context = {
      getHandler: () => () => undefined,
      getClass: () => class {},
      getType: () => 'http',
      getArgByIndex: () => ({ res: {} }),
    };
    const guard = new FreshAuthGuard(undefined as never);
    await expect(guard.canActivate(context as never)).rejects.toThrow('Put @RequireFreshAuth(maxAge) on the route');
  });
});

describe('the way to a new proof', () => {
  test('leads page loads to the page for it, and back', async () => {
    const { signedIn, clock } = await start({ options: { reauthenticateAt: '/confirm?step=1' } });
    const browser = await signedIn();
    clock.advance(5 * MINUTE);
    const { headers } = await browser.get('/password?tab=2').set(page).expect(303);
    expect(headers['location']).toBe('/confirm?step=1&returnTo=%2Fpassword%3Ftab%3D2');
    // A form cannot be sent again by a redirect.
    const form = await browser.post('/password').set(page).expect(303);
    expect(form.headers['location']).toBe('/confirm?step=1');
  });

  test('tells scripts where it is', async () => {
    const { signedIn, clock } = await start({ options: { reauthenticateAt: (req) => `/confirm?for=${req.path}` } });
    const browser = await signedIn();
    clock.advance(5 * MINUTE);
    const { body } = await browser.post('/password').set('Sec-Fetch-Mode', 'cors').expect(403);
    expect(body.loginUrl).toBe('/confirm?for=/password');
  });

  test.each(['//evil.example', 'https:evil.example', 'javascript:alert(1)', '/\\evil.example', 17])(
    'does not lead to %p',
    async (url) => {
      const { signedIn, clock } = await start({ options: { reauthenticateAt: () => url as string } });
      const browser = await signedIn();
      clock.advance(5 * MINUTE);
      const { body, headers } = await browser.get('/password').set(page).expect(403);
      expect(body.loginUrl).toBeUndefined();
      expect(headers['location']).toBeUndefined();
    },
  );

  test.each([
    ['/app', 'https://id.example/confirm?returnTo=%2Fapp%2Fpassword'],
    ['//evil.example', 'https://id.example/confirm?returnTo=%2Fpassword'],
    ['/\\evil.example', 'https://id.example/confirm?returnTo=%2Fpassword'],
    ['/\t/evil.example', 'https://id.example/confirm?returnTo=%2Fpassword'],
  ])('comes back below the prefix of a proxy, and never to another site: %j', async (prefix, location) => {
    const { signedIn, clock } = await start({
      options: { reauthenticateAt: () => 'https://id.example/confirm' },
      setup: (app) => app.set('trust proxy', true),
    });
    const browser = await signedIn();
    clock.advance(5 * MINUTE);
    const { headers } = await browser
      .get('/password')
      .set({ ...page, 'X-Forwarded-Prefix': prefix })
      .expect(303);
    expect(headers['location']).toBe(location);
  });

  test('does not lead a page to itself for ever', async () => {
    const { signedIn, clock } = await start({ options: { reauthenticateAt: '/password' } });
    const browser = await signedIn();
    clock.advance(5 * MINUTE);
    await browser.get('/password').set(page).expect(403);
  });
});

describe('renew(req, { restartLimits: false })', () => {
  test('is a new proof under a new id, and the absolute limit goes on', async () => {
    const { signedIn, clock, events } = await start();
    const browser = await signedIn();
    clock.advance(50 * MINUTE);
    await browser.get('/me').expect(200);
    clock.advance(10 * MINUTE);
    const { body } = await browser.post('/confirm').send({}).expect(201);
    expect(body.status).toMatchObject({ idleFor: 0, authAge: 0, absoluteLeft: 11 * HOUR });
    await browser.post('/password').expect(201);
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([
      ['started', undefined],
      ['ended', 'replaced'],
      ['started', undefined],
    ]);
    for (let passed = HOUR; passed < 12 * HOUR; passed += HOUR / 2) {
      await browser.get('/me').expect(200);
      clock.advance(HOUR / 2);
    }
    const { body: refusal } = await browser.get('/me').expect(401);
    expect(refusal.reason).toBe('absolute');
  });

  test('restarts both limits without it', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    clock.advance(30 * MINUTE);
    const { body } = await browser.post('/confirm').send({ restartLimits: true }).expect(201);
    expect(body.status).toMatchObject({ authAge: 0, absoluteLeft: 12 * HOUR });
  });

  test('stays fresh when an older request saves after it', async () => {
    const { signedIn, clock, service } = await start();
    const browser = await signedIn();
    clock.advance(10 * MINUTE);
    const old = sent(browser.post('/slow').send({}));
    await gate.hasArrived();
    await browser.post('/confirm').send({}).expect(201);
    gate.open();
    await old;
    await browser.post('/password').expect(201);
    expect(await service.list('alice')).toMatchObject([{ age: 10 * MINUTE, authAge: 0 }]);
  });

  test('by another user is a proof of theirs, and the start stays', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn('alice');
    clock.advance(30 * MINUTE);
    const { body } = await browser.post('/confirm').send({ as: 'bob' }).expect(201);
    expect(body.status).toMatchObject({ authAge: 0, absoluteLeft: 11.5 * HOUR });
    await browser.get('/me').expect(200, { user: 'bob' });
  });
});

test('who acts as somebody else and comes back has proved nothing', async () => {
  const { signedIn, clock, service } = await start();
  const browser = await signedIn('alice');
  clock.advance(10 * MINUTE);
  await browser.post('/act-as').send({ user: 'bob' }).expect(201);
  await browser.post('/password').expect(403);
  expect(await service.list('bob')).toMatchObject([{ age: 10 * MINUTE, authAge: 10 * MINUTE }]);
  await browser.post('/act-as').send({ user: 'alice' }).expect(201);
  await browser.post('/password').expect(403);
  await browser.post('/confirm').send({}).expect(201);
  await browser.post('/act-as').send({ user: 'bob' }).expect(201);
  await browser.post('/password').expect(201);
});

describe('the option authenticatedAt', () => {
  const options = { authenticatedAt: authTime };

  test('makes a remembered user stale, and the password fresh', async () => {
    const { browser, clock } = await start({ options });
    const visitor = browser();
    await visitor.post('/remembered').expect(201);
    await visitor.post('/password').expect(403);
    await visitor.get('/me').expect(200, { user: 'alice' });
    await visitor.post('/confirm').send({ authTime: clock.now() }).expect(201);
    await visitor.post('/password').expect(201);
  });

  test('believes an old time of the identity provider, whatever renew() says', async () => {
    const { signedIn, clock } = await start({ options });
    const browser = await signedIn();
    await browser
      .post('/confirm')
      .send({ authTime: clock.now() - 10 * MINUTE })
      .expect(201);
    const { body } = await browser.post('/password').expect(403);
    expect(body.authAge).toBe(600);
  });

  test('takes a time up to five minutes in the future for now, because clocks differ', async () => {
    const { signedIn, clock } = await start({ options });
    const browser = await signedIn();
    clock.advance(10 * MINUTE);
    await browser.post('/fields').send({ authTime: clock.now() + 5 * MINUTE });
    await browser.post('/password').expect(201);
    await browser.post('/fields').send({ authTime: clock.now() + 5 * MINUTE + 1 });
    await browser.post('/password').expect(403);
  });

  test('counts from the time of the sign-in when the session does not say it any more', async () => {
    const { browser, clock } = await start({ options });
    const visitor = browser();
    await visitor.post('/fields').send({ user: 'alice', authTime: clock.now() - 3 * MINUTE });
    await visitor.post('/fields').send({ authTime: undefined });
    const { body } = await visitor.get('/status').expect(200);
    expect(body.authAge).toBe(3 * MINUTE);
  });

  test('ignores a time far in the future, so that it does not stay fresh', async () => {
    const { signedIn, clock } = await start({ options });
    const browser = await signedIn();
    await browser
      .post('/confirm')
      .send({ authTime: clock.now() + HOUR })
      .expect(201);
    const { body } = await browser.get('/status').expect(200);
    expect(body.authAge).toBe(0);
    clock.advance(5 * MINUTE - 1);
    await browser.post('/password').expect(201);
    clock.advance(1);
    await browser.post('/password').expect(403);
  });

  test.each([new Date(NaN), 1234, '2026-01-01', {}, false])('takes %p for never', async (value) => {
    const { signedIn } = await start({ options: { authenticatedAt: () => value as Date } });
    const browser = await signedIn();
    await browser.post('/password').expect(403);
    const { body } = await browser.get('/session/ping').expect(200);
    expect(body).toMatchObject({ state: 'active', authAge: null });
  });

  test.each([undefined, null])('asks the sign-in where it returns %p', async (nothing) => {
    const { signedIn, clock } = await start({ options: { authenticatedAt: () => nothing as undefined } });
    const browser = await signedIn();
    clock.advance(MINUTE);
    const { body } = await browser.get('/status').expect(200);
    expect(body.authAge).toBe(MINUTE);
  });
});

describe('isFresh()', () => {
  test('tells whether the proof is fresh', async () => {
    const { signedIn, browser, clock } = await start();
    const user = await signedIn();
    clock.advance(30 * SECOND);
    await user.get('/fresh?maxAge=31s').expect(200, { fresh: true });
    await user.get('/fresh?maxAge=30s').expect(200, { fresh: false });
    await browser().get('/fresh?maxAge=31s').expect(200, { fresh: false });
  });

  test('refuses what is no age', async () => {
    const { service } = await start();
    await expect(service.isFresh({} as never, 'soon')).rejects.toThrow('isFresh() needs a duration above 0');
  });
});

test('the ping tells the age of the proof in seconds', async () => {
  const { signedIn, clock } = await start();
  const browser = await signedIn();
  clock.advance(90 * SECOND);
  const { body } = await browser.get('/session/ping').expect(200);
  expect(body.authAge).toBe(90);
});

test('the exception can be answered by a filter of the application', () => {
  const exception = new ReauthenticationRequiredException(5 * MINUTE, Infinity, '/confirm');
  expect(exception.getStatus()).toBe(403);
  expect(exception.extensions).toEqual({
    code: 'REAUTHENTICATION_REQUIRED',
    maxAge: 300,
    authAge: null,
    loginUrl: '/confirm',
  });
});
