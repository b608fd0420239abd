import { runInNewContext } from 'node:vm';
import { Test } from '@nestjs/testing';
import type { Request } from 'express';
import { MemoryLedger, presets, SessionTimeoutModule, SessionTimeoutOptionsError } from '../../src/index.js';
import type { SessionContent } from '../../src/express-session/session-content.js';
import { ExtraDeclarations } from '../../src/options/session-timeout.extras.js';
import { englishMessages, OptionDeclarations } from '../../src/options/session-timeout.options.js';
import { resolveSettings } from '../../src/options/resolve-settings.js';
import { DAY, HOUR, MINUTE, SECOND } from '../support/time.js';

const problemsOf = (options: object): readonly string[] => {
  try {
    resolveSettings(options);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(SessionTimeoutOptionsError);
    return (error as SessionTimeoutOptionsError).problems;
  }
};

describe('the options', () => {
  test('have the documented defaults', () => {
    expect(resolveSettings({})).toMatchObject({
      path: 'session',
      limits: { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR, warnBefore: 2 * MINUTE },
      touchInterval: 30 * SECOND,
      unknownSessions: 'adopt',
      ledgerTimeout: 500,
      sweepInterval: 15 * SECOND,
      trustClientActivity: true,
      cookieName: 'connect.sid',
      serverTiming: true,
      messages: englishMessages,
      ledger: expect.any(MemoryLedger),
    });
  });

  test('given as undefined count as absent', () => {
    const absent = Object.fromEntries(Object.keys(resolveSettings({})).map((name) => [name, undefined]));
    const {
      path: _path,
      limits: _limits,
      isPassiveRoute: _passive,
      loginUrl: _url,
      loginPath: _login,
      ...options
    } = absent;
    expect(problemsOf({ ...options, idleTimeout: undefined, messages: { idle: undefined } })).toEqual([]);
  });

  test.each<[unknown, number]>([
    ['15m', 15 * MINUTE],
    ['1.5h', 1.5 * HOUR],
    [5000, 5000],
    ['5000', 5000],
    ['30 days', 30 * DAY],
  ])('take %j as a duration', (idleTimeout, milliseconds) => {
    expect(resolveSettings({ idleTimeout: idleTimeout as string }).limits.idleTimeout).toBe(milliseconds);
  });

  test('limit the default warning to half of the shorter limit, but not a warning that is given', () => {
    expect(resolveSettings({ idleTimeout: '1m' }).limits.warnBefore).toBe(30 * SECOND);
    expect(resolveSettings({ idleTimeout: '1m', warnBefore: '50s' }).limits.warnBefore).toBe(50 * SECOND);
    expect(problemsOf({ idleTimeout: '1m', warnBefore: '60s' })).toEqual([
      'warnBefore: must be shorter than the limits, but is "60s"',
    ]);
  });

  test('touch every twentieth of the idle limit, at most every 30 seconds, by default', () => {
    expect(resolveSettings({ idleTimeout: '1m' }).touchInterval).toBe(3 * SECOND);
    expect(resolveSettings({ idleTimeout: '1h' }).touchInterval).toBe(30 * SECOND);
    expect(resolveSettings({ idleTimeout: '1h', touchInterval: '5s' }).touchInterval).toBe(5 * SECOND);
  });

  test.each<[string, object, string]>([
    [
      'an unknown name',
      { idleTimeOut: '5m' },
      'idleTimeOut: is not an option (did you mean idleTimeout?); the options are idleTimeout, absoluteTimeout,',
    ],
    [
      'an invalid duration',
      { idleTimeout: 'soon' },
      'idleTimeout: must be a duration above 0, like "15m" (ms, s, m, h, d, w or y), or false',
    ],
    ['zero', { absoluteTimeout: 0 }, 'absoluteTimeout: must be a duration above 0'],
    ['a negative duration', { warnBefore: '-2m' }, 'warnBefore: must be a duration above 0'],
    ['NaN', { idleTimeout: NaN }, 'idleTimeout: must be a duration'],
    ['true for a limit', { idleTimeout: true }, 'idleTimeout: must be a duration'],
    ['0 for the sweep', { sweepInterval: 0 }, 'sweepInterval: must be a duration above 0'],
    ['null for a duration', { ledgerTimeout: null }, 'ledgerTimeout: must be a duration above 0'],
    ['no warning at all', { warnBefore: false }, 'warnBefore: must be a duration above 0'],
    ['both limits off', { idleTimeout: false, absoluteTimeout: false }, 'at least one of the two limits must be on'],
    ['an identify that is no function', { identify: 'user' }, 'identify: must be a function, but is "user"'],
    ['a limitsFor that is no function', { limitsFor: {} }, 'limitsFor: must be a function'],
    ['passiveRoutes that are no array', { passiveRoutes: '/feed' }, 'passiveRoutes: must be an array'],
    [
      'a passive path of Express 4',
      { passiveRoutes: ['/feed/*'] },
      'passiveRoutes: has "/feed/*", which is not a path of Express 5 (Missing parameter name at index 7',
    ],
    ['a passive path with a star that has no name', { passiveRoutes: ['/feed/*'] }, '): write "/feed/*rest"'],
    ['a passive path without a slash', { passiveRoutes: ['feed'] }, 'passiveRoutes: has "feed": paths begin with "/"'],
    ['a redirectTo to another origin', { redirectTo: '//evil.example' }, 'redirectTo: must be a path'],
    [
      'a redirectTo that a browser resolves to another origin',
      { redirectTo: '/..//evil.example' },
      'redirectTo: must be a path',
    ],
    [
      'a redirectTo with a tab before the second slash',
      { redirectTo: '/\t/evil.example' },
      'redirectTo: must be a path',
    ],
    ['a limit without a text form', { idleTimeout: Object.create(null) }, 'idleTimeout: must be a duration'],
    [
      'a clock that throws',
      {
        clock: {
          now() {
            throw new Error('no time');
          },
        },
      },
      'clock: must be an object whose now() returns milliseconds',
    ],
    ['a redirectTo that is a URL', { redirectTo: 'https://sso.example' }, 'or a function that returns a URL'],
    ['a message for an unknown reason', { messages: { timeout: 'x' } }, 'messages: has an invalid entry for "timeout"'],
    [
      'an empty message',
      { messages: { idle: '' } },
      'messages: has an invalid entry for "idle": it must be text that is not empty',
    ],
    ['an object that is no ledger', { ledger: {} }, 'ledger: must be an ActivityLedger'],
    [
      'an unknown value of unknownSessions',
      { unknownSessions: 'ignore' },
      'unknownSessions: must be "adopt" or "expire"',
    ],
    [
      'a trustClientActivity that is no boolean',
      { trustClientActivity: 'no' },
      'trustClientActivity: must be true or false',
    ],
    ['an onExpired that is no function', { onExpired: true }, 'onExpired: must be a function'],
    ['an identify that is async', { identify: async () => 'alice' }, 'identify: must return its result at once'],
    ['an authenticatedAt that is async', { authenticatedAt: async () => new Date() }, 'but is an async function'],
    ['a describeDevice that is async', { describeDevice: async () => ({}) }, 'describeDevice: must return its result'],
    ['a describeDevice that is no function', { describeDevice: 1 }, 'describeDevice: must be a function, but is 1'],
    ['a redirectTo that is async', { redirectTo: async () => '/' }, 'a function that returns a URL at once'],
    ['a passive route that is async', { passiveRoutes: [async () => true] }, 'passiveRoutes: has an async function'],
    ['an invalid cookie name', { cookieName: 'a=b' }, 'cookieName: must be the name of a cookie'],
    ['a serverTiming that is no boolean', { serverTiming: 1 }, 'serverTiming: must be true or false'],
    [
      'a clock that returns NaN',
      { clock: { now: () => NaN } },
      'clock: must be an object whose now() returns milliseconds',
    ],
    ['an extra among the options of a factory', { path: 'x' }, 'path: belongs next to useFactory'],
  ])('refuse %s, with an error that says what to do', (_case, options, message) => {
    expect(problemsOf(options).join('\n')).toContain(message);
  });

  test.each([
    undefined,
    null,
    'text',
    5,
    [],
    [{ idleTimeout: '5m' }],
    new Map([['idleTimeout', '5m']]),
    new Date(),
    /idle/,
    new WeakMap(),
    () => ({ idleTimeout: '5m' }),
  ])('refuse %p in place of options', (options) => {
    expect(() => resolveSettings(options as never)).toThrow(`the options must be an object with named fields, but are`);
  });

  test('are read once, so that what was checked is what is used', () => {
    let reads = 0;
    const options = {
      get idleTimeout() {
        return reads++ === 0 ? '5m' : 'soon';
      },
    };
    expect(resolveSettings(options).limits.idleTimeout).toBe(5 * MINUTE);
  });

  test('may be inherited, like those of a class with getters, and are then checked as well', () => {
    class Policy {
      get idleTimeout() {
        return '5m';
      }
    }
    expect(resolveSettings(new Policy()).limits.idleTimeout).toBe(5 * MINUTE);
    expect(resolveSettings(Object.create({ absoluteTimeout: '8h' })).limits.absoluteTimeout).toBe(8 * HOUR);
    expect(problemsOf(Object.create({ cookieName: '' }))).toEqual([expect.stringContaining('cookieName: must be')]);
  });

  test('do not come from the prototype of every object', () => {
    const prototype = Object.getPrototypeOf({}) as { idleTimeout?: unknown };
    prototype.idleTimeout = false;
    try {
      expect(resolveSettings({}).limits.idleTimeout).toBe(15 * MINUTE);
    } finally {
      delete prototype.idleTimeout;
    }
  });

  test('name every option, also path and isGlobal, in the answer to an unknown name', () => {
    const names = Object.keys({ ...new OptionDeclarations(), ...new ExtraDeclarations() });
    expect(problemsOf({ idleTimout: '5m' })).toEqual([
      `idleTimout: is not an option (did you mean idleTimeout?); the options are ${names.join(', ')}`,
    ]);
    expect(names).toEqual(expect.arrayContaining(['idleTimeout', 'clock', 'path', 'isGlobal']));
  });

  test('list their names once, and suggest none that is far from what was written', () => {
    const problems = problemsOf({ ledgr: 1, timeout: 2, redirect: 3 });
    expect(problems.map((problem) => problem.replace(/; the options are .*/, '; the options are …'))).toEqual([
      'ledgr: is not an option (did you mean ledger?)',
      'timeout: is not an option',
      'redirect: is not an option (did you mean redirectTo?); the options are …',
    ]);
  });

  test('show a wrong value once', () => {
    expect(problemsOf({ passiveRoutes: ['poll/*'], messages: { sleepy: 'x' } })).toEqual([
      'passiveRoutes: has "poll/*": paths begin with "/"',
      expect.stringMatching(/^messages: has an invalid entry for "sleepy"; the reasons are idle, absolute, /),
    ]);
  });

  test('refuse names that every object inherits', () => {
    const options = JSON.parse('{ "constructor": 1, "toString": 2, "__proto__": { "idleTimeout": "5m" } }');
    expect(problemsOf(options).map((problem) => problem.replace(/;.*/, ''))).toEqual([
      'constructor: is not an option',
      'toString: is not an option',
      '__proto__: is not an option',
    ]);
  });

  test('report the mistakes in the order in which the options were given', () => {
    const problems = problemsOf({ serverTiming: 1, unknown: 1, idleTimeout: 'soon', cookieName: '' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'serverTiming',
      'unknown',
      'idleTimeout',
      'cookieName',
    ]);
  });

  test('report a mistake in one option together with a conflict between others', () => {
    expect(problemsOf({ idleTimeout: false, absoluteTimeout: false, cookieName: '' })).toHaveLength(2);
    expect(problemsOf({ warnBefore: '20m', cookieName: '' })).toHaveLength(2);
  });

  test('do not show the contents of a wrong object', () => {
    const client = { url: 'redis://user:secret@host' };
    expect(problemsOf({ ledger: client }).join()).toMatch(/must be an ActivityLedger, .* but is an object \(Object\)$/);
  });

  test.each([{ close: true }, { clock: {} }, { clock: null }])(
    'refuse a ledger with a wrong member that it may leave out: %p',
    (member) => {
      const ledger = { shared: false, open() {}, read() {}, advance() {}, end() {} };
      expect(problemsOf({ ledger })).toEqual([]);
      expect(problemsOf({ ledger: { ...ledger, close: undefined, clock: undefined } })).toEqual([]);
      expect(problemsOf({ ledger: { ...ledger, ...member } }).join()).toContain('ledger: must be an ActivityLedger');
    },
  );

  test('accept a regular expression from another realm, and match it from the start each time', () => {
    const passiveRoutes = runInNewContext('[/^\\/feed/gy]');
    const { isPassiveRoute } = resolveSettings({ passiveRoutes });
    for (let time = 0; time < 3; time++) expect(isPassiveRoute?.({} as never, '/feed')).toBe(true);
  });

  test('refuse an object that only pretends to be a regular expression', () => {
    expect(problemsOf({ passiveRoutes: [Object.create(RegExp.prototype)] }).join()).toContain('passiveRoutes: has an');
  });

  test('accept Date as a clock', () => {
    expect(problemsOf({ clock: Date })).toEqual([]);
  });

  test('are required by forRootAsync() from one of its three sources', () => {
    expect(() => SessionTimeoutModule.forRootAsync({})).toThrow('needs one of useFactory, useClass and useExisting');
  });

  test.each([
    [{ useFactory: {} }, 'useFactory must be a function, but is an object (Object)'],
    [{ useClass: {} }, 'useClass must be a class, but is an object (Object)'],
    [{ useFactory: () => ({}), idleTimeout: '5m', identify: () => 'alice' }, 'has to return idleTimeout, identify'],
  ])('are refused by forRootAsync() where they would have no effect: %p', (options, message) => {
    expect(() => SessionTimeoutModule.forRootAsync(options as never)).toThrow(message);
  });

  test('report all mistakes in one error, and the application does not start', async () => {
    const options = { idleTimeout: 'soon', serverTiming: 'yes', unknown: 1 };
    const boot = Test.createTestingModule({ imports: [SessionTimeoutModule.forRoot(options as object)] }).compile();
    await expect(boot).rejects.toThrow(
      /SessionTimeoutModule cannot work with these options:\n {2}- idleTimeout: .*\n {2}- serverTiming: .*\n {2}- unknown: /,
    );
  });

  test('refuse an invalid path', () => {
    for (const path of ['/', '', '.', '..', '/..', 'a/../b', 'a/.', ':x', 'a*b', 'a b', 5 as never]) {
      expect(() => resolveSettings({}, { path })).toThrow('path: must be a plain path, like "session"');
    }
    expect(() => resolveSettings({}, { isGlobal: 'yes' as never })).toThrow('isGlobal: must be true or false');
    expect(resolveSettings({}, { path: '/auth/session/' }).path).toBe('auth/session');
    expect(resolveSettings({}, { path: '.well-known/session..v1' }).path).toBe('.well-known/session..v1');
  });
});

