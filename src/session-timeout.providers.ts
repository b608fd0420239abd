import type { Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { LEDGER } from './ledger/ledger.token.js';
import { RequestSessions } from './enforcement/lifecycle/request-sessions.js';
import { SessionEvents } from './enforcement/timelines/events/session-events.js';
import { SessionJudge } from './enforcement/lifecycle/session-judge.js';
import { SessionLifetime } from './enforcement/lifecycle/session-lifetime.js';
import { StoreObserver } from './enforcement/lifecycle/store-observer.js';
import { AuditTrail } from './enforcement/timelines/events/audit-trail.js';
import { Endings } from './enforcement/timelines/endings.js';
import { ReadAhead } from './enforcement/lifecycle/read-ahead.js';
import { SessionBinder } from './enforcement/lifecycle/session-binder.js';
import { SessionMoves } from './enforcement/lifecycle/session-moves.js';
import { SessionRows } from './enforcement/lifecycle/session-rows.js';
import { Touches } from './enforcement/lifecycle/touches.js';
import { SessionWatches } from './enforcement/timelines/session-watches.js';
import { Sweep } from './enforcement/timelines/sweep.js';
import { Timelines } from './enforcement/timelines/timelines.js';
import { CookieClearing } from './enforcement/answer/cookie-clearing.js';
import { LongRequests } from './enforcement/request/long-requests.js';
import { AuditedWork } from './enforcement/request/audited-work.js';
import { RequestExplainer } from './enforcement/request/request-explainer.js';
import { UnservedActivity } from './enforcement/request/unserved-activity.js';
import { SessionHeaders } from './enforcement/answer/session-headers.js';
import { SessionExpiredFilter } from './enforcement/session-expired.filter.js';
import { ReportMode } from './enforcement/report/report-mode.js';
import { SessionFlow } from './enforcement/session-flow.js';
import { SessionTimeoutGuard } from './enforcement/session-timeout.guard.js';
import { SessionTimeoutInterceptor } from './enforcement/session-timeout.interceptor.js';
import { SessionTimeoutMiddleware } from './enforcement/session-timeout.middleware.js';
import { ControllerExplorer } from './enforcement/startup/controller-explorer.js';
import { GatewayCheck } from './enforcement/startup/gateway-check.js';
import { LoginRouteCheck } from './enforcement/startup/login-route-check.js';
import { OpenApiRefusal } from './enforcement/startup/openapi-401.js';
import { SessionMetrics } from './enforcement/startup/session-metrics.js';
import { PassiveHandlers } from './enforcement/startup/passive-handlers.js';
import { OwnRoutesCheck } from './enforcement/startup/own-routes-check.js';
import { PingReach } from './ping/ping-reach.js';
import { SetupCheck } from './enforcement/startup/setup-check.js';
import { SseRoutes } from './enforcement/startup/sse-routes.js';
import { UnreadableSessionHandler } from './enforcement/unreadable-session.handler.js';
import type { ActivityLedger } from './ledger/activity-ledger.js';
import { layered } from './ledger/layers/ledger-stack.js';
import { SETTINGS, type Settings } from './options/settings.js';
import { FreshAuth } from './people/fresh-auth.js';
import { SessionDirectory } from './people/session-directory.js';
import { SessionProblemFilter } from './people/session-problem.filter.js';
import { DraftAnswers } from './ping/draft-answers.js';
import { ListAnswers } from './ping/list-answers.js';
import { OwnAnswers } from './ping/own-answers.js';
import { SessionAnswers } from './ping/session-answers.js';
import { SessionTimeoutService } from './session-timeout.service.js';

/** What the module consists of. */
export const providers: readonly Provider[] = [
  AuditTrail,
  SessionEvents,
  SessionMetrics,
  {
    provide: LEDGER,
    useFactory: (settings: Settings, events: SessionEvents, metrics: SessionMetrics): ActivityLedger =>
      layered(settings.ledger, {
        timeout: settings.ledgerTimeout,
        onFailure: (error) => events.emitFailure(error),
        observe: metrics.ledgerObserver(),
        touchInterval: settings.touchInterval,
        clock: settings.clock,
      }),
    inject: [SETTINGS, SessionEvents, SessionMetrics],
  },
  Timelines,
  SessionWatches,
  Sweep,
  SessionJudge,
  Endings,
  ReadAhead,
  Touches,
  SessionRows,
  SessionBinder,
  SessionMoves,
  RequestSessions,
  StoreObserver,
  SessionLifetime,
  CookieClearing,
  SessionHeaders,
  AuditedWork,
  RequestExplainer,
  UnservedActivity,
  ReportMode,
  SessionFlow,
  LongRequests,
  UnreadableSessionHandler,
  ControllerExplorer,
  GatewayCheck,
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
  DraftAnswers,
  SessionTimeoutService,
  SessionTimeoutMiddleware,
  SessionTimeoutGuard,
  SessionTimeoutInterceptor,
  SessionExpiredFilter,
  SessionProblemFilter,
  { provide: APP_GUARD, useExisting: SessionTimeoutGuard },
  { provide: APP_FILTER, useExisting: SessionExpiredFilter },
  { provide: APP_FILTER, useExisting: SessionProblemFilter },
];
