import type { SessionDevice } from '../policy/session-device.js';
import type { SessionInfo } from '../policy/session-info.js';
import { seconds, secondsOrNull } from './seconds.js';

/** A session of a user, in the answer of `GET /session/list`. Durations in seconds. */
export interface ListedSession {
  /** The session hash. */
  readonly id: string;
  /** Whether it is the session of the request. */
  readonly current: boolean;
  /** Time since sign-in. */
  readonly age: number;
  /** Time since the last activity. */
  readonly idleFor: number;
  /** Time since the user last authenticated; `null` for never. */
  readonly authAge: number | null;
  /** Time until the session ends if there is no activity; `null` with `mode: 'report'`. */
  readonly expiresIn: number | null;
  /** What the option `describeDevice` returned when the session started. */
  readonly device?: SessionDevice | undefined;
}

/** The body of the answer of `GET /session/list`. */
export interface SessionListReply {
  /** How many sessions the user may have; `null` for any number. */
  readonly max: number | null;
  readonly sessions: readonly ListedSession[];
}

/** Converts a list to the body of the answer. */
export function encodeSessionList(max: number | null, sessions: readonly SessionInfo[]): SessionListReply {
  return {
    max,
    sessions: sessions.map(({ id, current, age, idleFor, authAge, expiresIn, device }) => ({
      id,
      current,
      age: seconds(age),
      idleFor: seconds(idleFor),
      authAge: secondsOrNull(authAge),
      expiresIn: secondsOrNull(expiresIn),
      device,
    })),
  };
}
