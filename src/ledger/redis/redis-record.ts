import type { StoredRecord } from '../server/stored-record.js';

/*
 * Each session is one piece of text, so that a read is one `GET`, and a script touches one key and runs on a cluster:
 *
 *   o <start> <active>[;<auth>;<idle>;<absolute>][ <user>]   an open session: when it began and was last active
 *   e <ended> <reason>[;<call>][ <user>]                      an ended session, the tombstone: when and why it ended
 *
 * Times are microseconds since 1970 on the clock of Redis, in up to 16 digits. The id of the user, if known, comes
 * last, because it may contain spaces, or be empty.
 *
 * The part after the last activity is written only if it contains something. `auth` is when the user last
 * authenticated: empty if this was at the start, `-` for never. `idle` and `absolute` are the limits in milliseconds:
 * empty if they are not known, `-` if they are off. `call` is the random name of the call that ended the session. The
 * scripts use the same format.
 */
const OPEN = /^o (\d{1,16}) (\d{1,16})(?:;(|-|\d{1,16});(|-|\d{1,16});(?:|-|\d{1,16}))?(?: (.*))?$/s;
const ENDED = /^e ([^ ]+) ([^ ;]+)(?:;[^ ]*)?(?: (.*))?$/s;
const TIME = /^\d{1,16}$/;

const INVALID: StoredRecord = {
  startedAt: NaN,
  activeAt: NaN,
  endedAt: undefined,
  reason: undefined,
  user: undefined,
};

/**
 * Reads the stored record of a session, which is text or a buffer. Returns `undefined` if there is none. An invalid
 * record has no times. An invalid tombstone has no time, or an unknown reason.
 */
export function storedIn(reply: unknown): StoredRecord | undefined {
  if (reply === null || reply === undefined) return undefined;
  const text = String(reply);
  const open = OPEN.exec(text);
  if (open) {
    const [, start, active, auth, , user] = open;
    const authAt = auth === '-' ? -Infinity : auth ? fromMicros(auth) : undefined;
    return {
      startedAt: fromMicros(start),
      activeAt: fromMicros(active),
      authAt,
      endedAt: undefined,
      reason: undefined,
      user,
    };
  }
  const [isTombstone, ended, reason, user] = ENDED.exec(text) ?? [];
  return isTombstone === undefined ? INVALID : { ...INVALID, endedAt: timeOf(ended), reason, user };
}

/**
 * Returns the lists that may contain a session, according to its record: the list of its user, and with limits the list
 * of due sessions.
 */
export function listingOf(text: string): { readonly user: string | undefined; readonly hasLimits: boolean } {
  const [isOpen, , , , idle = '', user] = OPEN.exec(text) ?? [];
  return isOpen === undefined ? { user: ENDED.exec(text)?.[3], hasLimits: false } : { user, hasLimits: idle !== '' };
}

/** Converts microseconds to milliseconds; `NaN` for anything else. */
function timeOf(stored: string | undefined): number {
  return stored !== undefined && TIME.test(stored) ? fromMicros(stored) : NaN;
}

function fromMicros(micros: string | undefined): number {
  return Number(micros) / 1000;
}
