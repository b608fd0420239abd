/** The time is spoken when this many seconds are left. */
const MARKS = [120, 60, 30, 20, 10];
/** The least time between two announcements, in seconds. If they were closer, the second would cut off the first. */
const APART = 5;

/**
 * Decides when a countdown is spoken: at the beginning, and then at a few marks. If it spoke every second, users would
 * hear nothing else.
 *
 * @returns a function that takes the whole seconds left and returns the seconds to speak, never more than are left, or
 *   `undefined` for silence
 */
export function announcements(): (left: number) => number | undefined {
  let said: number | undefined;
  return (left) => {
    const isDue = !said || MARKS.some((mark) => left <= mark && mark <= said! - APART);
    if (left < 1 || !isDue) return undefined;
    said = left;
    // Above a minute, the exact seconds do not matter.
    return left > 60 ? left - (left % 10) : left;
  };
}
