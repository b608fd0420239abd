import { isReason } from '../policy/reason.js';
import type { SessionStatus } from '../policy/status.js';

/** What the server says of the session. Durations in milliseconds. */
export type Reply = SessionStatus & {
  /** Where to sign in. */
  readonly loginUrl?: string;
};

type Wire = Readonly<Record<string, unknown>>;

/**
 * Reads the body of a ping's answer, which has its durations in seconds.
 *
 * @returns `undefined` for anything else, such as the page of a proxy in between
 */
export function readReply(body: unknown): Reply | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const wire = body as Wire;
  const status = readStatus(wire);
  return status && typeof wire['loginUrl'] === 'string' ? { ...status, loginUrl: wire['loginUrl'] } : status;
}

/** A tab's word is not enough to go to another origin. */
export function withOwnLogin({ loginUrl, ...reply }: Reply): Reply {
  return loginUrl !== undefined && /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(loginUrl) ? { ...reply, loginUrl } : reply;
}

function readStatus(wire: Wire): SessionStatus | undefined {
  const { state, reason, message, limit, session } = wire;
  if (state === 'anonymous') return { state };
  if (state === 'expired') {
    return { state, reason: isReason(reason) ? reason : 'lost', message: String(message ?? '') };
  }
  if ((state !== 'active' && state !== 'warning') || typeof session !== 'string') return undefined;
  return {
    state,
    idleFor: milliseconds(wire['idleFor']) ?? 0,
    expiresIn: milliseconds(wire['expiresIn']) ?? 0,
    limit: limit === 'absolute' ? limit : 'idle',
    extendable: wire['extendable'] === true,
    idleTimeout: milliseconds(wire['idleTimeout']),
    absoluteTimeout: milliseconds(wire['absoluteTimeout']),
    idleLeft: milliseconds(wire['idleLeft']),
    absoluteLeft: milliseconds(wire['absoluteLeft']),
    warnBefore: milliseconds(wire['warnBefore']) ?? 0,
    session,
  };
}

function milliseconds(seconds: unknown): number | null {
  return typeof seconds === 'number' ? seconds * 1000 : null;
}
