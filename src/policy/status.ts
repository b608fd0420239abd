import type { Limits } from './limits.js';
import type { Reason } from './reason.js';
import type { Alive } from './verdict.js';

/** A session that goes on. */
export interface LiveStatus {
  /** `warning` when less than `warnBefore` is left. */
  readonly state: 'active' | 'warning';
  /** Time since the last activity. */
  readonly idleFor: number;
  /** Time until the session ends if nothing happens. */
  readonly expiresIn: number;
  /** The limit that ends it then. */
  readonly limit: 'idle' | 'absolute';
  /** Whether activity puts the end off. */
  readonly extendable: boolean;
  /** The idle limit; `null` when it is off. */
  readonly idleTimeout: number | null;
  /** The absolute limit; `null` when it is off. */
  readonly absoluteTimeout: number | null;
  /** Time until the idle limit; `null` when it is off. */
  readonly idleLeft: number | null;
  /** Time until the absolute limit; `null` when it is off. */
  readonly absoluteLeft: number | null;
  /** How long before the end the user is warned. */
  readonly warnBefore: number;
  /** A short tag that changes with the session: another tag means another sign-in. No secret. */
  readonly session: string;
}

/** A session that is over, as the request that still carried it sees it. */
export interface ExpiredStatus {
  readonly state: 'expired';
  readonly reason: Reason;
  /** The reason in the application's words (option `messages`). */
  readonly message: string;
}

/** Nobody is signed in. */
export interface AnonymousStatus {
  readonly state: 'anonymous';
}

/**
 * How a session stands. Durations are milliseconds in TypeScript and seconds on the wire; the names
 * are the same.
 */
export type SessionStatus = LiveStatus | ExpiredStatus | AnonymousStatus;

/** The status of a session that goes on. Durations in milliseconds. */
export function liveStatus(verdict: Alive, idleFor: number, limits: Limits, session: string): LiveStatus {
  return {
    state: verdict.warning ? 'warning' : 'active',
    idleFor,
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
