/** A source of time. */
export interface Clock {
  /** The time in milliseconds since 1970. */
  now(): number;
}

// Read once, because reading the property is slow.
const { timeOrigin } = performance;

/** Starts at the wall time of the process start and then runs evenly, even if the wall clock is changed. */
export const monotonicClock: Clock = {
  now: () => Math.floor(timeOrigin + performance.now()),
};
