import type { Request } from 'express';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import { type Clock, monotonicClock } from '../ledger/clock.js';
import type { MaybePromise } from '../ledger/maybe-promise.js';
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
  IsTrueOrFalse,
} from './checks.js';
import type { Optional } from './declarations.js';
import type { DraftOptions } from './drafts.js';
import type { Duration } from './duration.js';
import type { PassiveRoute } from './passive-route.js';
import type { SessionContent } from '../express-session/http-session.js';
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
   * How often activity is written to a shared ledger. Default: a twentieth of the idle limit, at most
   * `'30s'`.
   */
  @IsDuration()
  readonly touchInterval: Duration | undefined;

  /**
   * Returns the id of the signed-in user, from the data of a session: `session.userId`, or with passport
   * `session.passport?.user`. It is asked when a session comes and whenever one is saved, so it cannot wait for
   * anything. With it, only sessions of users are tracked. Without it, every session that holds data is tracked.
   * Default: none.
   */
  @IsFunction()
  readonly identify: ((session: SessionContent) => string | undefined) | undefined;

  /**
   * Returns other limits for a user or a device. It is called on each request, so that a changed policy takes effect
   * at once. A limit that it leaves out keeps the value of the options. Default: none.
   */
  @IsFunction()
  readonly limitsFor: ((req: Request, user: string | undefined) => MaybePromise<SessionLimits | undefined>) | undefined;

  /**
   * Routes whose requests are not activity: paths as clients ask for them (in the syntax of Express 5), regular
   * expressions on that path, or functions of the request. On a handler or a controller, `@PassiveRoute()` does the
   * same. Default `[]`.
   */
  @IsPassiveRoutes()
  readonly passiveRoutes: readonly PassiveRoute[] = [];

  /**
   * Where to redirect a page load whose session has ended: a path, or a function that returns a URL. The query
   * parameters `reason` and `returnTo` are added. The function gets no reason when an anonymous visitor pings.
   * Default: none, and such a page load is answered with 401.
   */
  @IsRedirect()
  readonly redirectTo: string | ((req: Request, reason?: Reason) => string) | undefined;

  /** What users are told, by reason. A reason that is left out keeps its English text. Default: English. */
  @IsMessages()
  readonly messages: Readonly<Partial<Record<Reason, string>>> = englishMessages;

  /** Where timelines are stored. Default: `new MemoryLedger({ clock })`. */
  @IsLedger()
  readonly ledger: ActivityLedger | undefined;

  /**
   * What to do with a session that carries our marker but has no record. `'expire'` ends it with the reason `lost`.
   * `'adopt'` tracks it again if the marker is from another run of the process: the absolute limit counts from the
   * marker, and the idle limit starts anew. Default: `'expire'` if the ledger is shared, otherwise `'adopt'`.
   */
  @IsOneOf('adopt', 'expire')
  readonly unknownSessions: 'adopt' | 'expire' | undefined;

  /**
   * How often this process looks for sessions whose time is over, so that they end without a request, and events and
   * `onExpired` come within this time. All instances do this, and each session is ended by one of them. With `false`, an end is
   * found when somebody asks for the session, and nobody looks for the sessions that this process has opened. It is off
   * with a ledger that cannot find sessions, and in report mode. Default `'15s'`.
   */
  @IsDurationOrFalse()
  readonly sweepInterval: Duration | false = '15s';

  /** How long to wait for the ledger. After that, requests of signed-in users get 503. Default `'500ms'`. */
  @IsDuration()
  readonly ledgerTimeout: Duration = '500ms';

  /** Whether activity that browsers report counts. With `false`, reports are only answered. Default `true`. */
  @IsTrueOrFalse()
  readonly trustClientActivity: boolean = true;

  /**
   * How many sessions a user may have at the same time, over all instances: a number, or a function of the request that
   * signs in and of the user. `false`: any number. Needs the option `identify`. A limit makes nothing safer by itself:
   * it is for licences and shared accounts. Default `false`.
   */
  @IsMaxSessions()
  readonly maxSessions: number | false | ((req: Request, user: string) => MaybePromise<number | false>) = false;

  /**
   * What happens if a user signs in who has `maxSessions` already. `'end-least-recent'` ends the session that was idle
   * for the longest time, and `'end-oldest'` the one that started first; their users are told `displaced`. `'refuse'`
   * refuses the sign-in with 403. Default `'end-least-recent'`.
   */
  @IsOneOf('refuse', 'end-oldest', 'end-least-recent')
  readonly whenFull: WhenFull = 'end-least-recent';

  /**
   * Returns when the user of a session last proved who they are, from its data, for `@RequireFreshAuth()`: the
   * `auth_time` of OpenID Connect, or `new Date(0)` for a sign-in by a "remember me" cookie. A time in the future counts
   * as now, and what is no date as never. Default: when the session started, or was renewed.
   */
  @IsFunction()
  readonly authenticatedAt: ((session: SessionContent) => Date | undefined) | undefined;

  /**
   * Where users prove again who they are, if `@RequireFreshAuth()` asks for it: a path, or a function that returns a
   * URL. Page loads are redirected there, with the query parameter `returnTo`. Default: none, and such a page load is
   * answered with 403.
   */
  @IsRedirect()
  readonly reauthenticateAt: string | ((req: Request) => string) | undefined;

  /**
   * Returns what the user will recognise the device by in the list of sessions. It is called when a session starts.
   * Use `coarseDevice`, or a function of your own. Texts are cut to 100 characters. Needs the option `identify`.
   * Default: none, and nothing is stored.
   */
  @IsFunction()
  readonly describeDevice: ((req: Request) => SessionDevice | undefined) | undefined;

  /** Called once for each session that expires. Errors that it throws are logged. Default: none. */
  @IsFunction()
  readonly onExpired: ((event: ExpiredEvent) => void | Promise<void>) | undefined;

  /** The name of express-session's cookie. Default `'connect.sid'`. */
  @IsCookieName()
  readonly cookieName: string = 'connect.sid';

  /** Whether answers tell the state of the session in the header `Server-Timing`. Default `true`. */
  @IsTrueOrFalse()
  readonly serverTiming: boolean = true;

  /**
   * Keeps what users have typed and not sent in their browser, encrypted with a key of the user, so that a timeout, a
   * crash or a closed tab loses nothing: `{ secret, maxAge }`. Passwords, files, one-time codes and card fields are never
   * kept. After the same user has signed in again, the fields are filled. Needs the option `identify`. Default: none, and
   * nothing is kept.
   */
  @IsDrafts()
  readonly drafts: DraftOptions | undefined;

  /**
   * `'report'` is for trying limits on a live system. Sessions are judged and their activity is recorded, and a session
   * that would have expired is reported once: as the event `would-have-expired`, in the log, and as a metric. But
   * nothing that this package does by itself has an effect on users: no request is refused, no session is ended or
   * changed or gets a new id, no cookie is cleared, and browsers are told of no end. If the ledger fails, requests go on,
   * and are not judged. What the application asks for is done: `renew()`, `end(req)`, and `end(hash)` with the reason
   * `revoked`, after which the next request goes on as a visitor's. `onExpired` is not called. Default `'enforce'`.
   */
  @IsOneOf('enforce', 'report')
  readonly mode: 'enforce' | 'report' = 'enforce';

  /**
   * Whether to explain why sessions do or do not expire. The header `x-session-timeout` of each answer, and a line at
   * the level `debug` of the log, say whether the request counted as activity, and why. For development: the header
   * names handlers. Default `false`.
   */
  @IsTrueOrFalse()
  readonly debug: boolean = false;

  /** Where times come from. Default: a monotonic clock that showed wall time when the process started. */
  @IsClock()
  readonly clock: Clock = monotonicClock;
}

/** The options of `SessionTimeoutModule.forRoot()`. All of them may be left out. */
export interface SessionTimeoutOptions extends Optional<OptionDeclarations> {}

/** What a class for `forRootAsync({ useClass })` and `useExisting` implements. */
export interface SessionTimeoutOptionsFactory {
  createSessionTimeoutOptions(): MaybePromise<SessionTimeoutOptions>;
}
