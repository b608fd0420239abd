import type { WhenFull } from '../../policy/places.js';
import type { SessionDevice } from '../../policy/session-device.js';

/** What is known of a session whose timeline begins. */
export interface Beginning {
  /** When it started, as a reading of the clock; default: now. */
  readonly startedAt?: number | undefined;
  /** Milliseconds since its user proved who they are; default 0. */
  readonly authAge?: number | undefined;
  readonly device?: SessionDevice | undefined;
  /** The place that it needs among the sessions of its user; without it, there may be any number of them. */
  readonly place?: WantedPlace | undefined;
  /** The key of the session that it goes on from, for the audit trail. */
  readonly continues?: string | undefined;
  /** Whether its start is reported now; default true. */
  readonly isReported?: boolean | undefined;
}

/** A place among the sessions of a user. */
export interface WantedPlace {
  /** How many sessions the user may have. */
  readonly max: number;
  readonly whenFull: WhenFull;
  /** The key of the session that goes on under this one's id. */
  readonly replaces?: string | undefined;
}
