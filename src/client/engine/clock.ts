/** Differences between the two clocks below this are rounding and slow correction, not a jump. */
const NOISE = 50;
/** A difference beyond this makes the page ask the server. */
const DISCONTINUITY = 2000;

/** Time as one page counts it, in milliseconds. Only differences have a meaning. */
export interface PageClock {
  now(): number;
  /** The time of day, for what other tabs are told. */
  wall(): number;
  /** Whether the clocks have parted since this was last asked: sleep, or somebody set the clock. */
  jumped(): boolean;
}

/**
 * A clock that trusts neither of the browser's. `performance.now()` stands still while most systems
 * sleep; `Date.now()` goes on, but also follows whoever sets it. This one takes whichever ran
 * further: it errs towards "later", and a question to the server corrects that.
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
    wall,
    jumped() {
      now();
      const had = jump;
      jump = false;
      return had;
    },
  };
}
