import { Controller, Get, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  type SessionTimeoutOptions,
  SessionTimeoutModule,
  type SessionTimeoutOptionsFactory,
  SessionTimeoutOptionsError,
  SessionTimeoutService,
} from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';
import { byUser, MINUTE, startApp, stopApps } from './support/app.js';

afterEach(stopApps);

/** Where applications keep their settings. */
@Injectable()
class Config {
  readonly clock = new ManualClock();
  readonly idleTimeout = '5m';
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

@Injectable()
class TimeoutConfig implements SessionTimeoutOptionsFactory {
  constructor(private readonly config: Config) {}

  async createSessionTimeoutOptions(): Promise<SessionTimeoutOptions> {
    const { clock, idleTimeout } = this.config;
    return { clock, idleTimeout, identify: byUser };
  }
}

@Module({ imports: [ConfigModule], providers: [TimeoutConfig], exports: [TimeoutConfig, ConfigModule] })
class TimeoutConfigModule {}

const ways: [string, Parameters<typeof SessionTimeoutModule.forRootAsync>[0]][] = [
  [
    'useFactory',
    {
      imports: [ConfigModule],
      inject: [Config],
      useFactory: ({ clock, idleTimeout }: Config) => ({ clock, idleTimeout, identify: byUser }),
    },
  ],
  [
    'an asynchronous useFactory',
    {
      imports: [ConfigModule],
      inject: [Config],
      useFactory: async ({ clock, idleTimeout }: Config) => ({ clock, idleTimeout, identify: byUser }),
    },
  ],
  ['useClass', { imports: [ConfigModule], useClass: TimeoutConfig }],
  ['useExisting', { imports: [TimeoutConfigModule], useExisting: TimeoutConfig }],
];

describe.each(ways)('forRootAsync() with %s', (_how, options) => {
  const start = async (extras: { path?: string; isGlobal?: boolean } = {}) => {
    const started = await startApp({ module: [SessionTimeoutModule.forRootAsync({ ...options, ...extras })] });
    return { ...started, clock: started.app.get(Config, { strict: false }).clock };
  };

  test('takes the options', async () => {
    const { signedIn, clock } = await start();
    const browser = await signedIn();
    const { body } = await browser.get('/session/ping').expect(200);
    expect(body).toMatchObject({ idleTimeout: 300, absoluteTimeout: 43_200, warnBefore: 120 });
    clock.advance(5 * MINUTE);
    expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
  });

  test('takes the path beside the factory', async () => {
    const { request } = await start({ path: 'lifetime' });
    expect((await request.get('/lifetime/ping').expect(200)).body).toMatchObject({ state: 'anonymous' });
    await request.get('/session/ping').expect(404);
  });
});

describe('the application does not start', () => {
  const boot = (module: ReturnType<typeof SessionTimeoutModule.forRoot>) =>
    Test.createTestingModule({ imports: [module] }).compile();

  test.each<[string, SessionTimeoutOptions, RegExp]>([
    ['with invalid values', { idleTimeout: 'soon', warnBefore: -1 }, /idleTimeout: .*"soon"[\s\S]*warnBefore: /],
    ['with an unknown option', { idleTimout: '5m' } as never, /idleTimout: is not an option/],
    ['with path among the options of a factory', { path: 'x' } as never, /path: belongs next to useFactory/],
    [
      'with isGlobal among the options of a factory',
      { isGlobal: false } as never,
      /isGlobal: belongs next to useFactory/,
    ],
  ])('%s', async (_what, options, message) => {
    const booting = boot(SessionTimeoutModule.forRootAsync({ useFactory: () => options }));
    await expect(booting).rejects.toThrow(SessionTimeoutOptionsError);
    await expect(boot(SessionTimeoutModule.forRootAsync({ useFactory: () => options }))).rejects.toThrow(message);
  });

  test('with a class that does not return options', async () => {
    class Careless {}
    const booting = boot(SessionTimeoutModule.forRootAsync({ useClass: Careless as never }));
    await expect(booting).rejects.toThrow(
      'an object (Careless) of useClass or useExisting has to have the method createSessionTimeoutOptions()',
    );
  });

  test('if the factory fails, and the error is that of the factory', async () => {
    const failing = SessionTimeoutModule.forRootAsync({ useFactory: () => Promise.reject(new Error('no vault')) });
    await expect(boot(failing)).rejects.toThrow('no vault');
  });
});

describe('isGlobal', () => {
  @Controller('mine')
  class FeatureController {
    constructor(private readonly sessions: SessionTimeoutService) {}

    @Get()
    mine() {
      return { there: this.sessions instanceof SessionTimeoutService };
    }
  }
  const feature = (imports: ModuleMetadata['imports'] = []) => {
    @Module({ imports, controllers: [FeatureController] })
    class FeatureModule {}
    return FeatureModule;
  };
  const options = () => ({ clock: new ManualClock(), identify: byUser });

  test.each([
    ['forRoot()', () => SessionTimeoutModule.forRoot(options())],
    ['forRootAsync()', () => SessionTimeoutModule.forRootAsync({ useFactory: options })],
  ])('is on by default with %s: every module can inject the service', async (_how, module) => {
    const { request } = await startApp({ module: [module()], imports: [feature()] });
    await request.get('/mine').expect(200, { there: true });
  });

  test.each([
    ['forRoot()', () => SessionTimeoutModule.forRoot({ ...options(), isGlobal: false })],
    ['forRootAsync()', () => SessionTimeoutModule.forRootAsync({ useFactory: options, isGlobal: false })],
  ])('false with %s: only modules that import it can inject the service', async (_how, create) => {
    const alone = Test.createTestingModule({ imports: [create(), feature()] }).compile();
    await expect(alone).rejects.toThrow(/can't resolve dependencies of the FeatureController/);

    const module = create();
    @Module({ imports: [module], exports: [SessionTimeoutModule] })
    class SessionsModule {}
    const { app, request } = await startApp({ module: [SessionsModule], imports: [feature([SessionsModule])] });
    await request.get('/mine').expect(200, { there: true });
    expect((await request.get('/session/ping').expect(200)).body).toMatchObject({ state: 'anonymous' });
    expect(app.get(SessionTimeoutService, { strict: false })).toBeInstanceOf(SessionTimeoutService);
  });

  test('false still ends sessions everywhere', async () => {
    const { signedIn, clock } = await startApp({ options: { isGlobal: false } });
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
  });
});

@Module({ imports: [SessionTimeoutModule.forRoot()] })
class FeatureModule {}

describe('the module', () => {
  test('imported without forRoot() does not start, and the error says what to import', async () => {
    const boot = Test.createTestingModule({ imports: [SessionTimeoutModule] }).compile();
    await expect(boot).rejects.toThrow(
      'SessionTimeoutModule is imported without forRoot(). Import SessionTimeoutModule.forRoot() in the root module',
    );
  });

  test('imported twice does not start: two ledgers would sign active users out', async () => {
    const boot = startApp({ module: [SessionTimeoutModule.forRoot(), FeatureModule] });
    await expect(boot).rejects.toThrow('Import it in the root module only');
  });

  test('registers no global interceptor', async () => {
    const { app } = await startApp();
    expect(app.get(ApplicationConfig).getGlobalInterceptors()).toEqual([]);
  });

  test('may be imported in two places if it is the same dynamic module', async () => {
    const timeouts = SessionTimeoutModule.forRoot();

    @Module({ imports: [timeouts] })
    class Feature {}

    await startApp({ module: [timeouts, Feature] });
  });
});

describe('options that are no object with named fields', () => {
  const kinds: [string, unknown, string][] = [
    ['a list', [], 'an object (Array)'],
    ['a Map', new Map(), 'an object (Map)'],
    ['a number', 5, '5'],
    ['text', '15m', '"15m"'],
    ['null', null, 'null'],
    ['a function', () => ({}), 'a function'],
    [
      'a promise',
      Promise.resolve({}),
      'an object (Promise); await them in the factory of forRootAsync({ useFactory })',
    ],
  ];

  test.each(kinds)('are refused by forRoot(): %s', (_kind, options, shown) => {
    const text = `the options must be an object with named fields, but are ${shown}`;
    expect(() => SessionTimeoutModule.forRoot(options as never)).toThrow(SessionTimeoutOptionsError);
    expect(() => SessionTimeoutModule.forRoot(options as never)).toThrow(text);
  });

  // A promise is waited for.
  test.each(kinds.filter(([kind]) => kind !== 'a promise'))(
    'stop the application if a factory returns them: %s',
    async (_kind, options, shown) => {
      const boot = startApp({ module: [SessionTimeoutModule.forRootAsync({ useFactory: () => options as never })] });
      await expect(boot).rejects.toThrow(`the options must be an object with named fields, but are ${shown}`);
    },
  );

  test.each([[undefined], [null], [[]], [5]])('are refused by forRootAsync(): %p', (options) => {
    expect(() => SessionTimeoutModule.forRootAsync(options as never)).toThrow(
      'forRootAsync() needs one of useFactory, useClass and useExisting',
    );
  });

  test('are not an instance of a class, whose inherited options count', async () => {
    class Policy {
      get idleTimeout() {
        return '5m';
      }
      get path() {
        return 'inherited';
      }
    }
    const { signedIn } = await startApp({ module: [SessionTimeoutModule.forRoot(new Policy())] });
    const alice = await signedIn();
    expect((await alice.get('/inherited/ping').expect(200)).body).toMatchObject({ idleTimeout: 300 });
  });
});
