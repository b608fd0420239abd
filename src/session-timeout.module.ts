import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Inject,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import type { Express } from 'express';
import { ApplicationConfig, DiscoveryModule, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { LEDGER } from './ledger/ledger.token.js';
import { SessionExpiredFilter } from './enforcement/session-expired.filter.js';
import { SessionFlow } from './enforcement/session-flow.js';
import { SessionTimeoutGuard } from './enforcement/session-timeout.guard.js';
import { SessionTimeoutInterceptor } from './enforcement/session-timeout.interceptor.js';
import { SessionTimeoutMiddleware } from './enforcement/session-timeout.middleware.js';
import { putFiltersFirst, putGuardFirst } from './enforcement/startup/global-enhancers.js';
import { SetupCheck } from './enforcement/startup/setup-check.js';
import { SseRoutes } from './enforcement/startup/sse-routes.js';
import { UnreadableSessionHandler } from './enforcement/unreadable-session.handler.js';
import type { ActivityLedger } from './ledger/activity-ledger.js';
import { completed } from './options/declarations.js';
import { assertAsyncOptions, createdOptions, readOptions, resolveSettings } from './options/resolve-settings.js';
import { SessionProblemFilter } from './people/session-problem.filter.js';
import { ExtraDeclarations, type SessionTimeoutExtras } from './options/session-timeout.extras.js';
import type { SessionTimeoutOptions, SessionTimeoutOptionsFactory } from './options/session-timeout.options.js';
import { SETTINGS } from './options/settings.js';
import { pingController } from './ping/ping.controller.js';
import { SessionTimeoutService } from './session-timeout.service.js';
import { providers } from './session-timeout.providers.js';

/** Creates `forRoot()` and `forRootAsync()`. */
const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<SessionTimeoutOptions>()
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createSessionTimeoutOptions' satisfies keyof SessionTimeoutOptionsFactory)
    .setExtras<SessionTimeoutExtras>({ ...new ExtraDeclarations() }, complete)
    .build();

/** The options of `SessionTimeoutModule.forRootAsync()`. */
export type SessionTimeoutAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

/** Adds the parts that depend on the extras. Nest knows the extras before the other options. */
function complete(definition: DynamicModule, extras: SessionTimeoutExtras): DynamicModule {
  const { path, isGlobal } = completed(ExtraDeclarations, extras);
  return {
    ...definition,
    global: isGlobal,
    controllers: [pingController(path)],
    providers: [
      ...(definition.providers ?? []),
      {
        provide: SETTINGS,
        useFactory: (options: SessionTimeoutOptions) => resolveSettings(options, extras),
        inject: [MODULE_OPTIONS_TOKEN],
      },
    ],
  };
}

/** Takes the place of the settings if the class is imported as it is. The definition of `forRoot()` replaces it. */
function withoutOptions(): never {
  throw new Error(
    'SessionTimeoutModule is imported without forRoot(). Import SessionTimeoutModule.forRoot() in the root module; ' +
      'other modules need no import, because it is global.',
  );
}

/**
 * The module that ends sessions on time, on the server. Import it once, in the root module.
 *
 * @example
 * imports: [SessionTimeoutModule.forRoot({ idleTimeout: '15m', redirectTo: '/login' })]
 */
@Module({
  imports: [DiscoveryModule],
  providers: [...providers, { provide: SETTINGS, useFactory: withoutOptions }],
  exports: [
    SessionTimeoutService,
    SessionTimeoutMiddleware,
    SessionTimeoutGuard,
    SessionTimeoutInterceptor,
    SessionExpiredFilter,
    SessionProblemFilter,
  ],
})
export class SessionTimeoutModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  constructor(
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly guard: SessionTimeoutGuard,
    private readonly filter: SessionExpiredFilter,
    private readonly problemFilter: SessionProblemFilter,
    private readonly middleware: SessionTimeoutMiddleware,
    private readonly unreadable: UnreadableSessionHandler,
    private readonly flow: SessionFlow,
    private readonly setup: SetupCheck,
    private readonly sseRoutes: SseRoutes,
  ) {
    super();
  }

  /**
   * Configures the module. Invalid options stop the application at startup with a `SessionTimeoutOptionsError`.
   *
   * @throws SessionTimeoutOptionsError if the options are not an object with named fields
   */
  static override forRoot(options: SessionTimeoutOptions & SessionTimeoutExtras = {}): DynamicModule {
    return super.forRoot(readOptions(options));
  }

  /**
   * Configures the module with options from a factory. Pass `path` and `isGlobal` next to the factory.
   *
   * @throws TypeError if there is no `useFactory`, `useClass` or `useExisting`, or if other options stand next to it
   */
  static override forRootAsync(options: SessionTimeoutAsyncOptions): DynamicModule {
    assertAsyncOptions(options);
    const definition = super.forRootAsync(options);
    const source = options.useFactory ? undefined : (options.useExisting ?? options.useClass);
    if (!source) return definition;
    // Nest would call a method that is missing, too. The last provider of a token counts.
    const created = { provide: MODULE_OPTIONS_TOKEN, useFactory: createdOptions, inject: [source] };
    return { ...definition, providers: [...(definition.providers ?? []), created] };
  }

  /**
   * Mounts the middleware on the adapter itself. With a global prefix, middleware that is mounted through the consumer
   * does not see paths outside the prefix.
   */
  configure(): void {
    const { httpAdapter } = this.adapterHost;
    if (httpAdapter.getType() !== 'express') {
      throw new Error('SessionTimeoutModule works with express-session, so it needs @nestjs/platform-express.');
    }
    this.refuseTwins();
    this.flow.stores.watch(httpAdapter.getInstance<Express>());
    httpAdapter.use(this.unreadable.use);
    httpAdapter.use(this.middleware.use);
    putGuardFirst(this.config, this.guard);
    putFiltersFirst(this.config, this.modules, [
      [SessionExpiredFilter, this.filter],
      [SessionProblemFilter, this.problemFilter],
    ]);
    this.sseRoutes.intercept();
  }

  /** By now, Nest has mounted the middleware of its consumers, but not yet its error handler. */
  onModuleInit(): void {
    this.adapterHost.httpAdapter?.use(this.unreadable.use);
  }

  onApplicationBootstrap(): void {
    this.setup.run();
  }

  /** Writes pending activity before the application closes its connections in later hooks. */
  async onModuleDestroy(): Promise<void> {
    await this.ledger.close?.();
  }

  /** After the last request, restores the methods of the session stores and closes the ledger again. */
  async onApplicationShutdown(): Promise<void> {
    this.flow.stores.release();
    await this.ledger.close?.();
  }

  /** Two instances of this module would have two ledgers, and each would miss the activity that the other records. */
  private refuseTwins(): void {
    const twins = [...this.modules.values()].filter(({ metatype }) => metatype === SessionTimeoutModule);
    if (twins.length > 1) {
      throw new Error(
        'SessionTimeoutModule is imported more than once. Import it in the root module only. With isGlobal: false, keep what ' +
          'forRoot() returned in a constant, and import this constant everywhere.',
      );
    }
  }
}
