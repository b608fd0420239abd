const CENTURY = 100 * 365 * 24 * 60 * 60 * 1000;

/** Limits a duration to a century, because servers cannot count arbitrarily far. */
export function longestKept(keepFor: number): number {
  return Math.min(keepFor, CENTURY);
}
