import type { SessionDevice } from '../policy/session-device.js';
import type { SessionInfo } from '../policy/session-info.js';
import { seconds, secondsOrNull } from './seconds.js';

/** A session of a user, in the answer of `GET /session/list`. Durations in seconds. */
export interface ListedSession {
  /** The session hash. */
  readonly id: string;
  /** Whether it is the session of the request. */
  readonly current: boolean;
  readonly age: number;
  readonly idleFor: number;
  /** `null` if the user has never authenticated. */
  readonly authAge: number | null;
  /** `null` with `mode: 'report'`. */
  readonly expiresIn: number | null;
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
