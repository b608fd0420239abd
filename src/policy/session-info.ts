import type { SessionDevice } from './session-device.js';

/** One of the sessions of a user, to show to this user. Durations in milliseconds. */
export interface SessionInfo {
  /** The session hash, as in events and logs. It gives no access to the session. */
  readonly id: string;
  /** Whether it is the session of the request. */
  readonly current: boolean;
  /** Time since sign-in. */
  readonly age: number;
  /** Time since the last activity. */
  readonly idleFor: number;
  /** Time since the user last authenticated; `Infinity` for never. */
  readonly authAge: number;
  /** Time until the session ends if there is no activity; `Infinity` with `mode: 'report'`. */
  readonly expiresIn: number;
  /** What the option `describeDevice` returned when the session started. */
  readonly device?: SessionDevice | undefined;
}
