import type { ActivityLedger, Claimed, LedgerLimits, UserSessions } from '../../../../src/index.js';
import { HOUR } from '../../../support/time.js';

export const LIMITS: LedgerLimits = { idleTimeout: HOUR, absoluteTimeout: 12 * HOUR };

export function usersOf(ledger: ActivityLedger): UserSessions {
  if (!ledger.users) throw new Error('The ledger knows no users.');
  return ledger.users;
}

/** Claims a place, and takes those of others if there is none. */
export async function claimPlace(ledger: ActivityLedger, user: string, key: string, max: number): Promise<Claimed> {
  let evict: readonly string[] = [];
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const claimed = await usersOf(ledger).claim(user, key, { max, evict });
    if (claimed.admitted) return claimed;
    const members = claimed.members ?? [];
    evict = members.slice(0, members.length + 1 - max);
  }
  throw new Error(`${key} got no place.`);
}

/** Signs in as the application does: claims a place, opens the session, and ends those that had to leave. */
export async function signIn(ledger: ActivityLedger, user: string, key: string, max: number): Promise<void> {
  const { leaving = [] } = await claimPlace(ledger, user, key, max);
  await ledger.open(key, { user, limits: LIMITS, keepFor: HOUR });
  await Promise.all(leaving.map((some) => ledger.end(some, { reason: 'displaced', keepFor: HOUR })));
}

/** Those of the keys whose sessions are open. */
export async function openOf(ledger: ActivityLedger, keys: readonly string[]): Promise<string[]> {
  const records = await Promise.all(keys.map((key) => ledger.read(key, { exact: true })));
  return keys.filter((_, i) => records[i]?.state === 'open');
}

/** Asks what is due until nothing is left. */
export async function allDue(ledger: ActivityLedger, limit = 100): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const batch = await usersOf(ledger).due(limit, HOUR);
    if (batch.length === 0) return found;
    found.push(...batch);
  }
}
