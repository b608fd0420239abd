import { endOf, type Knowledge } from './knowledge.js';

const SECOND = 1000;
/** Near a deadline the server is asked no more often than this. */
const CLOSEST = SECOND / 4;

/** How often activity is reported: a tenth of the idle limit, and never more than a minute late. */
export function reportInterval({ idleTimeout }: Knowledge): number {
  return Math.min(idleTimeout / 10, 60 * SECOND);
}

/** When the user is to be warned, by what the server has said. */
export function warnAt(known: Knowledge): number {
  return endOf(known) - known.warnBefore;
}

/** Whether the newest answer was asked for when the warning was due: it speaks for or against it. */
export function isWarningConfirmed(known: Knowledge): boolean {
  return known.answeredAt > warnAt(known) - CLOSEST;
}

/** A warning waits this long for the server to confirm it. */
export function warningGrace({ warnBefore }: Knowledge): number {
  return Math.min(warnBefore / 4, 2 * SECOND);
}

/** Whether there is activity that the server does not know of. */
export function isUnreported(known: Knowledge): boolean {
  return known.phase === 'live' && (known.held || known.activeAt > toldAt(known));
}

/**
 * When the server is to be asked next: `Infinity` if there is nothing to ask.
 *
 * @param jitter milliseconds that set the tabs of one browser apart
 */
export function askAt(known: Knowledge, jitter: number): number {
  if (known.phase === 'over') return Infinity;
  const wanted = known.wantedAt > known.answeredAt ? known.wantedAt : Infinity;
  const report = isUnreported(known) ? Math.max(toldAt(known), known.answeredAt) + reportInterval(known) : Infinity;
  return Math.max(Math.min(wanted, report, confirmAt(known, jitter)), known.retryAt);
}

/** When something changes without any news, after `now`. */
export function changesAt(known: Knowledge, now: number, jitter: number): number {
  const warn = warnAt(known);
  const times = [askAt(known, jitter), warn, warn + warningGrace(known), endOf(known)];
  return Math.min(...times.filter((time) => time > now));
}

/** How long to wait for an answer. */
export function patience(known: Knowledge, now: number): number {
  const left = endOf(known) - now;
  const most = left === Infinity ? 3 * SECOND * 2 ** known.failures : left / 3;
  return Math.min(Math.max(most, SECOND), 10 * SECOND);
}

/**
 * How long to wait after `known.failures` failures in a row. Never more than a quarter of what is
 * left, so that several attempts fit in whatever the server or the doubling says.
 *
 * @param spread 0 to 1, by chance
 */
export function backoff(known: Knowledge, now: number, retryAfter: number, spread: number): number {
  const first = Math.min(SECOND, known.idleTimeout / 8);
  if (known.answeredAt === -Infinity) return first * (0.5 + spread / 2);
  const left = endOf(known) - now;
  const most = left > 0 ? Math.max(first, left / 4) : 30 * SECOND;
  const next = Math.max(first * 2 ** Math.min(known.failures - 1, 10) * (0.75 + spread / 4), retryAfter);
  return Math.min(next, most, 30 * SECOND);
}

/** The confirmations: of the warning before it is shown, of the end once the page is covered. */
function confirmAt(known: Knowledge, jitter: number): number {
  if (known.phase !== 'live') return Infinity;
  const apart = Math.min(jitter, known.warnBefore / 10);
  if (!isWarningConfirmed(known)) return warnAt(known) + apart;
  return Math.max(endOf(known) + apart, known.answeredAt + CLOSEST);
}

/** The last activity that the server knows of. */
function toldAt({ idleAt, idleTimeout, reportedAt }: Knowledge): number {
  return idleTimeout === Infinity ? Infinity : Math.max(idleAt - idleTimeout, reportedAt);
}
