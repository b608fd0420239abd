import { DAY } from '../../policy/time.js';

const CENTURY = 100 * 365 * DAY;

/** Limits a duration to a century, because servers cannot count arbitrarily far. */
export function longestKept(keepFor: number): number {
  return Math.min(keepFor, CENTURY);
}
