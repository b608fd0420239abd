import type { LedgerLimits } from '../activity-ledger.js';
import { longestKept } from '../server/keep-for.js';

/** A duration for a script, in whole microseconds. Lua counts no further than JavaScript. */
export function micros(duration: number): string {
  return String(Math.min(Math.round(Math.max(0, duration) * 1000), Number.MAX_SAFE_INTEGER));
}

/** How long to keep a key, in whole milliseconds. Redis takes no zero. */
export function millis(keepFor: number): string {
  return String(Math.max(1, Math.ceil(longestKept(keepFor))));
}

/** Limits as they are stored: whole milliseconds, `-` if off, nothing if not known. */
export function limitArguments(limits: LedgerLimits | undefined): [idle: string, absolute: string] {
  return limits ? [stored(limits.idleTimeout), stored(limits.absoluteTimeout)] : ['', ''];
}

function stored(limit: number | false): string {
  return limit === false || limit === Infinity ? '-' : String(Math.min(Math.ceil(limit), Number.MAX_SAFE_INTEGER));
}
