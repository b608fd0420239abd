import type { LedgerLimits } from '../activity-ledger.js';
import { longestKept } from '../server/keep-for.js';

/** Converts a duration for a script to whole microseconds. Lua has the same range of numbers as JavaScript. */
export function microsArgument(duration: number): string {
  return String(Math.min(Math.round(Math.max(0, duration) * 1000), Number.MAX_SAFE_INTEGER));
}

/** Converts a time to keep a key to whole milliseconds. Redis does not accept zero. */
export function millisArgument(keepFor: number): string {
  return String(Math.max(1, Math.ceil(longestKept(keepFor))));
}

/** Converts limits to the stored format: whole milliseconds, `-` if off, empty if not known. */
export function limitArguments(limits: LedgerLimits | undefined): [idle: string, absolute: string] {
  return limits ? [stored(limits.idleTimeout), stored(limits.absoluteTimeout)] : ['', ''];
}

function stored(limit: number | false): string {
  return limit === false || limit === Infinity ? '-' : String(Math.min(Math.ceil(limit), Number.MAX_SAFE_INTEGER));
}
