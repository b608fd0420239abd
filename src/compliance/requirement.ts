import type { Limits } from '../policy/limits.js';
import type { WhenFull } from '../policy/places.js';

/**
 * The settings that decide which requirements are met. Durations are milliseconds, and `false` means that a limit is
 * off.
 */
export interface PolicyInForce {
  /** With `'report'`, nothing is enforced. */
  readonly mode: 'enforce' | 'report';
  /** The default limits. */
  readonly limits: Limits;
  /** Whether `limitsFor` may set other limits for some sessions. */
  readonly limitsVary: boolean;
  /** Whether `identify` is set. Without it, every session that holds data is tracked. */
  readonly usersAreKnown: boolean;
  /** Whether reports of activity from browsers count. */
  readonly trustClientActivity: boolean;
  /** What happens to a session that has our marker but no record in the ledger. */
  readonly unknownSessions: 'adopt' | 'expire';
  /** Whether all instances share the ledger. Such a ledger also survives a restart. */
  readonly ledgerIsShared: boolean;
  /** How long the ledger may take to answer. */
  readonly ledgerTimeout: number;
  /** How often activity is written to a shared ledger. */
  readonly touchInterval: number;
  /** How many sessions a user may have; `'varies'` if a function of the application decides. */
  readonly maxSessions: number | false | 'varies';
  /** What happens at a sign-in if the user already has that many. */
  readonly whenFull: WhenFull;
  /** Whether the sessions of a user can be listed and ended. This needs `identify`, and a ledger that finds them. */
  readonly sessionsAreListed: boolean;
  /**
   * Whether `authenticatedAt` says when users authenticated. Without it, this is when they signed in or `renew()` was
   * called.
   */
  readonly authenticationsAreDated: boolean;
  /** Whether `audit` is set. */
  readonly isAudited: boolean;
  /** Whether an adapter of `withSession()` judges the handshakes of WebSockets. */
  readonly socketsAreGuarded: boolean;
  /** Whether drafts are kept: text that users have typed but not sent. */
  readonly keepsDrafts: boolean;
}

/** `depends` means: on the application, or on what `limitsFor` returns. `because` says on what. */
export type RequirementState = 'met' | 'not-met' | 'depends';

/** Whether a requirement is met, and why. */
export type Judgement = readonly [state: RequirementState, because: string];

/** A requirement of a standard that this package helps to meet. */
export interface Requirement {
  readonly standard: string;
  /** The number and the level of the requirement in the standard. */
  readonly id: string;
  /** What the requirement asks, in short. */
  readonly asks: string;
  /** The options that decide whether it is met. */
  readonly options: readonly string[];
  /** Whether it is met, and why. */
  readonly judge: (policy: PolicyInForce) => Judgement;
}
