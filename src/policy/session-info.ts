import type { SessionDevice } from './session-device.js';

/** One of the sessions of a user, as they may see it. Durations in milliseconds. */
export interface SessionInfo {
  /** The session hash, as in events and logs: it names the session, and gives no access to it. */
  readonly id: string;
  /** Whether it is the session of the request. */
  readonly current: boolean;
  /** Time since sign-in. */
  readonly age: number;
  /** Time since the last activity. */
  readonly idleFor: number;
  /** Time since the user last proved who they are; `Infinity` for never. */
  readonly authAge: number;
  /** Time until the session ends if there is no activity; `Infinity` with `mode: 'report'`. */
  readonly expiresIn: number;
  /** What the option `describeDevice` returned when the session started. */
  readonly device?: SessionDevice | undefined;
}
