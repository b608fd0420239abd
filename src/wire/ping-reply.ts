import type { LiveStatus, SessionStatus } from '../policy/status.js';

/** The body of a ping's answer: a status with its durations in seconds. */
export type PingReply = SessionStatus & {
  /** Where to sign in, if the option `redirectTo` is set; with the reason once the session has ended. */
  readonly loginUrl?: string | undefined;
};

/** A status as it goes over the wire. */
export function encodePingReply(status: SessionStatus, loginUrl: string | undefined): PingReply {
  const body = status.state === 'active' || status.state === 'warning' ? inSeconds(status) : status;
  return loginUrl === undefined ? body : { ...body, loginUrl };
}

function inSeconds(status: LiveStatus): LiveStatus {
  return {
    ...status,
    idleFor: seconds(status.idleFor),
    expiresIn: seconds(status.expiresIn),
    idleTimeout: secondsOrNull(status.idleTimeout),
    absoluteTimeout: secondsOrNull(status.absoluteTimeout),
    idleLeft: secondsOrNull(status.idleLeft),
    absoluteLeft: secondsOrNull(status.absoluteLeft),
    warnBefore: seconds(status.warnBefore),
  };
}

/** Rounded down: what is left is never promised too long. */
function seconds(milliseconds: number): number {
  return Math.floor(milliseconds) / 1000;
}

function secondsOrNull(milliseconds: number | null): number | null {
  return milliseconds === null ? null : seconds(milliseconds);
}