describe('the presets', () => {
  test.each([
    ['nistAal1', { idleTimeout: false, absoluteTimeout: 30 * DAY }],
    ['nistAal2', { idleTimeout: HOUR, absoluteTimeout: DAY }],
    ['nistAal3', { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR }],
    ['asvs4L2', { idleTimeout: 30 * MINUTE, absoluteTimeout: 12 * HOUR }],
    ['asvs4L3', { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * HOUR }],
    ['pciDss', { idleTimeout: 15 * MINUTE }],
    ['hmrc', { idleTimeout: 15 * MINUTE, warnBefore: 2 * MINUTE }],
  ] as const)('%s', (name, limits) => {
    expect(resolveSettings({ ...presets[name] }).limits).toMatchObject(limits);
  });
});

describe('the sweep', () => {
  const { users: _users, ...methods } = new MemoryLedger();
  const ledger = Object.assign(Object.create(MemoryLedger.prototype) as object, methods) as MemoryLedger;

  test('is off with a ledger that cannot find sessions, and in report mode', () => {
    expect(resolveSettings({ ledger }).sweepInterval).toBe(false);
    expect(resolveSettings({ mode: 'report', sweepInterval: '1m' }).sweepInterval).toBe(false);
    expect(resolveSettings({ sweepInterval: '1m' }).sweepInterval).toBe(MINUTE);
  });

  test('is an error if it was asked for and the ledger cannot find sessions', () => {
    expect(problemsOf({ ledger, sweepInterval: '15s' })).toEqual([
      'sweepInterval: needs a ledger that finds sessions whose time is over (ActivityLedger.users); leave it out',
    ]);
    expect(problemsOf({ ledger, sweepInterval: false })).toEqual([]);
  });
});

