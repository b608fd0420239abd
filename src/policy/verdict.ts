import type { Limits } from './limits.js';

/** When an open session started and was last active, according to the ledger. Durations in milliseconds. */
export interface Timeline {
  /** Time since sign-in. */
  readonly sessionAge: number;
  /** Time since the last activity. */
  readonly idleFor: number;
}

/** The session goes on. Durations in milliseconds; `null` for a limit that is off. */
export interface Alive {
  readonly alive: true;
  /** Time until the session ends if there is no activity. */
  readonly expiresIn: number;
  /** The limit that comes first. */
  readonly limit: 'idle' | 'absolute';
  readonly idleLeft: number | null;
  readonly absoluteLeft: number | null;
  /** Whether activity extends the session. */
  readonly extendable: boolean;
  /** Whether it is time to warn the user. */
  readonly warning: boolean;
}

/** The session has ended. */
export interface Ended {
  readonly alive: false;
  readonly reason: 'idle' | 'absolute';
}

/** Whether a session goes on, according to its limits. */
export type Verdict = Alive | Ended;

/**
 * The rule of this package. A session ends at its limit, not after it (OWASP ASVS 5.0, 7.3.1 and 7.3.2). If both
 * limits have passed, the reason is the one that was reached first. If they were reached at the same moment, it is
 * the absolute one, which no activity could have extended.
 */
export function judge({ sessionAge, idleFor }: Timeline, limits: Limits): Verdict {
  const idleLeft = limits.idleTimeout === false ? Infinity : limits.idleTimeout - idleFor;
  const absoluteLeft = limits.absoluteTimeout === false ? Infinity : limits.absoluteTimeout - sessionAge;
  const limit = idleLeft < absoluteLeft ? 'idle' : 'absolute';
  const expiresIn = Math.min(idleLeft, absoluteLeft);

  // A NaN must end the session, hence the negation.
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
