/**
 * Merges a report. It only moves activity forward: never past now, never before the start of the session.
 *
 * @returns the time since the last activity after the report, in milliseconds
 */
export function mergeReport(idleFor: number, reported: number): number {
  return Math.min(idleFor, Math.max(0, reported));
}

/**
 * A stretch of activity while a session could not be judged, without a pause that might have ended the session. Times
 * are on one clock.
 */
export interface Stretch {
  /** When the first request came. */
  readonly from: number;
  /** The last activity. */
  readonly to: number;
  /** The idle limit at its beginning; `false` if there was none, and `undefined` if nobody knew it. */
  readonly idleTimeout: number | false | undefined;
}

/**
 * Adds activity at `at` to the stretches of a session.
 *
 * @param arrivedAt when the request came that shows it: it has to come before the session ends
 * @param shortest the shortest idle limit that the session may have
 */
export function addActivity(
  stretches: readonly Stretch[],
  at: number,
  idleTimeout: number | false | undefined,
  arrivedAt: number = at,
  shortest: number | false = idleTimeout ?? 0,
): Stretch[] {
  const last = stretches.at(-1);
  if (!last || !isInTime(last.to, arrivedAt, shortest)) {
    return [...stretches, { from: arrivedAt, to: at, idleTimeout }];
  }
  return [...stretches.slice(0, -1), { ...last, to: Math.max(last.to, at) }];
}

/**
 * Judges activity that could not be judged when it happened. It counts if the session was still alive then.
 *
 * @param activeAt the last activity that was judged
 * @param known the idle limit as it is now, for activity whose limit nobody knew
 * @returns the last activity that counts
 */
export function lastActivity(activeAt: number, stretches: readonly Stretch[], known: number | false): number {
  let last = activeAt;
  for (const { from, to, idleTimeout = known } of stretches) {
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
