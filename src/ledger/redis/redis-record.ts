import type { LedgerRecord } from '../activity-ledger.js';
import { describeStored, UNREADABLE } from '../server/stored-record.js';

/**
 * Reads the record of a session from a hash in Redis.
 *
 * @param fields alternating names and values, as Redis returns a hash
 * @param now milliseconds since 1970 on the clock of Redis
 */
export function recordOf(fields: readonly string[], now: number): LedgerRecord | undefined {
  if (fields.length === 0) return undefined;
  const values = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) values.set(String(fields[i]), String(fields[i + 1]));
  const ended = values.get('ended');
  const [startedAt, activeAt] = [time(values.get('start')), time(values.get('active'))];
  if (ended === undefined && !(Number.isFinite(startedAt) && Number.isFinite(activeAt))) return UNREADABLE;
  return describeStored(
    {
      startedAt,
      activeAt,
      endedAt: ended === undefined ? undefined : time(ended),
      reason: values.get('reason'),
      user: values.get('user'),
    },
    now,
  );
}

/** Converts stored microseconds to milliseconds; `NaN` for anything else. */
function time(stored: string | undefined): number {
  return stored !== undefined && /^\d{1,16}$/.test(stored) ? Number(stored) / 1000 : NaN;
}
