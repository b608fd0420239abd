/**
 * A report only ever moves activity forward: never past now, never before the start of the session.
 *
 * @returns the time since the last activity, in milliseconds, once the report is taken in
 */
export function mergeReport(idleFor: number, reported: number): number {
  return Math.min(idleFor, Math.max(0, reported));
}
