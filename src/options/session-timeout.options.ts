import type { Request } from 'express';
import type { ExpiredEvent } from '../policy/session-event.js';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import type { MaybePromise } from '../ledger/maybe-promise.js';
import type { Clock } from '../ledger/clock.js';
import { type Reason, reasons, reasonTraits } from '../policy/reason.js';

/** Milliseconds, or text for the `ms` library: `900000`, `'15m'`, `'12h'`. */
export type Duration = number | string;

/** What `limitsFor` may set for one session. */
export interface SessionLimits {
  readonly idleTimeout?: Duration | false | undefined;
  readonly absoluteTimeout?: Duration | false | undefined;
  readonly warnBefore?: Duration | undefined;
}

/** The options of `SessionTimeoutModule.forRoot()`. All of them may be left out. */
export interface SessionTimeoutOptions {
  /** Longest time without activity; `false` turns the limit off. Default `'15m'`. */
  readonly idleTimeout?: Duration | false | undefined;

  /** Longest time since sign-in, whatever happens; `false` turns the limit off. Default `'12h'`. */
  readonly absoluteTimeout?: Duration | false | undefined;

  /**
   * How long before the end the user is warned. Default `'2m'`, but at most half of the shorter limit;
   * written out it has to be shorter than both.
   */
  readonly warnBefore?: Duration | undefined;

  /**
   * How often activity is written to a shared ledger. Default: a twentieth of the idle limit, at most
   * `'30s'`.
   */
  readonly touchInterval?: Duration | undefined;

  /**
   * The signed-in user's id, out of `req.session` or what `passport.session()` put on the request. It
   * runs in a middleware, before guards. With it only sessions with a user are tracked; without it
   * every session that holds data is. Default: none.
   */
  readonly identify?: ((req: Request) => MaybePromise<string | undefined>) | undefined;

  /**
   * Other limits for a user or a device. Asked on each request, so that a changed policy acts at once;
   * what it leaves out keeps the value of the options. Default: none.
   */
  readonly limitsFor?:
    ((req: Request, user: string | undefined) => MaybePromise<SessionLimits | undefined>) | undefined;

  /**
   * Routes that are no sign of life: paths as clients ask for them (Express 5 syntax), regular
   * expressions on that path, or functions of the request. `@PassiveRoute()` says it at the handler.
   * Default `[]`.
   */
  readonly passiveRoutes?: readonly (string | RegExp | ((req: Request) => boolean))[] | undefined;

  /**
   * Where a page load with an ended session is taken: a path, or a function that gives a URL, which gets
   * no reason when the ping of an anonymous visitor asks. The query parameters `reason` and `returnTo`
   * are added. Default: none, it is answered with 401.
   */
  readonly redirectTo?: string | ((req: Request, reason?: Reason) => string) | undefined;

  /** What users are told, by reason. Default: English. */
  readonly messages?: Partial<Record<Reason, string>> | undefined;

  /** Where timelines live. Default: `new MemoryLedger({ clock })`. */
  readonly ledger?: ActivityLedger | undefined;

  /**
   * What becomes of a session that carries our marker but has no record. `'expire'` ends it as `lost`.
   * `'adopt'` takes it up again, if its marker is from another run of the process: the absolute limit
   * counts from the marker, the idle limit anew. Default: `'expire'` if the ledger is shared, else `'adopt'`.
   */
  readonly unknownSessions?: 'adopt' | 'expire' | undefined;

  /** How long the ledger may take to answer; then requests of signed-in users get 503. Default `'500ms'`. */
  readonly ledgerTimeout?: Duration | undefined;

  /** Whether browsers' reports of activity count; with `false` they are answered only. Default `true`. */
  readonly trustClientActivity?: boolean | undefined;

  /** Called once for each session that expires. What it throws is logged. Default: none. */
  readonly onExpired?: ((event: ExpiredEvent) => void | Promise<void>) | undefined;

  /** The name of express-session's cookie. Default `'connect.sid'`. */
  readonly cookieName?: string | undefined;

  /** Whether answers carry how the session stands in `Server-Timing`. Default `true`. */
  readonly serverTiming?: boolean | undefined;

  /** Where times come from. Default: monotonic, showing wall time as of the start of the process. */
  readonly clock?: Clock | undefined;
}

/** What has to be known before the options are, as it decides which routes there are. */
export interface SessionTimeoutExtras {
  /** Where the routes of this package are: `<path>/ping`, `/end` and `/client.js`. Default `'session'`. */
  readonly path?: string | undefined;

  /** Whether `SessionTimeoutService` can be injected everywhere without importing the module again. Default `true`. */
  readonly isGlobal?: boolean | undefined;
}

/** What a class for `forRootAsync({ useClass })` and `useExisting` implements. */
export interface SessionTimeoutOptionsFactory {
  createSessionTimeoutOptions(): MaybePromise<SessionTimeoutOptions>;
}

/** The defaults that are values; the others depend on other options and are told there. */
export const defaults = {
  idleTimeout: '15m',
  absoluteTimeout: '12h',
  warnBefore: '2m',
  ledgerTimeout: '500ms',
  trustClientActivity: true,
  cookieName: 'connect.sid',
  serverTiming: true,
  path: 'session',
  isGlobal: true,
  messages: Object.fromEntries(reasons.map((reason) => [reason, reasonTraits[reason].text])) as Record<Reason, string>,
} as const satisfies SessionTimeoutOptions & SessionTimeoutExtras;
