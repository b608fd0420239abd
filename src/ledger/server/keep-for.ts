const CENTURY = 100 * 365 * 24 * 60 * 60 * 1000;

/** The same duration, but no longer than servers can count: a century is for ever. */
export function longestKept(keepFor: number): number {
  return Math.min(keepFor, CENTURY);
}
