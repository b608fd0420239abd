import type { Opening } from './activity-ledger.js';
import { assertKey, assertUser } from './usable-id.js';
import { assertCount, assertDuration, assertLimits } from './usable-number.js';
import type { Claim, Expiry } from './user-sessions.js';

/*
 * The checks that all ledgers make of the arguments of a method. They throw an `UnusableIdError` or an
 * `UnusableNumberError`.
 */

export function assertOpening(key: string, { user, limits }: Opening): void {
  assertKey(key);
  assertUser(user);
  assertLimits(limits);
}

export function assertClaim(user: string, key: string, { max, evict, replaces }: Claim): void {
  assertUser(user);
  for (const some of [key, ...evict]) assertKey(some);
  if (replaces !== undefined) assertKey(replaces);
  assertCount('max', max);
}

export function assertDue(limit: number, lease: number): void {
  assertCount('limit', limit);
  assertDuration('lease', lease);
}

export function assertExpiry(key: string, { limits }: Expiry): void {
  assertKey(key);
  assertLimits(limits);
}

/** How long ago the user authenticated: a duration, or `Infinity` for never and for values that are not durations. */
export function openingAuthAge({ sessionAge = 0, authAge = sessionAge }: Opening): number {
  return Number.isNaN(authAge) ? Infinity : Math.max(0, authAge);
}
