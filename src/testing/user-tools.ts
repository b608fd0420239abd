import assert from 'node:assert/strict';
import { HOUR } from '../policy/time.js';
import type { Opening } from '../ledger/activity-ledger.js';
import type { Claim, Claimed, KeyedRecord, UserSessions } from '../ledger/user-sessions.js';
import { type CheckTools, LONG } from './check-tools.js';

const BATCH = 100;

/** The tools of one check of `users`. */
export interface UserTools extends CheckTools {
  readonly users: UserSessions;
  /** A user that no other check uses. */
  readonly user: string;
  /** Opens a session of the user. */
  begin(key?: string, opening?: Partial<Opening>): Promise<void>;
  /** Claims a place. By default, evicts nobody. */
  claim(key: string, claim?: Partial<Claim>): Promise<Claimed>;
  /** The keys of the sessions of the user, sorted. */
  keys(): Promise<string[]>;
  end(key: string): Promise<boolean>;
  /** Asks what is due until nothing is left, and returns those keys that belong to this check. */
  due(how?: { readonly limit?: number; readonly lease?: number }): Promise<string[]>;
}

/** Adds the tools for the part `users` of the ledger. */
export function userTools(tools: CheckTools): UserTools {
  const { ledger, key } = tools;
  const users = ledger.users as UserSessions;
  const user = `user of ${key}`;
  return {
    ...tools,
    users,
    user,
    async begin(some = key, opening = {}) {
      await ledger.open(some, { user, keepFor: HOUR, ...opening });
    },
    claim: async (some, claim = {}) => users.claim(user, some, { max: 1, evict: [], ...claim }),
    keys: async () => (await users.ofUser(user)).map((record) => record.key).toSorted(),
    end: async (some) => ledger.end(some, { reason: 'signed-out', keepFor: HOUR }),
    due: ({ limit = BATCH, lease = LONG } = {}) => allDue(users, key, limit, lease),
  };
}

/** Other checks may have left sessions that are due. Their keys do not begin with this one. */
async function allDue(users: UserSessions, prefix: string, limit: number, lease: number): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const batch = await users.due(limit, lease);
    if (batch.length === 0) return found;
    found.push(...batch.filter((key) => key.startsWith(prefix)));
  }
}

/** Returns the only record of a list, which must have this key. */
export function onlyRecord(records: readonly KeyedRecord[], key: string): KeyedRecord {
  assert.deepEqual(
    records.map((record) => record.key),
    [key],
  );
  return records[0] as KeyedRecord;
}
