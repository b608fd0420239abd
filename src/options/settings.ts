import type { Request } from 'express';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import type { MaybePromise } from '../ledger/maybe-promise.js';
import type { Clock } from '../ledger/clock.js';
import type { Limits } from '../policy/limits.js';
import type { Reason } from '../policy/reason.js';
import type { ExpiredEvent } from '../policy/session-event.js';

/** The token of the {@link Settings}. */
export const SETTINGS = Symbol('nestjs-session-timeout settings');

/** The options as the rest of the package reads them: checked, complete, durations in milliseconds. */
export interface Settings {
  /** Where the routes of this package are, without slashes around it. */
  readonly path: string;
  readonly limits: Limits;
  readonly touchInterval: number;
  readonly identify: ((req: Request) => MaybePromise<string | undefined>) | undefined;
  /** Whether the option `limitsFor` may set other limits for some sessions. */
  readonly limitsVary: boolean;
  /** The limits of this request's session. */
  readonly limitsFor: (req: Request, user: string | undefined) => MaybePromise<Limits>;
  /** Whether `passiveRoutes` names the request, whose client asked for this path. */
  readonly isPassiveRoute: (req: Request, path: string) => boolean;
  /** What `redirectTo` gives, unchecked: a function of the application may give anything. */
  readonly redirectTo: ((req: Request, reason?: Reason) => string) | undefined;
  /** The path of the login page, if `redirectTo` names one. */
  readonly loginPath: string | undefined;
  readonly messages: Readonly<Record<Reason, string>>;
  readonly ledger: ActivityLedger;
  readonly unknownSessions: 'adopt' | 'expire';
  readonly ledgerTimeout: number;
  readonly trustClientActivity: boolean;
  readonly onExpired: ((event: ExpiredEvent) => void | Promise<void>) | undefined;
  readonly cookieName: string;
  readonly serverTiming: boolean;
  readonly clock: Clock;
}
