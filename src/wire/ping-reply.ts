import type { LiveStatus, SessionStatus } from '../policy/status.js';

/** The body of a ping's answer: a status with durations in seconds. */
export type PingReply = SessionStatus & {
  /** Where to sign in, if the option `redirectTo` is set. Includes the reason once the session has ended. */
  readonly loginUrl?: string | undefined;
};

/** Converts a status to the body of a ping's answer. */
export function encodePingReply(status: SessionStatus, loginUrl: string | undefined): PingReply {
  const body = status.state === 'active' || status.state === 'warning' ? inSeconds(status) : status;
  return loginUrl === undefined ? body : { ...body, loginUrl };
}

/**
 * Reads the body of a ping's answer.
 *
 * @returns the status with durations in milliseconds; `undefined` for anything else, such as the page of a proxy
 */
export function decodePingReply(body: unknown): PingReply | undefined {
  const state = (body as PingReply | undefined)?.state as string;
  if (!/^(active|warning|expired|anonymous)$/.test(state)) return undefined;
  const reply = { ...(body as Record<string, number>) };
  for (const name in reply) if (typeof reply[name] === 'number') reply[name] *= 1000;
  return reply as unknown as PingReply;
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

/** Rounds down, so that the time left is never overstated. */
function seconds(milliseconds: number): number {
  return Math.floor(milliseconds) / 1000;
}

function secondsOrNull(milliseconds: number | null): number | null {
  return milliseconds === null ? null : seconds(milliseconds);
}
