import ms from 'ms';

/** Milliseconds, or text for the `ms` library: `900000`, `'15m'`, `'12h'`. */
export type Duration = number | string;

/** The units of a text, as errors name them. `ms` knows their long names, too: `'15 minutes'`. */
export const UNITS = 'ms, s, m, h, d, w or y';

/** The longest text that `ms` reads. It throws an error for longer ones. */
const LONGEST_TEXT = 100;

/** Reads a duration. Returns milliseconds, or `undefined` if the value is not a duration above 0. */
export function readDuration(value: unknown): number | undefined {
  const isText = typeof value === 'string' && value.length > 0 && value.length <= LONGEST_TEXT;
  const parsed = isText ? ms(value as ms.StringValue) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) && parsed > 0 ? parsed : undefined;
}

/** The milliseconds of a duration that has been checked. */
export function milliseconds(duration: Duration): number {
  return readDuration(duration) as number;
}

/**
 * Reads a duration that a caller gave.
 *
 * @param taker the function that needs the duration, for the error
 * @throws TypeError if it is not a duration above 0
 */
export function givenDuration(taker: string, value: unknown): number {
  const duration = readDuration(value);
  if (duration !== undefined) return duration;
  throw new TypeError(`${taker} needs a duration above 0, like "5m" (${UNITS}), not ${JSON.stringify(value)}.`);
}
