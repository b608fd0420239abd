import { endOf, isLive, type SessionState } from './session-state.js';

const SECOND = 1000;
/** The shortest time between two questions near a deadline. */
const CLOSEST = SECOND / 4;
/** The longest time without a question after failures, whatever the server says: an hour. */
const LONGEST = 3600 * SECOND;

/** When the user has to be warned, by what the server has said. */
export function warnAt(state: SessionState): number {
  return endOf(state) - state.warnBefore;
}

/**
 * Whether the question of the newest answer was sent when the warning was due. Then the answer confirms the warning or
 * cancels it.
 */
export function isWarningConfirmed(state: SessionState): boolean {
  return state.answeredAt > warnAt(state) - CLOSEST;
}

/** Whether there is activity that the server does not know of. */
export function isUnreported(state: SessionState): boolean {
  return isLive(state) && state.idleTimeout < Infinity && state.activeAt > state.knownAt;
}

/**
 * When the server has to be asked next: `Infinity` if there is nothing to ask. It is asked
 *
 * - when an answer is wanted;
 * - to report activity: a tenth of the idle limit after the last answer, and a minute after it at the
 *   latest. Answers to other requests, like those of a page that polls, delay this by a quarter at most;
 * - before the warning is shown, and again at the end, when the page is covered.
 *
 * @param jitter milliseconds that keep the tabs of one browser apart
 */
export function askAt(state: SessionState, jitter: number): number {
  const { answeredAt, wantedAt } = state;
  const wanted = wantedAt > answeredAt ? wantedAt : Infinity;
  const interval = Math.min(state.idleTimeout / 10, 60 * SECOND);
  const report = isUnreported(state) ? Math.min(answeredAt + interval, state.knownAt + interval * 1.25) : Infinity;
  const due = isWarningConfirmed(state) ? Math.max(endOf(state), answeredAt + CLOSEST) : warnAt(state);
  const confirm = isLive(state) ? due + Math.min(jitter, state.warnBefore / 10) : Infinity;
  return Math.max(Math.min(wanted, report, confirm), state.retryAt);
}

/**
 * How many milliseconds to wait for an answer before asking again. If the end is near, this leaves time for another
 * attempt.
 */
export function patience(state: SessionState, now: number): number {
  const left = endOf(state) - now;
  return left > 0 ? Math.min(Math.max(left / 3, SECOND), 3 * SECOND) : 3 * SECOND;
}

/**
 * How many milliseconds to wait after `state.failures` failures in a row: at least as long as the server says, but at
 * most a quarter of the time left, so that several attempts fit in. A page without its first answer can report no
 * activity, and does not know when to warn its user. So it asks more often.
 *
 * @param spread 0 to 1, by chance
 */
export function backoff(state: SessionState, now: number, retryAfter: number, spread: number): number {
  const first = Math.min(SECOND, state.idleTimeout / 8);
  const left = endOf(state) - now;
  const most = left > 0 ? Math.max(first, left / (isLive(state) ? 4 : 16)) : Infinity;
  const next = Math.min(first * 2 ** (state.failures - 1), 30 * SECOND) * (0.75 + spread / 4);
  return Math.min(Math.max(next, retryAfter), most, LONGEST);
}

/**
 * Whether to warn the user now. Users whose activity is on its way to the server are not warned, unless the report
 * fails. Users who are away are warned when the server agrees or does not answer.
 */
export function isWarningDue(state: SessionState, now: number): boolean {
  if (state.phase !== 'active' || now < warnAt(state)) return false;
  const end = Math.min(state.activeAt + state.idleTimeout, state.absoluteAt);
  const isReporting = isUnreported(state) && end - now > state.warnBefore;
  return state.failures >= 3 || (!isReporting && (isWarningConfirmed(state) || state.failures > 0));
}
