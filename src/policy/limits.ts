import { DAY, HOUR, SECOND } from './time.js';

/** The limits of one session. Durations in milliseconds; `false` turns a limit off. */
export interface Limits {
  /** Longest time without activity. */
  readonly idleTimeout: number | false;
  /** Longest time since sign-in, with or without activity. */
  readonly absoluteTimeout: number | false;
  /** How long before the end the user is warned. */
  readonly warnBefore: number;
}

/** The two limits that end a session. */
export type LimitPair = Omit<Limits, 'warnBefore'>;

/** The limit that comes first without activity; `Infinity` if both are off. */
export function shorterLimit({ idleTimeout, absoluteTimeout }: LimitPair): number {
  return Math.min(
    idleTimeout === false ? Infinity : idleTimeout,
    absoluteTimeout === false ? Infinity : absoluteTimeout,
  );
}

/** How long a session of this age can go on without activity, at least 0; `Infinity` if both limits are off. */
export function timeLeft({ idleTimeout, absoluteTimeout }: LimitPair, sessionAge: number): number {
  const absoluteLeft = absoluteTimeout === false ? false : absoluteTimeout - sessionAge;
  return Math.max(0, shorterLimit({ idleTimeout, absoluteTimeout: absoluteLeft }));
}

/**
 * Returns the longer of each limit, where `false` is the longest. Returns `some` itself if none of its limits is
 * shorter.
 */
export function longerLimits(some: LimitPair, others: LimitPair): LimitPair {
  const idleTimeout = longer(some.idleTimeout, others.idleTimeout);
  const absoluteTimeout = longer(some.absoluteTimeout, others.absoluteTimeout);
  const isSame = idleTimeout === some.idleTimeout && absoluteTimeout === some.absoluteTimeout;
  return isSame ? some : { idleTimeout, absoluteTimeout };
}

function longer(some: number | false, other: number | false): number | false {
  if (some === false || other === false) return false;
  return other > some ? other : some;
}

/** Limits the warning to half of the session. Otherwise it could be shown from the start. */
export function clampWarning(warnBefore: number, limits: LimitPair): number {
  return Math.min(warnBefore, shorterLimit(limits) / 2);
}

/**
 * How long a ledger keeps the record of an open session after its last activity. It is a day longer than the session
 * can live, so that users who come back later still learn the reason.
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
 * How often activity is written to a shared ledger: a twentieth of the idle limit, and at most `atMost` milliseconds.
 */
export function touchIntervalFor(idleTimeout: number | false, atMost: number = 30 * SECOND): number {
  return idleTimeout === false ? atMost : Math.min(idleTimeout / 20, atMost);
}

/**
 * Whether the row of a session in its store may go untouched for `interval` milliseconds. A row lives for `lifetime`
 * milliseconds after each touch, and has to outlive the session, although the touch may come late.
 */
export function mayGoUntouched(lifetime: number, interval: number, limits: LimitPair): boolean {
  return lifetime - interval > shorterLimit(limits);
}

/** Whether users see the warning long enough (WCAG 2.2, 2.2.1). */
export function warnsLongEnough({ warnBefore }: Pick<Limits, 'warnBefore'>): boolean {
  return warnBefore >= 20 * SECOND;
}

/** WCAG 2.2 (2.2.1) does not require that longer limits can be extended. Milliseconds. */
export const NEED_NOT_BE_EXTENDED = 20 * HOUR;

/** Whether users can extend the session ten times, or WCAG 2.2 (2.2.1) does not require it. */
export function extendsTenTimes({ idleTimeout, absoluteTimeout }: LimitPair): boolean {
  if (idleTimeout === false || absoluteTimeout === false) return true;
  return absoluteTimeout >= 10 * idleTimeout || absoluteTimeout > NEED_NOT_BE_EXTENDED;
}
