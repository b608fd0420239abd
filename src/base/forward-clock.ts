import type { Clock } from './clock.js';

/** Counts only the forward steps of a clock, from 0. A clock that is set back extends no session. */
export function forwardSteps(clock: Clock): () => number {
  let elapsed = 0;
  let last = clock.now();
  return () => {
    const reading = clock.now();
    if (reading > last) elapsed += reading - last;
    last = reading;
    return elapsed;
  };
}
