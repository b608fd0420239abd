import {
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
import {
  APP_FILTER,
  APP_GUARD,
  ApplicationConfig,
  DiscoveryModule,
  HttpAdapterHost,
  ModulesContainer,
} from '@nestjs/core';
import { LEDGER } from './ledger/ledger.token.js';
import { RequestSessions } from './enforcement/lifecycle/request-sessions.js';
import { SessionEvents } from './enforcement/timelines/session-events.js';
import { SessionJudge } from './enforcement/lifecycle/session-judge.js';
import { SessionLifetime } from './enforcement/lifecycle/session-lifetime.js';
import { StoreObserver } from './enforcement/lifecycle/store-observer.js';
import { Endings } from './enforcement/timelines/endings.js';
import { ReadAhead } from './enforcement/lifecycle/read-ahead.js';
import { SessionBinder } from './enforcement/lifecycle/session-binder.js';
import { SessionMoves } from './enforcement/lifecycle/session-moves.js';
import { Touches } from './enforcement/lifecycle/touches.js';
import { Timelines } from './enforcement/timelines/timelines.js';
import { CookieClearing } from './enforcement/request/cookie-clearing.js';
import { LongRequests } from './enforcement/request/long-requests.js';
import { RequestExplainer } from './enforcement/request/request-explainer.js';
import { SessionHeaders } from './enforcement/request/session-headers.js';
import { SessionExpiredFilter } from './enforcement/session-expired.filter.js';
import { ReportMode } from './enforcement/report/report-mode.js';
import { SessionFlow } from './enforcement/session-flow.js';
import { SessionTimeoutGuard } from './enforcement/session-timeout.guard.js';
import { SessionTimeoutInterceptor } from './enforcement/session-timeout.interceptor.js';
import { SessionTimeoutMiddleware } from './enforcement/session-timeout.middleware.js';
import { ControllerExplorer } from './enforcement/startup/controller-explorer.js';
import { LoginRouteCheck } from './enforcement/startup/login-route-check.js';
import { OpenApiRefusal } from './enforcement/startup/openapi-401.js';
import { SessionMetrics } from './enforcement/startup/session-metrics.js';
import { PassiveHandlers } from './enforcement/startup/passive-handlers.js';
import { OwnRoutesCheck } from './enforcement/startup/own-routes-check.js';
import { PingReach } from './enforcement/startup/ping-reach.js';
import { SetupCheck } from './enforcement/startup/setup-check.js';
import { SseRoutes } from './enforcement/startup/sse-routes.js';
import { UnreadableSessionHandler } from './enforcement/unreadable-session.handler.js';
import type { ActivityLedger } from './ledger/activity-ledger.js';
import { layered } from './ledger/layers/ledger-stack.js';
import { readOptions } from './options/resolve-settings.js';
import { SETTINGS, type Settings } from './options/settings.js';
import { FreshAuth } from './people/fresh-auth.js';
import { SessionDirectory } from './people/session-directory.js';
import { SessionProblemFilter } from './people/session-problem.filter.js';
import { ListAnswers } from './ping/list-answers.js';
import { OwnAnswers } from './ping/own-answers.js';
import { SessionAnswers } from './ping/session-answers.js';
import type { SessionTimeoutExtras } from './options/session-timeout.extras.js';
import type { SessionTimeoutOptions } from './options/session-timeout.options.js';
import { ConfigurableModuleClass, type SessionTimeoutAsyncOptions } from './session-timeout.module-definition.js';
import { SessionTimeoutService } from './session-timeout.service.js';

/**
 * Ends sessions on time, on the server.
 *
 * @example
 * imports: [SessionTimeoutModule.forRoot({ idleTimeout: '15m', redirectTo: '/login' })]
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    SessionEvents,
    SessionMetrics,
    {
      provide: LEDGER,
      useFactory: (settings: Settings, events: SessionEvents, metrics: SessionMetrics): ActivityLedger =>
        layered(settings.ledger, {
          timeout: settings.ledgerTimeout,
          onFailure: (error) => events.emit({ type: 'ledger-failed', error }),
          observe: metrics.ledgerObserver(),
          touchInterval: settings.touchInterval,
          clock: settings.clock,
        }),
      inject: [SETTINGS, SessionEvents, SessionMetrics],
    },
    Timelines,
    SessionJudge,
    Endings,
    ReadAhead,
    Touches,
    SessionBinder,
    SessionMoves,
    RequestSessions,
    StoreObserver,
    SessionLifetime,
    CookieClearing,
    SessionHeaders,
    RequestExplainer,
    ReportMode,
    SessionFlow,
    LongRequests,
    UnreadableSessionHandler,
    ControllerExplorer,
    LoginRouteCheck,
    OpenApiRefusal,
    PassiveHandlers,
    OwnRoutesCheck,
    PingReach,
    SetupCheck,
    SseRoutes,
    FreshAuth,
    SessionDirectory,
    OwnAnswers,
    SessionAnswers,
    ListAnswers,
    SessionTimeoutService,
    SessionTimeoutMiddleware,
    SessionTimeoutGuard,
    SessionTimeoutInterceptor,
    SessionExpiredFilter,
    SessionProblemFilter,
    { provide: APP_GUARD, useExisting: SessionTimeoutGuard },
    { provide: APP_FILTER, useExisting: SessionExpiredFilter },
    { provide: APP_FILTER, useExisting: SessionProblemFilter },
  ],
  exports: [
    SessionTimeoutService,
    SessionTimeoutMiddleware,
    SessionTimeoutGuard,
    SessionTimeoutInterceptor,
    SessionExpiredFilter,
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
   * @throws SessionTimeoutOptionsError if the options are no object with named fields
   */
  static override forRoot(options: SessionTimeoutOptions & SessionTimeoutExtras = {}): DynamicModule {
    return super.forRoot(readOptions(options));
  }

  /**
   * Configures the module with options from a factory. `path` and `isGlobal` stand beside the factory.
   *
   * @throws TypeError if there is no `useFactory`, `useClass` or `useExisting`
   */
  static override forRootAsync(options: SessionTimeoutAsyncOptions): DynamicModule {
    // Nothing is checked where an application is written in JavaScript.
    const { useFactory, useClass, useExisting } = (options ?? {}) as Partial<SessionTimeoutAsyncOptions>;
    if (!useFactory && !useClass && !useExisting) {
      throw new TypeError('SessionTimeoutModule.forRootAsync() needs one of useFactory, useClass and useExisting.');
    }
    return super.forRootAsync(options);
  }

  /**
   * Mounts the middleware on the adapter itself: with a global prefix, middleware mounted through the consumer does
   * not see paths outside the prefix.
   */
  configure(): void {
    const { httpAdapter } = this.adapterHost;
    if (httpAdapter.getType() !== 'express') {
      throw new Error('SessionTimeoutModule works with express-session, and so needs @nestjs/platform-express.');
    }
    this.refuseTwins();
    this.flow.open(httpAdapter.getInstance<Express>().request);
    httpAdapter.use(this.unreadable.use);
    httpAdapter.use(this.middleware.use);
    this.judgeFirst();
    this.yieldToOwnFilters();
    this.sseRoutes.intercept();
  }

  /** Nest has mounted its consumers' middleware by now, and not yet what answers errors. */
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

  /** After the last request: gives the session stores back, and closes the ledger again. */
  async onApplicationShutdown(): Promise<void> {
    this.flow.close();
    await this.ledger.close?.();
  }

  /** Two instances of this module would have two ledgers, and each would miss the activity that the other records. */
  private refuseTwins(): void {
    const twins = [...this.modules.values()].filter(({ metatype }) => metatype === SessionTimeoutModule);
    if (twins.length > 1) {
      throw new Error(
        'SessionTimeoutModule is imported more than once. Import it in the root module only: it is global.',
      );
    }
  }

  /**
   * Puts our guard first. Otherwise global guards of the root module would refuse ended sessions themselves, without
   * the reason. Nest reads the list later, when it registers the routes.
   */
  private judgeFirst(): void {
    const guards = this.config.getGlobalGuards();
    // A subclass that the application provides replaces our guard.
    const first = guards.find((guard) => guard instanceof SessionTimeoutGuard && guard !== this.guard) ?? this.guard;
    const others = guards.filter((guard) => guard !== first && guard !== this.guard);
    guards.splice(0, guards.length, first, ...others);
  }

  /**
   * Replaces our filters by subclasses that the application provides. Nest asks the last registered filter first, and
   * the root module registers its filters before us.
   */
  private yieldToOwnFilters(): void {
    const filters = this.config.getGlobalFilters();
    for (const ours of [this.filter, this.problemFilter]) {
      const own = filters.findLast((filter) => filter instanceof ours.constructor && filter !== ours);
      if (own) filters.splice(filters.indexOf(ours), 1, own);
    }
  }
}
