import type { StoredRecord } from '../server/stored-record.js';

/*
 * Each session is one piece of text, so that a read is one `GET`, and a script touches one key and runs on a cluster:
 *
 *   o <start> <active>[;<proof>;<idle>;<absolute>][ <user>]   an open session: when it began and was last active
 *   e <ended> <reason>[ <user>]                               an ended session, the tombstone: when and why it ended
 *
 * Times are microseconds since 1970 on the clock of Redis, in up to 16 digits. The id of the user, if known, comes last,
 * because it may contain spaces, or be empty.
 *
 * What follows the last activity is written only if it says something. `proof` is when the user last proved who they
 * are: nothing if at the start, `-` if never. `idle` and `absolute` are the limits in milliseconds: nothing if they are
 * not known, `-` if they are off. The scripts read and write the same.
 */
const RECORD = /^([oe]) ([^ ]+) ([^ ]+)(?: (.*))?$/s;
const TIME = /^\d{1,16}$/;
const ACTIVE = /^(\d{1,16})(?:;(|-|\d{1,16});(|-|\d{1,16});(?:|-|\d{1,16}))?$/;

/**
 * Reads what is stored about a session, text or a buffer; `undefined` if that is nothing. Whatever is not valid becomes
 * `NaN` or an unknown reason.
 */
export function storedIn(reply: unknown): StoredRecord | undefined {
  if (reply === null || reply === undefined) return undefined;
  const [, kind, first, second, user] = RECORD.exec(String(reply)) ?? [];
  if (kind === 'e') return { startedAt: NaN, activeAt: NaN, endedAt: timeOf(first), reason: second, user };
  const [, active, proof] = ACTIVE.exec(second ?? '') ?? [];
  return {
    startedAt: timeOf(first),
    activeAt: timeOf(active),
    authAt: proof === '-' ? -Infinity : proof ? timeOf(proof) : undefined,
    endedAt: undefined,
    reason: undefined,
    user,
  };
}

/** On which lists a session may be, by its record: those of its user, and with limits that of due sessions. */
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
