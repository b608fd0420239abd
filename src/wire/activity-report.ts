/** A plain non-negative decimal of up to ten digits before the point: seconds for three centuries. */
export const REPORT_PATTERN = /^\d{1,10}(\.\d{1,10})?$/;

/**
 * Reads a browser's report "idle for so many seconds" from the wire.
 *
 * @returns milliseconds, or `undefined` for anything that is not a plain non-negative decimal
 */
export function parseReport(value: unknown): number | undefined {
  return typeof value === 'string' && REPORT_PATTERN.test(value) ? Number(value) * 1000 : undefined;
}

/**
 * A report only ever moves activity forward: never past now, never before the start of the session.
 *
 * @returns the time since the last activity, in milliseconds, once the report is taken in
 */
export function mergeReport(idleFor: number, reported: number): number {
  return Math.min(idleFor, Math.max(0, reported));
}
