/**
 * Merges a report. It only moves activity forward: never past now, never before the start of the session.
 *
 * @returns the time since the last activity after the report, in milliseconds
 */
export function mergeReport(idleFor: number, reported: number): number {
  return Math.min(idleFor, Math.max(0, reported));
}

/**
 * A stretch of activity while a session could not be judged, without a pause as long as the idle limit. Times are on
 * one clock.
 */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The idle limit at its beginning; `false` if there was none. */
  readonly idleTimeout: number | false;
}

/** Adds activity at `at` to the stretches of a session. */
export function addActivity(stretches: readonly Stretch[], at: number, idleTimeout: number | false): Stretch[] {
  const last = stretches.at(-1);
  if (!last || !isInTime(last.to, at, idleTimeout)) return [...stretches, { from: at, to: at, idleTimeout }];
  return [...stretches.slice(0, -1), { ...last, to: Math.max(last.to, at) }];
}

/**
 * Judges activity that could not be judged when it happened. It counts if the session was still alive then.
 *
 * @param activeAt the last activity that was judged
 * @returns the last activity that counts
 */
export function lastActivity(activeAt: number, stretches: readonly Stretch[]): number {
  let last = activeAt;
  for (const { from, to, idleTimeout } of stretches) {
    if (to <= last) continue;
    if (!isInTime(last, from, idleTimeout)) break;
    last = to;
  }
  return last;
}

/** Whether a session that was last active at `last` is within the idle limit at `at`. */
function isInTime(last: number, at: number, idleTimeout: number | false): boolean {
  return idleTimeout === false || at - last < idleTimeout;
}
