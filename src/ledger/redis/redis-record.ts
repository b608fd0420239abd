import type { StoredRecord } from '../server/stored-record.js';

/** The fields of a hash in Redis: text, or buffers if the client is set up so. */
export type Hash = Readonly<Record<string, unknown>>;

/** Converts the reply of a script, alternating names and values. */
export function hashOf(fields: readonly unknown[]): Hash {
  const hash: Record<string, unknown> = {};
  for (let i = 0; i < fields.length; i += 2) hash[String(fields[i])] = fields[i + 1];
  return hash;
}

/** Reads what is stored about a session from a hash; `undefined` if the hash is empty. */
export function storedIn(hash: Hash): StoredRecord | undefined {
  if (Object.keys(hash).length === 0) return undefined;
  const { start, active, ended } = hash;
  return {
    startedAt: timeOf(start),
    activeAt: timeOf(active),
    endedAt: ended === undefined ? undefined : timeOf(ended),
    reason: textOf(hash['reason']),
    user: textOf(hash['user']),
  };
}

/** Converts stored microseconds to milliseconds; `NaN` for anything else. */
function timeOf(stored: unknown): number {
  const text = textOf(stored);
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) / 1000 : NaN;
}

function textOf(stored: unknown): string | undefined {
  return stored === undefined ? undefined : String(stored);
}
