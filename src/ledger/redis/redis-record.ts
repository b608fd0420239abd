import type { StoredRecord } from '../server/stored-record.js';

/*
 * Each session is one piece of text, so that a read is one `GET`, and a script touches one key and runs on a cluster:
 *
 *   o <start> <active>[ <user>]   an open session: when it began and was last active
 *   e <ended> <reason>[ <user>]   an ended session, the tombstone: when and why it ended
 *
 * Times are microseconds since 1970 on the clock of Redis, in up to 16 digits. The id of the user, if known, comes last,
 * because it may contain spaces, or be empty. The scripts read and write the same.
 */
const RECORD = /^([oe]) ([^ ]+) ([^ ]+)(?: (.*))?$/s;
const TIME = /^\d{1,16}$/;

/**
 * Reads what is stored about a session, text or a buffer; `undefined` if that is nothing. Whatever is not valid becomes
 * `NaN` or an unknown reason.
 */
export function storedIn(reply: unknown): StoredRecord | undefined {
  if (reply === null || reply === undefined) return undefined;
  const [, kind, first, second, user] = RECORD.exec(String(reply)) ?? [];
  return kind === 'e'
    ? { startedAt: NaN, activeAt: NaN, endedAt: timeOf(first), reason: second, user }
    : { startedAt: timeOf(first), activeAt: timeOf(second), endedAt: undefined, reason: undefined, user };
}

/** Converts stored microseconds to milliseconds; `NaN` for anything else. */
function timeOf(stored: string | undefined): number {
  return stored !== undefined && TIME.test(stored) ? Number(stored) / 1000 : NaN;
}
