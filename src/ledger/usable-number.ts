import type { LedgerLimits } from './activity-ledger.js';

/** A number that no ledger can use. It is not a failure of the ledger, and trying again does not help. */
export class UnusableNumberError extends RangeError {
  override readonly name = 'UnusableNumberError';

  constructor(what: string, expected: string, value: unknown) {
    super(`\`${what}\` must be ${expected}, not ${String(value)}.`);
  }
}

/** @throws UnusableNumberError if it is not a whole number of at least 1 */
export function assertCount(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UnusableNumberError(what, 'a whole number of at least 1', value);
}

/** @throws UnusableNumberError if it is not a duration of at least a millisecond */
export function assertDuration(what: string, value: number): void {
  if (!Number.isFinite(value) || value < 1) throw new UnusableNumberError(what, 'a duration of at least 1 ms', value);
}

/** @throws UnusableNumberError if a limit is neither a duration nor `false` */
export function assertLimits(limits: LedgerLimits | undefined): void {
  if (!limits) return;
  for (const what of ['idleTimeout', 'absoluteTimeout'] as const) {
    const limit = limits[what];
    if (limit !== false && !(limit >= 0))
      throw new UnusableNumberError(what, 'a duration in milliseconds or false', limit);
  }
}
