import { endOf, type Knowledge } from './session-state.js';

const SECOND = 1000;
/** Near a deadline the server is asked no more often than this. */
const CLOSEST = SECOND / 4;

/** When the user is to be warned, by what the server has said. */
export function warnAt(known: Knowledge): number {
  return endOf(known) - known.warnBefore;
}

/** Whether the newest answer was asked for when the warning was due: it speaks for or against it. */
export function isWarningConfirmed(known: Knowledge): boolean {
  return known.answeredAt > warnAt(known) - CLOSEST;
}

/** The last activity that the server knows of. */
function knownUntil({ reportedAt, idleAt, idleTimeout }: Knowledge): number {
  return Math.max(reportedAt, idleAt - idleTimeout);
}

/** Whether there is activity that the server does not know of. */
export function isUnreported(known: Knowledge): boolean {
  return known.phase === 'live' && known.idleTimeout < Infinity && known.activeAt > knownUntil(known);
}

/**
 * When the server is to be asked next: `Infinity` if there is nothing to ask.
 *
 * - an answer that is wanted;
 * - activity, reported a tenth of the idle limit after the last answer, and never more than a minute
 *   after it; answers to other requests, like those of a page that polls, put that off by a quarter
 *   at most;
 * - the warning, confirmed before it is shown, and the end, confirmed once the page is covered.
 *
 * @param jitter milliseconds that set the tabs of one browser apart
 */
export function askAt(known: Knowledge, jitter: number): number {
  const { phase, answeredAt, wantedAt, idleTimeout, warnBefore, retryAt } = known;
  // Over, and nobody told why: it is to be ended.
  if (phase === 'over') return retryAt;
  const wanted = wantedAt > answeredAt ? wantedAt : Infinity;
  const interval = Math.min(idleTimeout / 10, 60 * SECOND);
  const report = isUnreported(known) ? Math.min(answeredAt + interval, knownUntil(known) + interval * 1.25) : Infinity;
  const due = isWarningConfirmed(known) ? Math.max(endOf(known), answeredAt + CLOSEST) : warnAt(known);
  const confirm = phase === 'live' ? due + Math.min(jitter, warnBefore / 10) : Infinity;
  return Math.max(Math.min(wanted, report, confirm), retryAt);
}

/** How long to wait for an answer: so that there is time for another attempt, if there is an end in sight. */
export function patience(known: Knowledge, now: number): number {
  const left = endOf(known) - now;
  const most = known.phase === 'unknown' ? 3 * SECOND * 2 ** known.failures : left / 3;
  return left > 0 ? Math.min(Math.max(most, SECOND), 10 * SECOND) : 10 * SECOND;
}

/**
 * How long to wait after `known.failures` failures in a row. Never more than a quarter of what is
 * left, so that several attempts fit in whatever the server or the doubling says; and while nothing
 * is known at all, no longer than a second.
 *
 * @param spread 0 to 1, by chance
 */
export function backoff(known: Knowledge, now: number, retryAfter: number, spread: number): number {
  const first = Math.min(SECOND, known.idleTimeout / 8);
  const left = endOf(known) - now;
  const most = known.phase === 'unknown' ? first : left > 0 ? Math.max(first, left / 4) : Infinity;
  const next = Math.max(first * 2 ** (known.failures - 1), retryAfter);
  return Math.min(next, most, 30 * SECOND) * (0.75 + spread / 4);
}
