/** Where times come from. */
export interface Clock {
  /** The time in milliseconds since 1970. */
  now(): number;
}

// The property itself is slow to ask for.
const { timeOrigin } = performance;

/** Runs evenly whatever happens to the wall clock, and shows wall time as of the start of the process. */
export const monotonicClock: Clock = {
  now: () => Math.floor(timeOrigin + performance.now()),
};
