/** A difference between the two clocks below this is rounding or slow correction, not a jump. In milliseconds. */
const NOISE = 50;
/** A difference above this makes the page ask the server. In milliseconds. */
const DISCONTINUITY = 2000;

/** Time as this page counts it, in milliseconds. Only differences between its readings mean anything. */
export interface PageClock {
  now(): number;
  /** The time of day of a reading, for messages to other tabs and for people. It does not waver. */
  wallOf(time: number): number;
  /** Whether the clocks have diverged since the last call: the machine slept, or somebody set the clock. */
  jumped(): boolean;
}

/**
 * A clock that trusts neither of the browser's clocks. `performance.now()` stops while most systems sleep.
 * `Date.now()` goes on, but changes when somebody sets the clock. This one follows whichever went further.
 * If it is wrong, it is late, and the server corrects that.
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
      if (drift > 0) slept += drift;
      if (Math.abs(drift) > DISCONTINUITY) jump = true;
    }
    return time + slept;
  }

  return {
    now,
    wallOf: (time) => time + ahead - slept,
    jumped() {
      now();
      const had = jump;
      jump = false;
      return had;
    },
  };
}
