/** Seconds before the end at which the time is spoken. */
const MARKS = [120, 60, 30, 20, 10];
/** Two announcements are never closer than this: the second would cut off the first. */
const APART = 5;

/**
 * Decides when a countdown is spoken: once at the beginning, then at a few marks. A listener who
 * hears every second hears nothing else.
 */
export class Speech {
  private said = Infinity;

  /**
   * @param left whole seconds, rounded down
   * @returns the seconds to speak of, never more than are left; `undefined` to be silent
   */
  next(left: number): number | undefined {
    if (left <= 0) return this.said === 0 ? undefined : (this.said = 0);
    const first = this.said === Infinity;
    if (!first && !MARKS.some((mark) => left <= mark && mark <= this.said - APART)) return undefined;
    this.said = left;
    // Above a minute nobody needs the seconds.
    return left > 60 ? left - (left % 10) : left;
  }
}
