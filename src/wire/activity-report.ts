/** A plain non-negative decimal of up to ten digits before the point: seconds for three centuries. */
export const REPORT_PATTERN = /^\d{1,10}(\.\d{1,10})?$/;

/**
 * Reads `idleFor` off the wire.
 *
 * @returns milliseconds, or `undefined` for anything that is not a plain non-negative decimal
 */
export function decodeIdleFor(value: unknown): number | undefined {
  return typeof value === 'string' && REPORT_PATTERN.test(value) ? Number(value) * 1000 : undefined;
}
