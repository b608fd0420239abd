/** Milliseconds. A smaller difference between the two clocks comes from rounding or slow correction. */
const NOISE = 50;
/** Milliseconds. After a larger difference the page asks the server. */
const DISCONTINUITY = 2000;

/** The time of this page in milliseconds. Only the difference between two readings has a meaning. */
export interface PageClock {
  now(): number;
  /** The time of day of a reading, for messages to other tabs and for people. It is the same each time. */
  wallOf(time: number): number;
  /** Whether readings since the last call have shown that the machine slept, or that somebody set the clock. */
  jumped(): boolean;
}

/**
 * A clock that relies on neither of the browser's clocks alone. On most systems, `performance.now()` stops during sleep.
 * `Date.now()` goes on, but changes when somebody sets the clock. This clock follows the one that has moved further. So
 * it may run ahead of real time. Then the client asks the server too early, which does no harm.
 */
export function pageClock(monotonic = () => performance.now(), wall = () => Date.now()): PageClock {
  let ahead = wall() - monotonic();
  let slept = 0;
  let jump = false;

  function now(): number {
    const time = monotonic();
    const drift = wall() - time - ahead;
    if (Math.abs(drift) > NOISE) {
      ahead += drift;
      slept += Math.max(0, drift);
      jump ||= Math.abs(drift) > DISCONTINUITY;
    }
    return time + slept;
  }

  return {
    now,
    wallOf: (time) => time + ahead - slept,
    jumped() {
      const had = jump;
      jump = false;
      return had;
    },
  };
}
