import type { Clock } from './clock.js';

/** Counts the forward steps of a clock only: set back an hour, it lengthens nothing. Starts at 0. */
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
