/** Milliseconds as seconds on the wire. Rounds down, so that the time left is never overstated. */
export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds) / 1000;
}

/** The same; `null` for `Infinity`, which JSON does not have. */
export function secondsOrNull(milliseconds: number | null): number | null {
  return milliseconds !== null && Number.isFinite(milliseconds) ? seconds(milliseconds) : null;
}
