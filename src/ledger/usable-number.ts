import type { LedgerLimits, Opening } from './activity-ledger.js';

/** @throws RangeError if it is not a whole number of at least 1 */
export function assertCount(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw unusable(what, 'a whole number of at least 1', value);
}

/** @throws RangeError if it is not a duration of at least a millisecond */
export function assertDuration(what: string, value: number): void {
  if (!Number.isFinite(value) || value < 1) throw unusable(what, 'a duration of at least 1 ms', value);
}

/** @throws RangeError if a limit is neither a duration nor `false` */
export function assertLimits(limits: LedgerLimits | undefined): void {
  if (!limits) return;
  for (const what of ['idleTimeout', 'absoluteTimeout'] as const) {
    const limit = limits[what];
    if (limit !== false && !(limit >= 0)) throw unusable(what, 'a duration in milliseconds or false', limit);
  }
}

/** How long ago the user proved who they are: a duration, or `Infinity` for never and for what is no duration. */
export function authAgeOf({ sessionAge = 0, authAge = sessionAge }: Opening): number {
  return Number.isNaN(authAge) ? Infinity : Math.max(0, authAge);
}

function unusable(what: string, expected: string, value: unknown): RangeError {
  return new RangeError(`\`${what}\` must be ${expected}, not ${String(value)}.`);
}
