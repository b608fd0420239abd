/** A plain non-negative decimal with up to ten digits before the point: enough seconds for three centuries. */
export const REPORT_PATTERN = /^\d{1,10}(\.\d{1,10})?$/;

/** What a browser reports with a ping. */
export interface ActivityReport {
  /** Milliseconds since the last activity that the browser saw. */
  readonly idleFor: number;
  /** The tag of the session that the report is about, which contains only letters, digits, `-` and `_`. */
  readonly session: string | undefined;
}

/** Returns what a report adds to the query of a ping: `&idleFor=1.235&session=3kTMd2Zl`. */
export function encodeReport({ idleFor, session = '' }: ActivityReport): string {
  return `&idleFor=${(Math.max(0, idleFor) / 1000).toFixed(3)}&session=${session}`;
}

/**
 * Reads `idleFor` from the wire.
 *
 * @returns milliseconds, or `undefined` for anything that is not a plain non-negative decimal
 */
export function decodeIdleFor(value: unknown): number | undefined {
  return typeof value === 'string' && REPORT_PATTERN.test(value) ? Number(value) * 1000 : undefined;
}
