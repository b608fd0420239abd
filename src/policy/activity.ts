/**
 * Merges a report. It only moves activity forward: never past now, never before the start of the session.
 *
 * @returns the time since the last activity after the report, in milliseconds
 */
export function mergeReport(idleFor: number, reported: number): number {
  return Math.min(idleFor, Math.max(0, reported));
}