describe('a function that has to answer at once, but returns a promise', () => {
  const req = {} as Request;
  const session = {} as SessionContent;
  const calls: [string, (later: () => never) => unknown][] = [
    ['identify', (identify) => resolveSettings({ identify }).identify?.(session)],
    ['redirectTo', (redirectTo) => resolveSettings({ redirectTo }).redirectTo?.(req)],
    ['reauthenticateAt', (reauthenticateAt) => resolveSettings({ reauthenticateAt }).reauthenticateAt?.(req)],
    ['authenticatedAt', (authenticatedAt) => resolveSettings({ authenticatedAt }).authenticatedAt?.(session)],
    [
      'describeDevice',
      (describeDevice) => resolveSettings({ describeDevice, identify: () => 'alice' }).describeDevice?.(req),
    ],
    ['passiveRoutes', (passive) => resolveSettings({ passiveRoutes: [passive] }).isPassiveRoute?.(req, '/')],
  ];

  test.each(calls)('is an error that names the option: %s', (name, call) => {
    expect(() => call(() => Promise.resolve() as never)).toThrow(new RegExp(`${name} has to return .* at once`));
  });

  test.each(calls)('does not end the process if the promise fails: %s', async (_name, call) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', note);
    expect(() => call(() => Promise.reject(new Error('no answer')) as never)).toThrow('it returned a promise');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
