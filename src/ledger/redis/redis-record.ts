import type { StoredRecord } from '../server/stored-record.js';

/*
 * Each session is one piece of text, so that a read is one `GET`, and a script touches one key and runs on a cluster:
 *
 *   o <start> <active>[;<auth>;<idle>;<absolute>][ <user>]   an open session: when it began and was last active
 *   e <ended> <reason>[ <user>]                               an ended session, the tombstone: when and why it ended
 *
 * Times are microseconds since 1970 on the clock of Redis, in up to 16 digits. The id of the user, if known, comes
 * last, because it may contain spaces, or be empty.
 *
 * The part after the last activity is written only if it contains something. `auth` is when the user last
 * authenticated: empty if this was at the start, `-` for never. `idle` and `absolute` are the limits in milliseconds:
 * empty if they are not known, `-` if they are off. The scripts use the same format.
 */
const RECORD = /^([oe]) ([^ ]+) ([^ ]+)(?: (.*))?$/s;
const TIME = /^\d{1,16}$/;
const ACTIVE = /^(\d{1,16})(?:;(|-|\d{1,16});(|-|\d{1,16});(?:|-|\d{1,16}))?$/;

/**
 * Reads the stored record of a session, which is text or a buffer. Returns `undefined` if there is none. Invalid parts
 * become `NaN` or an unknown reason.
 */
export function storedIn(reply: unknown): StoredRecord | undefined {
  if (reply === null || reply === undefined) return undefined;
  const [, kind, first, second, user] = RECORD.exec(String(reply)) ?? [];
  if (kind === 'e') return { startedAt: NaN, activeAt: NaN, endedAt: timeOf(first), reason: second, user };
  const [, active, auth] = ACTIVE.exec(second ?? '') ?? [];
  return {
    startedAt: timeOf(first),
    activeAt: timeOf(active),
    authAt: auth === '-' ? -Infinity : auth ? timeOf(auth) : undefined,
    endedAt: undefined,
    reason: undefined,
    user,
  };
}

/**
 * Returns the lists that may contain a session, according to its record: the list of its user, and with limits the list
 * of due sessions.
 */
export function listingOf(text: string): { readonly user: string | undefined; readonly hasLimits: boolean } {
  const [, kind, first = '', second = '', user] = RECORD.exec(text) ?? [];
  const [active, , , idle = ''] = ACTIVE.exec(second) ?? [];
  const isValid = kind === 'e' || (TIME.test(first) && active !== undefined);
  return { user: isValid ? user : undefined, hasLimits: idle !== '' };
}

/** Converts stored microseconds to milliseconds; `NaN` for anything else. */
function timeOf(stored: string | undefined): number {
  return stored !== undefined && TIME.test(stored) ? Number(stored) / 1000 : NaN;
}
