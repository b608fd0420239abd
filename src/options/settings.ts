import type { Request } from 'express';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import type { MaybePromise } from '../base/maybe-promise.js';
import type { Limits } from '../policy/limits.js';
import type { Reason } from '../policy/reason.js';
import type { LimitDeclarations, SessionLimits } from './session-limits.js';
import type { OptionDeclarations } from './session-timeout.options.js';

/** The token of the {@link Settings}. */
export const SETTINGS = Symbol('nestjs-session-timeout settings');

/** Limits that `limitsFor` has returned. */
export interface ReturnedLimits {
  readonly written: SessionLimits;
  readonly limits: Limits;
}

/**
 * The options as the rest of the package reads them: checked, completed, and with durations in milliseconds. An
 * option that is not named here is as it was given, or its default.
 */
export interface Settings extends Omit<
  OptionDeclarations,
  keyof LimitDeclarations | 'passiveRoutes' | 'maxSessions' | 'drafts'
> {
  /** Returns how many sessions a user may have; `undefined` if there is no limit for anybody. */
  readonly maxSessions: ((req: Request, user: string) => MaybePromise<number | false>) | undefined;
  /** The option `maxSessions`, for a description; `'varies'` if it is a function. */
  readonly maxSessionsInForce: number | false | 'varies';
  /** Returns what the option `reauthenticateAt` returns, unchecked like `redirectTo`. */
  readonly reauthenticateAt: ((req: Request) => string | null | undefined) | undefined;
  /** The path of the routes of this package, without slashes around it. */
  readonly path: string;
  readonly limits: Limits;
  /** The limits as they were written. */
  readonly writtenLimits: SessionLimits;
  /** The first hundred different limits that `limitsFor` has returned. */
  readonly returnedLimits: readonly ReturnedLimits[];
  readonly touchInterval: number;
  /** Whether the option `limitsFor` may set other limits for some sessions. */
  readonly limitsVary: boolean;
  /** Returns the limits of the session of a request. */
  readonly limitsFor: (req: Request, user: string | undefined) => MaybePromise<Limits>;
  /** Whether `passiveRoutes` names this request. `path` is the path as the client asked for it. `undefined` without the option. */
  readonly isPassiveRoute: ((req: Request, path: string) => boolean) | undefined;
  /** Returns what the option `redirectTo` returns. Check it: a function of the application may return anything. */
  readonly redirectTo: ((req: Request, reason?: Reason) => string | null | undefined) | undefined;
  /** The path of the login page, if `redirectTo` is a path. */
  readonly loginPath: string | undefined;
  readonly messages: Readonly<Record<Reason, string>>;
  readonly ledger: ActivityLedger;
  readonly unknownSessions: 'adopt' | 'expire';
  readonly ledgerTimeout: number;
  /** `false` if this process does not look for sessions that are past a limit. */
  readonly sweepInterval: number | false;
  /** `undefined` if no drafts are kept. The first secret encrypts. */
  readonly drafts: { readonly secrets: readonly string[]; readonly maxAge: number } | undefined;
}
