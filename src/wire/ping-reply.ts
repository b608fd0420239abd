import type { LiveStatus, SessionStatus } from '../policy/status.js';
import { seconds, secondsOrNull } from './seconds.js';

/** The fields of a ping's answer besides the status. */
export interface PingDetails {
  /** The server's time: seconds since 1970 on the wire, milliseconds in TypeScript. */
  readonly at: number;
  /** The nonce of the question. An answer without it comes from a cache. */
  readonly n?: string | undefined;
  /**
   * A tag of the user of a living session. It stays the same when the user signs in again. Needs the option `identify`.
   */
  readonly user?: string | undefined;
  /** On an anonymous answer: the cookie of the request names a session of which nothing is left. */
  readonly lost?: true | undefined;
  /** Whether drafts are kept (option `drafts`). */
  readonly drafts?: true | undefined;
  /** The URL of the login page, if the option `redirectTo` is set. It contains the reason if the session has ended. */
  readonly loginUrl?: string | undefined;
}

/** The body of a ping's answer: a status with durations in seconds. */
export type PingReply = SessionStatus & PingDetails;

/** Converts a status to the body of a ping's answer. Details that are `undefined` are left out of the JSON. */
export function encodePingReply(status: SessionStatus, { at, ...details }: PingDetails): PingReply {
  const body = status.state === 'active' || status.state === 'warning' ? inSeconds(status) : status;
  return { ...body, at: seconds(at), ...details };
}

/**
 * Reads the body of a ping's answer.
 *
 * @returns the status with durations in milliseconds; `undefined` for anything else, such as the page of a proxy
 */
export function decodePingReply(body: unknown): PingReply | undefined {
  const reply = { ...(body as Record<string, unknown>) };
  for (const name in reply) if (isTime(reply[name])) reply[name] *= 1000;
  const { state, at, reason, session, warnBefore, idleLeft, absoluteLeft, expiresIn } = reply;
  // The client never asks again about a session that nothing ends. So accept this only if the server says it.
  const ends = isTime(idleLeft) || isTime(absoluteLeft) || expiresIn === null;
  const isKnown = state === 'anonymous' || reason || (session && isTime(warnBefore) && ends);
  return isKnown && isTime(at) ? (reply as unknown as PingReply) : undefined;
}

/** Text is never a time. */
const isTime: (value: unknown) => value is number = Number.isFinite as never;

function inSeconds(status: LiveStatus): LiveStatus {
  return {
    ...status,
    idleFor: seconds(status.idleFor),
    authAge: seconds(status.authAge),
    expiresIn: seconds(status.expiresIn),
    idleTimeout: secondsOrNull(status.idleTimeout),
    absoluteTimeout: secondsOrNull(status.absoluteTimeout),
    idleLeft: secondsOrNull(status.idleLeft),
    absoluteLeft: secondsOrNull(status.absoluteLeft),
    warnBefore: seconds(status.warnBefore),
  };
}
