/** Seconds before the end at which the time is spoken. */
const MARKS = [120, 60, 30, 20, 10];
/** Two announcements are never closer than this: the second would cut off the first. */
const APART = 5;

/**
 * Decides when a countdown is spoken: once at the beginning, then at a few marks. A listener who
 * hears every second hears nothing else. The decision takes the whole seconds left, rounded down,
 * and gives the seconds to speak of, never more than are left, or `undefined` for silence.
 */
export function announcements(): (left: number) => number | undefined {
  let said = Infinity;
  return (left) => {
    if (left < 1 || (said < Infinity && !MARKS.some((mark) => left <= mark && mark <= said - APART))) return undefined;
    said = left;
    // Above a minute nobody needs the seconds.
    return left > 60 ? left - (left % 10) : left;
  };
}
