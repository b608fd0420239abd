import type { Request } from 'express';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import { type Clock, monotonicClock } from '../base/clock.js';
import type { MaybePromise } from '../base/maybe-promise.js';
import type { AuditEntry } from '../policy/audit-entry.js';
import type { WhenFull } from '../policy/places.js';
import { type Reason, reasons, reasonTraits } from '../policy/reason.js';
import type { SessionDevice } from '../policy/session-device.js';
import type { ExpiredEvent } from '../policy/session-event.js';
import {
  IsClock,
  IsCookieName,
  IsDrafts,
  IsDuration,
  IsDurationOrFalse,
  IsFunction,
  IsLedger,
  IsMaxSessions,
  IsMessages,
  IsOneOf,
  IsPassiveRoutes,
  IsRedirect,
  IsSyncFunction,
  IsTrueOrFalse,
} from './checks.js';
import type { Optional } from './declarations.js';
import type { DraftOptions } from './drafts.js';
import type { Duration } from './duration.js';
import type { PassiveRoutePattern } from './passive-route.js';
import type { SessionContent } from '../express-session/session-content.js';
import { LimitDeclarations, type SessionLimits } from './session-limits.js';

/** The default of `messages`. */
export const englishMessages = Object.fromEntries(
  reasons.map((reason) => [reason, reasonTraits[reason].text]),
) as Readonly<Record<Reason, string>>;

/**
 * Every option, with its default and its check. A field without an initialiser has no default, or one that depends on
 * other options: `resolveSettings()` sets it.
 */
export class OptionDeclarations extends LimitDeclarations {
  /**
   * How often activity is written to a shared ledger, and how often the row of a session in its store is touched.
   * Activity is written at least every twentieth of the idle limit, even if you set a longer interval. Default: a
   * twentieth of the idle limit, at most `'30s'`.
   */
  @IsDuration()
  readonly touchInterval: Duration | undefined;

  /**
   * Returns the id of the signed-in user from the data of a session, for example `session.userId`, or
   * `session.passport?.user` with passport. It is called on each request and each time a session is saved, so it must
   * be synchronous. With this option, only sessions of users are tracked: only they have limits. Without it, every
   * session that contains data is tracked. Default: none.
   */
  @IsSyncFunction()
  readonly identify: ((session: SessionContent) => string | undefined) | undefined;

  /**
   * Returns other limits for a user or a device. It is called on each request, so that a changed policy takes effect
   * at once. A limit that it leaves out keeps the value of the options. It must not wait for a method of
   * `SessionTimeoutService` with the same request, because the method waits for the limits. Default: none.
   */
  @IsFunction()
  readonly limitsFor: ((req: Request, user: string | undefined) => MaybePromise<SessionLimits | undefined>) | undefined;

  /**
   * Routes whose requests are not activity. Each entry is a path in the syntax of Express 5, a regular expression for
   * the path, or a function of the request. The path is the one that the client requests. `@PassiveRoute()` does the
   * same for a handler or a controller. Default `[]`.
   */
  @IsPassiveRoutes()
  readonly passiveRoutes: readonly PassiveRoutePattern[] = [];

  /**
   * Where to redirect a page load whose session has ended: a path, or a function that returns a URL, or nothing for a
   * request without a login page. The query parameters `reason` and `returnTo` are added. The ping of an anonymous visitor
   * and `@RequireFreshAuth()` call the function without a reason. Default: none; then such a page load gets 401.
   */
  @IsRedirect()
  readonly redirectTo: string | ((req: Request, reason?: Reason) => string | null | undefined) | undefined;

  /** The texts for users, by reason. A reason that you leave out keeps its English text. Default: English texts. */
  @IsMessages()
  readonly messages: Readonly<Partial<Record<Reason, string>>> = englishMessages;

  /** The ledger, which stores when each session started and was last active. Default: `new MemoryLedger({ clock })`. */
  @IsLedger()
  readonly ledger: ActivityLedger | undefined;

  /**
   * What to do with a session that contains our marker (a small field in each tracked session) but has no record in the
   * ledger. `'expire'` ends it with the reason `lost`. `'adopt'` tracks it again if the marker comes from another run
   * of the process: the absolute limit counts from the start that the marker names, and the idle limit restarts.
   * Default: `'expire'` if the ledger is shared, otherwise `'adopt'`.
   */
  @IsOneOf('adopt', 'expire')
  readonly unknownSessions: 'adopt' | 'expire' | undefined;

  /**
   * How often this process looks for sessions that are past a limit, and ends them without a request. Events and calls
   * of `onExpired` come within this time. All instances look, and exactly one of them ends a session. With `false`, a
   * session ends when somebody asks for it, and no instance looks for the sessions that this process has opened, except
   * that others look for them if `limitsFor` is set. The search is off with a ledger that cannot find sessions, and in
   * report mode. Default `'15s'`.
   */
  @IsDurationOrFalse()
  readonly sweepInterval: Duration | false = '15s';

  /** How long to wait for the ledger. After that, requests of signed-in users get 503. Default `'500ms'`. */
  @IsDuration()
  readonly ledgerTimeout: Duration = '500ms';

