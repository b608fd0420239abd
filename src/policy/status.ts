import type { Limits } from './limits.js';
import type { Reason } from './reason.js';
import type { Alive } from './verdict.js';

/** The status of a session that goes on. */
export interface LiveStatus {
  /** `warning` when less than `warnBefore` is left. */
  readonly state: 'active' | 'warning';
  /** Time since the last activity. */
  readonly idleFor: number;
  /** Time since the user last authenticated; `Infinity` for never (`null` on the wire). */
  readonly authAge: number;
  /** Time until the session ends if there is no activity; `Infinity` with `mode: 'report'` (`null` on the wire). */
  readonly expiresIn: number;
  /** The limit that comes first. */
  readonly limit: 'idle' | 'absolute';
  /** Whether activity extends the session. */
  readonly extendable: boolean;
  /** The idle limit; `null` when it is off. */
  readonly idleTimeout: number | null;
  /** The absolute limit; `null` when it is off. */
  readonly absoluteTimeout: number | null;
  /** Time until the idle limit; `null` when it is off, and with `mode: 'report'`. */
  readonly idleLeft: number | null;
  /** Time until the absolute limit; `null` when it is off, and with `mode: 'report'`. */
  readonly absoluteLeft: number | null;
  /** How long before the end the user is warned. */
  readonly warnBefore: number;
  /** A short tag that changes with the session: another tag means another sign-in. It is not secret. */
  readonly session: string;
}

/** The status of a session that has ended. Only a request that still carried this session gets it. */
export interface ExpiredStatus {
  readonly state: 'expired';
  readonly reason: Reason;
  /** The text for users (option `messages`). */
  readonly message: string;
}

/** Nobody is signed in. */
export interface AnonymousStatus {
  readonly state: 'anonymous';
}

/** The status of a session. Durations are milliseconds in TypeScript and seconds on the wire, under the same names. */
export type SessionStatus = LiveStatus | ExpiredStatus | AnonymousStatus;

/** Creates the status of a session that goes on. Durations in milliseconds. */
export function liveStatus(
  verdict: Alive,
  { idleFor, authAge }: Pick<LiveStatus, 'idleFor' | 'authAge'>,
  limits: Limits,
  session: string,
): LiveStatus {
  return {
    state: verdict.warning ? 'warning' : 'active',
    idleFor,
    authAge,
    expiresIn: verdict.expiresIn,
    limit: verdict.limit,
    extendable: verdict.extendable,
    idleTimeout: limits.idleTimeout === false ? null : limits.idleTimeout,
    absoluteTimeout: limits.absoluteTimeout === false ? null : limits.absoluteTimeout,
    idleLeft: verdict.idleLeft,
    absoluteLeft: verdict.absoluteLeft,
    warnBefore: limits.warnBefore,
    session,
  };
}
