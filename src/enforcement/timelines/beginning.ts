import type { OpenRecord } from '../../ledger/activity-ledger.js';
import type { WhenFull } from '../../policy/places.js';
import type { SessionDevice } from '../../policy/session-device.js';

/** What is known about a session whose timeline begins. */
export interface Beginning {
  /** When the session started, as a reading of the clock; default: now. */
  readonly startedAt?: number | undefined;
  /** Milliseconds since the user authenticated; default 0. */
  readonly authAge?: number | undefined;
  readonly device?: SessionDevice | undefined;
  /**
   * The place that the session needs among the sessions of its user. Without it, the user may have any number of
   * sessions.
   */
  readonly place?: WantedPlace | undefined;
  /**
   * Whether the session existed before its timeline. Then there is no sign-in to refuse: if it gets no place, it ends as
   * `displaced`.
   */
  readonly isFound?: boolean | undefined;
  /** The key of the earlier session that this one continues, for the audit trail. */
  readonly continues?: string | undefined;
  /** Whether the start is reported now; default true. */
  readonly isAnnounced?: boolean | undefined;
  /** Stores the session. If this fails, nobody has signed in, and no other session loses its place. */
  readonly store?: ((record: OpenRecord) => Promise<void>) | undefined;
}

/** A place among the sessions of a user. */
export interface WantedPlace {
  /** How many sessions the user may have. */
  readonly max: number;
  readonly whenFull: WhenFull;
  /** The key of the session that goes on as this one. */
  readonly replaces?: string | undefined;
}