  /**
   * Whether activity that browsers report counts. With `false`, reports are answered but do not count. Default `true`.
   */
  @IsTrueOrFalse()
  readonly trustClientActivity: boolean = true;

  /**
   * How many sessions a user may have at the same time, over all instances: a number, or a function of the sign-in
   * request and the user id. `false` means any number. Use it for licences and shared accounts: a limit alone does not
   * make an application safer. Needs the option `identify`. Default `false`.
   */
  @IsMaxSessions()
  readonly maxSessions: number | false | ((req: Request, user: string) => MaybePromise<number | false>) = false;

  /**
   * What happens at a sign-in if the user already has `maxSessions` sessions. `'end-least-recent'` ends the session
   * that was idle for the longest time. `'end-oldest'` ends the session that started first. The reason is `displaced`
   * in both cases. `'refuse'` refuses the sign-in with 403. Default `'end-least-recent'`.
   */
  @IsOneOf('refuse', 'end-oldest', 'end-least-recent')
  readonly whenFull: WhenFull = 'end-least-recent';

  /**
   * Returns when the user last authenticated, from the data of a session, for `@RequireFreshAuth()`. Return the
   * `auth_time` of OpenID Connect, or `new Date(0)` after a sign-in with a "remember me" cookie. A time up to five
   * minutes in the future counts as now; a later time is ignored. A value that is not a date counts as never. Default:
   * when the session started or was last renewed.
   */
  @IsSyncFunction()
  readonly authenticatedAt: ((session: SessionContent) => Date | undefined) | undefined;

  /**
   * Where users authenticate again if `@RequireFreshAuth()` asks for it: a path, or a function that returns a URL. Page
   * loads are redirected there, with the query parameter `returnTo`. Default: none; then such a page load gets 403.
   */
  @IsRedirect()
  readonly reauthenticateAt: string | ((req: Request) => string | null | undefined) | undefined;

  /**
   * Returns a description of the device, so that users recognise it in the list of their sessions. It is called when a
   * session starts. Use `coarseDevice`, or a function of your own. Texts are cut to 100 characters. Needs the option
   * `identify`. Default: none; then nothing is stored.
   */
  @IsSyncFunction()
  readonly describeDevice: ((req: Request) => SessionDevice | undefined) | undefined;

  /** Called once for each session that expires. Errors that it throws are logged. Default: none. */
  @IsFunction()
  readonly onExpired: ((event: ExpiredEvent) => void | Promise<void>) | undefined;

  /**
   * Called with an entry when a session starts, is renewed, expires or is ended, and when a sign-in, a request or a
   * report is refused. The entry says who did it. It names sessions by their hash. The module does not wait for this
   * function, and logs errors that it throws. Default: none.
   */
  @IsFunction()
  readonly audit: ((entry: AuditEntry) => void | Promise<void>) | undefined;

  /** The name of express-session's cookie. Default `'connect.sid'`. */
  @IsCookieName()
  readonly cookieName: string = 'connect.sid';

  /** Whether answers contain the session status in the header `Server-Timing`. Default `true`. */
  @IsTrueOrFalse()
  readonly serverTiming: boolean = true;

  /**
   * Keeps drafts: text that users have typed but not sent. Drafts are stored in the browser, encrypted with a key of
   * the user, so that they survive a timeout, a crash or a closed tab. When the same user has signed in again, the
   * fields are filled in. Passwords, files, one-time codes and card fields are never kept. Needs the option `identify`.
   * Default: none; then nothing is kept.
   */
  @IsDrafts()
  readonly drafts: DraftOptions | undefined;

  /**
   * With `'report'`, you can try limits on a live system. Sessions are judged and activity is recorded. A session that
   * would have expired is reported once: as the event `would-have-expired`, in the log, and as a metric. But the module
   * changes nothing for users by itself: it refuses no request, ends or changes no session, gives no new session id,
   * clears no cookie, and tells browsers of no end. If the ledger fails, requests go on and are not judged. Calls by
   * the application still work: `renew()`, `end(req)`, and `end(hash)` with the reason `revoked`. After `end(hash)`,
   * the next request goes on as a visitor's. `onExpired` is not called. Default `'enforce'`.
   */
  @IsOneOf('enforce', 'report')
  readonly mode: 'enforce' | 'report' = 'enforce';

  /**
   * Whether to explain why sessions do or do not expire. The header `x-session-timeout` of each answer, and a line at
   * the level `debug` of the log, say whether the request counted as activity, and why. Use it in development only,
   * because the header names your handlers. Default `false`.
   */
  @IsTrueOrFalse()
  readonly debug: boolean = false;

  /** The source of time. Default: a monotonic clock that starts at the wall time of the process start. */
  @IsClock()
  readonly clock: Clock = monotonicClock;
}

/** The options of `SessionTimeoutModule.forRoot()`. All of them may be left out. */
export interface SessionTimeoutOptions extends Optional<OptionDeclarations> {}

/** The interface of a class for `useClass` or `useExisting` of `forRootAsync()`. */
export interface SessionTimeoutOptionsFactory {
  /** Returns the options, or a promise of them. */
  createSessionTimeoutOptions(): MaybePromise<SessionTimeoutOptions>;
}
