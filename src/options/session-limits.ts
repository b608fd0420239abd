import { IsDuration, IsDurationOrFalse } from './checks.js';
import type { Optional } from './declarations.js';
import type { Duration } from './duration.js';

/** The options that limit a session, with their defaults and checks. */
export class LimitDeclarations {
  /** Longest time without activity. `false` turns this limit off. Default `'15m'`. */
  @IsDurationOrFalse()
  readonly idleTimeout: Duration | false = '15m';

  /** Longest time since sign-in, also for an active user. `false` turns this limit off. Default `'12h'`. */
  @IsDurationOrFalse()
  readonly absoluteTimeout: Duration | false = '12h';

  /**
   * How long before the end the user is warned. If you set it in the options, it must be shorter than both limits. The
   * default is reduced to at most half of the shorter limit. So is every warning of a session for which `limitsFor`
   * returns limits. Default `'2m'`.
   */
  @IsDuration()
  readonly warnBefore: Duration = '2m';
}

/** What `limitsFor` may set for one session. A field that is left out keeps the value of the options. */
export interface SessionLimits extends Optional<LimitDeclarations> {}
