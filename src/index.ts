export { AllowExpired, PassiveRoute, SessionStatus } from './enforcement/decorators.js';
export type {
  AuditedRequest,
  AuditEntry,
  EndedBy,
  EndedEntry,
  ExpiredEntry,
  LedgerFailedEntry,
  ReauthenticationRequiredEntry,
  RenewedEntry,
  ReportRejectedEntry,
  RequestRejectedEntry,
  SignInRefusedEntry,
  StartedEntry,
  WouldHaveExpiredEntry,
} from './policy/audit-entry.js';
export type {
  EndedEvent,
  ExpiredEvent,
  LedgerFailedEvent,
  ReportRejectedEvent,
  SessionEvent,
  StartedEvent,
  WouldHaveExpiredEvent,
} from './policy/session-event.js';
export { SessionExpiredException, type SessionExpiredProblem } from './enforcement/answer/session-expired.exception.js';
export { SessionUnavailableException } from './enforcement/answer/session-unavailable.exception.js';
export { SessionExpiredFilter } from './enforcement/session-expired.filter.js';
export { SessionTimeoutGuard } from './enforcement/session-timeout.guard.js';
export { SessionTimeoutInterceptor } from './enforcement/session-timeout.interceptor.js';
export { SessionTimeoutMiddleware } from './enforcement/session-timeout.middleware.js';
export type {
  Activity,
  ActivityLedger,
  EndedRecord,
  Ending,
  LedgerLimits,
  LedgerRecord,
  OpenRecord,
  Opening,
  Reading,
} from './ledger/activity-ledger.js';
export { LedgerUnavailableError } from './ledger/ledger-unavailable.error.js';
export type { Clock } from './base/clock.js';
export type { Claim, Claimed, Expired, Expiry, KeyedRecord, UserSessions } from './ledger/user-sessions.js';
export type { MaybePromise } from './base/maybe-promise.js';
export { MemoryLedger } from './ledger/memory/memory-ledger.js';
export type { PingReply } from './wire/ping-reply.js';
export type { ListedSession, SessionListReply } from './wire/session-list.js';
export type { PolicyDescription, RequirementStatus } from './compliance/policy-description.js';
export type { Limits } from './policy/limits.js';
export { presets } from './policy/presets.js';
export type { ExpiryReason, Reason } from './policy/reason.js';
export type { PolicyInForce, RequirementState } from './compliance/requirement.js';
export type { AnonymousStatus, ExpiredStatus, LiveStatus } from './policy/status.js';
export { type SessionTimeoutAsyncOptions, SessionTimeoutModule } from './session-timeout.module.js';
export type { DraftOptions } from './options/drafts.js';
export type { Duration } from './options/duration.js';
export type { PassiveRoutePattern } from './options/passive-route.js';
export type { SessionLimits } from './options/session-limits.js';
export type { SessionTimeoutExtras } from './options/session-timeout.extras.js';
export type { SessionTimeoutOptions, SessionTimeoutOptionsFactory } from './options/session-timeout.options.js';
export type { SessionContent } from './express-session/session-content.js';
export { FreshAuthGuard } from './people/fresh-auth.guard.js';
export {
  ReauthenticationRequiredException,
  type ReauthenticationRequiredProblem,
} from './people/reauthentication-required.exception.js';
export { RequireFreshAuth } from './people/require-fresh-auth.decorator.js';
export { coarseDevice } from './people/coarse-device.js';
export type { SessionInfo } from './policy/session-info.js';
export type { ProblemDetails } from './enforcement/answer/problem-details.js';
export { SessionProblemFilter } from './people/session-problem.filter.js';
export {
  TooManySessionsException,
  type TooManySessionsProblem,
} from './enforcement/answer/too-many-sessions.exception.js';
export type { WhenFull } from './policy/places.js';
export type { SessionDevice } from './policy/session-device.js';
export { SessionTimeoutService } from './session-timeout.service.js';
export { safeReturnTo } from './wire/return-path.js';
export { SessionTimeoutOptionsError } from './options/session-timeout-options.error.js';
