/** What happens at a sign-in if the user already has `maxSessions` sessions. */
export type WhenFull = 'refuse' | 'end-oldest' | 'end-least-recent';

/** A session that has one of the user's places. Durations in milliseconds. */
export interface PlaceHolder {
  readonly key: string;
  readonly sessionAge: number;
  readonly idleFor: number;
}

/**
 * Chooses the sessions that give up their places, so that one more session fits in. Sessions that are just beginning
 * come last: they have neither age nor activity yet.
 *
 * @param max how many sessions the user may have, the new one included
 */
export function whoLeaves(
  holders: readonly PlaceHolder[],
  max: number,
  whenFull: Exclude<WhenFull, 'refuse'>,
): readonly string[] {
  const surplus = Math.max(0, holders.length + 1 - max);
  const [first, then] =
    whenFull === 'end-oldest' ? (['sessionAge', 'idleFor'] as const) : (['idleFor', 'sessionAge'] as const);
  const order = holders.toSorted((a, b) => b[first] - a[first] || b[then] - a[then]);
  return order.slice(0, surplus).map(({ key }) => key);
}
