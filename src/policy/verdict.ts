import type { Limits } from './limits.js';

/** What a ledger knows of an open session. Durations in milliseconds, measured by the ledger. */
export interface Timeline {
  /** Time since sign-in. */
  readonly sessionAge: number;
  /** Time since the last activity. */
  readonly idleFor: number;
}

/** The session goes on. Durations in milliseconds; `null` for a limit that is off. */
export interface Alive {
  readonly alive: true;
  /** Time until the session ends if nothing happens. */
  readonly expiresIn: number;
  /** The limit that ends it then. */
  readonly limit: 'idle' | 'absolute';
  readonly idleLeft: number | null;
  readonly absoluteLeft: number | null;
  /** Whether activity puts the end off. */
  readonly extendable: boolean;
  /** Whether it is time to warn the user. */
  readonly warning: boolean;
}

/** The session is over. */
export interface Ended {
  readonly alive: false;
  readonly reason: 'idle' | 'absolute';
}

export type Verdict = Alive | Ended;

/**
 * The rule of this package. A session ends at its limit, not after it (OWASP ASVS 5.0, 7.3.1 and
 * 7.3.2). When both limits are over, the reason is the one that was reached first; at the same
 * moment it is the absolute one, which no activity could have put off.
 */
export function judge({ sessionAge, idleFor }: Timeline, limits: Limits): Verdict {
  const idleLeft = limits.idleTimeout === false ? Infinity : limits.idleTimeout - idleFor;
  const absoluteLeft = limits.absoluteTimeout === false ? Infinity : limits.absoluteTimeout - sessionAge;
  const limit = idleLeft < absoluteLeft ? 'idle' : 'absolute';
  const expiresIn = Math.min(idleLeft, absoluteLeft);

  // Written so that a NaN ends the session: whatever is not surely alive is over.
  if (!(expiresIn > 0)) return { alive: false, reason: limit };

  return {
    alive: true,
    expiresIn,
    limit,
    idleLeft: limits.idleTimeout === false ? null : idleLeft,
    absoluteLeft: limits.absoluteTimeout === false ? null : absoluteLeft,
    extendable: limit === 'idle',
    warning: expiresIn < limits.warnBefore,
  };
}
