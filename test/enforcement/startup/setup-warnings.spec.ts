import { Controller, Get, Module, Post, VersioningType } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { AllowExpired, type SessionTimeoutOptions } from '../../../src/index.js';
import { settingsWarnings, sessionWarnings } from '../../../src/enforcement/startup/setup-warnings.js';
import { resolveSettings } from '../../../src/options/resolve-settings.js';
import { HOUR, MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { collector } from '../../support/logs.js';
import { SharedLedger } from '../../support/shared-ledger.js';
import { ManualClock } from '../../../src/testing/index.js';

afterEach(stopApps);

const warningsFor = (options: SessionTimeoutOptions) => settingsWarnings(resolveSettings(options)).join('\n');

describe('warnings about settings', () => {
  test('gives no warning for the defaults', () => {
    expect(warningsFor({})).toBe('');
  });

  test.each<[string, SessionTimeoutOptions, string]>([
    [
      'an idle limit above the absolute limit',
      { idleTimeout: '2h', absoluteTimeout: '1h' },
      'idleTimeout is longer than absoluteTimeout',
    ],
    [
      'a clock that a ledger on a server does not use',
      { clock: new ManualClock(0), ledger: Object.assign(new SharedLedger(), { clock: new ManualClock(0) }) },
      'The option "clock" moves no limit',
    ],
    ['a warning of less than 20 s', { warnBefore: '19s' }, 'Users are warned 19 s before the end'],
    ['limits that are too short for a warning', { idleTimeout: '30s' }, 'Users are warned 15 s before the end'],
    [
      'a number of seconds',
      { idleTimeout: 900, absoluteTimeout: '12h' },
      "idleTimeout: 900 means 0.9 s, because numbers are milliseconds. If you mean 900 seconds, write idleTimeout: '15m'.",
    ],
    ['a number of seconds from the environment', { idleTimeout: '900' }, "write idleTimeout: '15m'"],
    ['a number of seconds as the absolute limit', { absoluteTimeout: 43_200 }, "write absoluteTimeout: '12h'"],
    [
      'limits that allow fewer than ten extensions',
      { idleTimeout: '1h', absoluteTimeout: '9h' },
      'less than ten times',
    ],
  ])('warns about %s', (_case, options, message) => {
    expect(warningsFor(options)).toContain(message);
  });

  test('does not take short limits with a unit for seconds', () => {
    expect(warningsFor({ idleTimeout: '12s' })).not.toContain('numbers are milliseconds');
    expect(warningsFor({ idleTimeout: MINUTE })).not.toContain('numbers are milliseconds');
  });

  test.each<[string, SessionTimeoutOptions]>([
    ['a warning of 20 s', { warnBefore: '20s' }],
    ['ten extensions', { idleTimeout: '1h', absoluteTimeout: '10h' }],
    ['an absolute limit beyond 20 hours', { idleTimeout: '10h', absoluteTimeout: '24h' }],
    ['no idle limit', { idleTimeout: false, absoluteTimeout: '1h' }],
  ])('gives no warning for %s', (_case, options) => {
    expect(warningsFor(options)).toBe('');
  });

  test('warns about a memory ledger and a MemoryStore in production, but not in development', () => {
    const setup = { hasMemoryStore: true, maxAge: null, sameSite: 'lax', secure: true };
    const { NODE_ENV } = process.env;
    try {
      expect(sessionWarnings(setup, resolveSettings({}))).toEqual([]);
      process.env['NODE_ENV'] = 'production';
      expect(warningsFor({})).toContain('The session ledger is in memory');
      expect(warningsFor({ ledger: new SharedLedger() })).toBe('');
      expect(sessionWarnings(setup, resolveSettings({})).join()).toContain('MemoryStore loses all sessions');
      expect(sessionWarnings({ ...setup, hasMemoryStore: false }, resolveSettings({}))).toEqual([]);
    } finally {
      process.env['NODE_ENV'] = NODE_ENV;
    }
  });

  test('warns about a memory ledger beside a store that instances may share, but not in tests', () => {
    const setup = { hasMemoryStore: false, maxAge: null, sameSite: 'lax', secure: true };
    const { NODE_ENV } = process.env;
    const warned = (hasMemoryStore: boolean, options: SessionTimeoutOptions = {}) =>
      sessionWarnings({ ...setup, hasMemoryStore }, resolveSettings(options)).join();
    try {
      expect(warned(false)).toBe('');
      delete process.env['NODE_ENV'];
      expect(warned(false)).toContain('The session ledger is in memory');
      expect(warned(true)).toBe('');
      expect(warned(false, { ledger: new SharedLedger() })).toBe('');
    } finally {
      process.env['NODE_ENV'] = NODE_ENV;
    }
  });

  test.each([
    ['a cookie with a lifetime below the idle limit', { maxAge: 10 * MINUTE }, 'less than idleTimeout'],
    ['SameSite=None without Secure', { sameSite: 'none', secure: false }, 'without Secure'],
  ])('warns about %s', (_case, setup, message) => {
    const usual = { hasMemoryStore: false, maxAge: undefined, sameSite: 'lax', secure: true };
    expect(sessionWarnings({ ...usual, ...setup }, resolveSettings({})).join('\n')).toContain(message);
    expect(sessionWarnings({ ...usual, maxAge: HOUR }, resolveSettings({}))).toEqual([]);
  });
});

@Controller()
class LoginPages {
  @Get('closed-login')
  closed() {
    return {};
  }

  @Get('login')
  @AllowExpired()
  open() {
    return {};
  }

  @Get('closed-form')
  @AllowExpired()
  page() {
    return {};
  }

  @Post('closed-form')
  form() {
    return {};
  }

  @Post('only-posted')
  @AllowExpired()
  posted() {
    return {};
  }

  @Get('by-express')
  @AllowExpired()
  other() {
    return {};
  }
}

describe('the log at startup', () => {
  async function logsOf(options: SessionTimeoutOptions, requests = 0, cookie = {}): Promise<string[]> {
    const logs: string[] = [];
    const controllers = [PagesController, LoginPages];
    const { browser } = await startApp({ options, controllers, session: { cookie }, logger: collector(logs) });
    for (let i = 0; i < requests; i += 1) await browser().get('/me').expect(200);
    return logs;
  }

  test('contains each warning once', async () => {
    const logs = await logsOf({ warnBefore: '10s' }, 3, { maxAge: MINUTE });
    expect(logs.filter((line) => line.includes('WCAG 2.2'))).toHaveLength(1);
    expect(logs.filter((line) => line.includes('browsers drop it'))).toHaveLength(1);
  });

  test('warns once of seconds that limitsFor returns', async () => {
    const logs: string[] = [];
    const limitsFor: SessionTimeoutOptions['limitsFor'] = (_req, user) =>
      user === 'bob' ? { idleTimeout: 900 } : { idleTimeout: '10m' };
    const { signedIn } = await startApp({ options: { limitsFor }, logger: collector(logs) });
    await signedIn('alice');
    const warned = () => logs.filter((line) => line.includes('numbers are milliseconds'));
    expect(warned()).toEqual([]);
    for (let i = 0; i < 2; i += 1) await signedIn('bob');
    expect(warned()).toEqual([
      "limitsFor: idleTimeout: 900 means 0.9 s, because numbers are milliseconds. If you mean 900 seconds, write idleTimeout: '15m'.",
    ]);
  });

  test('warns once if the cookie has another name than cookieName, and users stay signed in', async () => {
    const logs: string[] = [];
    const { signedIn, clock } = await startApp({ session: { name: 'sid' }, logger: collector(logs) });
    const browser = await signedIn();
    for (let i = 0; i < 3; i += 1) {
      const { body, headers } = await browser.get('/session/ping').expect(200);
      expect(body).toMatchObject({ state: 'active' });
      expect(headers['server-timing']).toContain('active');
    }
    await browser.get('/me').expect(200, { user: 'alice' });
    expect(logs.filter((line) => line.includes('The session cookie is called "sid"'))).toHaveLength(1);
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401);
  });

  test.each([
    ['/closed-login', 'LoginPages.closed() has no @AllowExpired()'],
    ['/closed-login?from=timeout', 'LoginPages.closed() has no @AllowExpired()'],
    ['/closed-form', 'LoginPages.form() has no @AllowExpired()'],
    ['/login', undefined],
    ['/elsewhere', undefined],
  ])('warns if redirectTo leads to a route that refuses expired sessions: %s', async (redirectTo, message) => {
    const logs = (await logsOf({ redirectTo })).filter((line) => line.includes('@AllowExpired'));
    if (message === undefined) expect(logs).toEqual([]);
    else expect(logs).toEqual([expect.stringContaining(message)]);
  });

  test('warns about such a route in a module with a path of its own, and with a version in the path', async () => {
    @Module({ controllers: [LoginPages] })
    class LoginModule {}
    const logs: string[] = [];
    await startApp({
      options: { redirectTo: '/v1/auth/closed-login' },
      imports: [LoginModule, RouterModule.register([{ path: 'auth', module: LoginModule }])],
      setup: (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
      logger: collector(logs),
    });
    expect(logs.filter((line) => line.includes('@AllowExpired'))).toEqual([
      expect.stringContaining('redirectTo leads to /v1/auth/closed-login, but LoginPages.closed() has no'),
    ]);
  });

  test.each([
    [
      '/login',
      'api',
      {},
      ['/login, where nothing is: a global prefix is not added to redirectTo, and LoginPages.open() is at /api/login.'],
    ],
    ['/api/login', 'api', {}, []],
    ['/login', 'api', { exclude: ['login'] }, []],
    ['/nowhere', 'api', {}, []],
    ['/only-posted', 'api', {}, []],
    ['/by-express', 'api', {}, []],
  ])('warns if redirectTo %s lacks the global prefix %s (%j)', async (redirectTo, prefix, options, texts) => {
    const logs: string[] = [];
    await startApp({
      options: { redirectTo },
      controllers: [LoginPages],
      setup: (app) => {
        app.setGlobalPrefix(prefix, options);
        app.getHttpAdapter().get('/by-express', () => undefined);
      },
      logger: collector(logs),
    });
    const found = logs.filter((line) => line.includes('a global prefix is not added to redirectTo'));
    expect(found).toEqual(texts.map((text) => expect.stringContaining(text)));
  });
});
