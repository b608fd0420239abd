const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;
const DAY = 24 * HOUR;

/** What holds for one session. Durations in milliseconds; `false` is a limit that is off. */
export interface Limits {
  /** Longest time without activity. */
  readonly idleTimeout: number | false;
  /** Longest time since sign-in, whatever happens. */
  readonly absoluteTimeout: number | false;
  /** How long before the end the user is warned. */
  readonly warnBefore: number;
}

/** The limit that comes first for somebody who does nothing; `Infinity` if both are off. */
export function shorterLimit({ idleTimeout, absoluteTimeout }: Omit<Limits, 'warnBefore'>): number {
  return Math.min(
    idleTimeout === false ? Infinity : idleTimeout,
    absoluteTimeout === false ? Infinity : absoluteTimeout,
  );
}

/** A warning never takes more than half of a session: it would be shown from the start. */
export function clampWarning(warnBefore: number, limits: Omit<Limits, 'warnBefore'>): number {
  return Math.min(warnBefore, shorterLimit(limits) / 2);
}

/**
 * How long a ledger keeps the record of an open session after its last activity: a day longer than
 * it can live, so that whoever comes back is still told the reason.
 */
export function keepRecordFor(limits: Limits): number {
  return shorterLimit(limits) + DAY;
}

/**
 * How long a ledger keeps a tombstone: as long as a request that began before the end could still
 * write the session back, and at least a day.
 */
export function keepTombstoneFor({ absoluteTimeout }: Pick<Limits, 'absoluteTimeout'>): number {
  return Math.max(absoluteTimeout === false ? 0 : absoluteTimeout, DAY);
}

/**
 * How often activity is written to a shared ledger: precise enough for the idle limit (a twentieth
 * of it) and never more than `atMost` milliseconds late.
 */
export function touchIntervalFor(idleTimeout: number | false, atMost: number = 30 * SECOND): number {
  return idleTimeout === false ? atMost : Math.min(idleTimeout / 20, atMost);
}

/** Whether users see the warning long enough (WCAG 2.2, 2.2.1). */
export function warnsLongEnough({ warnBefore }: Pick<Limits, 'warnBefore'>): boolean {
  return warnBefore >= 20 * SECOND;
}

/** Whether users can put the end off ten times, or need not (WCAG 2.2, 2.2.1: no limit of 20 hours or less). */
export function extendsTenTimes({ idleTimeout, absoluteTimeout }: Omit<Limits, 'warnBefore'>): boolean {
  if (idleTimeout === false || absoluteTimeout === false) return true;
  return absoluteTimeout >= 10 * idleTimeout || absoluteTimeout > 20 * HOUR;
}
