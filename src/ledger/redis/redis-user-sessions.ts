import { timeLeft } from '../../policy/limits.js';
import type { LedgerRecord, OpenRecord, Opening } from '../activity-ledger.js';
import { assertClaim, assertDue, assertExpiry } from '../usable-arguments.js';
import { assertKey, assertUser } from '../usable-id.js';
import {
  type Claim,
  CLAIM_HOLDS_FOR,
  type Claimed,
  type Expired,
  type Expiry,
  type KeyedRecord,
  type UserSessions,
} from '../user-sessions.js';
import type { DueList } from './due-list.js';
import type { Listing, RedisRecords } from './redis-records.js';
import type { Entry, UserIndex } from './user-index.js';
import { DAY } from '../../policy/time.js';

/**
 * How long to keep the list of a user whose sessions have no absolute limit, in milliseconds. Browsers keep no cookie
 * for longer.
 */
const LONGEST_LIST = 400 * DAY;
/** If a user has at least this many sessions, opening another one removes ended sessions from the list. */
const MANY = 16;

/**
 * The sessions of a user in Redis. A script uses one key, so an operation with several keys is not one step. Therefore,
 * the lists only suggest, and the record of a session decides. A session is put on the lists before or together with
 * its record, and is taken off after it has ended. If a crash leaves an ended session on a list, this is found when the
 * list is read.
 */
export class RedisUserSessions implements UserSessions {
  constructor(
    private readonly records: RedisRecords,
    private readonly index: UserIndex,
    private readonly dueList: DueList,
  ) {}

  async ofUser(user: string): Promise<readonly KeyedRecord[]> {
    assertUser(user);
    const entries = await this.index.entries(user);
    const records = await this.recordsOf(entries);
    const stale = entries.filter((entry, i) => isOver(entry, records[i], user));
    inBackground(this.index.drop(user, stale));
    return entries
      .flatMap(({ key, device }, i): KeyedRecord[] => {
        const record = records[i];
        return isOpen(record, user) ? [device ? { key, ...record, device } : { key, ...record }] : [];
      })
      .toSorted((some, other) => other.sessionAge - some.sessionAge);
  }

  async claim(user: string, key: string, claim: Claim): Promise<Claimed> {
    assertClaim(user, key, claim);
    const { evict } = claim;
    // Sent together with the claim, so that the sweep ends these sessions if this process dies. If they do not leave,
    // the sweep finds nothing to do.
    const hastened = evict.length > 0 ? this.dueList.hasten(evict, CLAIM_HOLDS_FOR) : undefined;
    const [claimed] = await Promise.all([this.claimPlace(user, key, claim, []), hastened]);
    return claimed;
  }

  async release(user: string, key: string): Promise<void> {
    assertUser(user);
    assertKey(key);
    await this.index.remove(user, key);
  }

  async due(limit: number, lease: number): Promise<readonly string[]> {
    assertDue(limit, lease);
    return this.dueList.take(limit, lease);
  }

  async expire(key: string, expiry: Expiry): Promise<Expired | undefined> {
    assertExpiry(key, expiry);
    const { ended, dueIn, ...listing } = await this.records.expire(key, expiry);
    const { user } = listing;
    if (dueIn === undefined) {
      this.forget(key, { user, hasLimits: true });
      return ended && { ended, user };
    }
    const { keepFor } = expiry;
    const keepListFor = Math.min(dueIn, LONGEST_LIST) + keepFor;
    const [isLeaving] = await Promise.all([
      user !== undefined && this.index.isLeaving(user, key, keepListFor),
      dueIn === Infinity ? this.dueList.remove(key) : this.dueList.set(key, dueIn, keepFor),
    ]);
    if (!isLeaving) return { dueIn };
    const first = await this.records.end(key, { reason: 'displaced', keepFor });
    this.forget(key, { user, hasLimits: true });
    return first && { ended: 'displaced', user };
  }

  /**
   * Puts a session on the lists. These commands are sent before this returns. The commands for the record have to
   * follow.
   */
  async enter(key: string, { user, device, limits, sessionAge = 0, keepFor }: Opening): Promise<void> {
    const waiting: Promise<unknown>[] = [];
    if (user !== undefined) {
      const absolute = limits?.absoluteTimeout ?? false;
      const keepListFor = absolute === false ? Math.max(keepFor, LONGEST_LIST) : keepFor + absolute;
      const entering = this.index.enter(user, key, { device, keepFor, keepListFor });
      waiting.push(entering.then((size) => this.tidy(user, size)));
    }
    if (limits) {
      const dueIn = timeLeft(limits, sessionAge);
      if (dueIn < Infinity) waiting.push(this.dueList.add(key, dueIn, keepFor));
    }
    await Promise.all(waiting);
  }

  /**
   * Takes a session off the lists. Nobody waits for this. If it fails, a later reader finds that the session has ended.
   */
  forget(key: string, { user, hasLimits }: Listing): void {
    if (user !== undefined) inBackground(this.index.remove(user, key));
    if (hasLimits) inBackground(this.dueList.remove(key));
  }

  /**
   * Claims a place. Only the list decides who is admitted. If a claim fails because of sessions that have ended, it is
   * tried again.
   */
  private async claimPlace(user: string, key: string, claim: Claim, stale: readonly Entry[]): Promise<Claimed> {
    const { admitted, entries } = await this.index.claim(user, key, claim, stale);
    const asked = admitted ? entries.filter(({ isLeaving }) => isLeaving) : entries;
    const records = await this.recordsOf(asked);
    const over = asked.filter((entry, i) => isOver(entry, records[i], user));
    if (!admitted && over.length > 0) return this.claimPlace(user, key, claim, over);
    inBackground(this.index.drop(user, over));
    const leaving = keysOf(asked.filter((entry) => entry.isLeaving && !over.includes(entry)));
    return admitted
      ? { admitted, leaving }
      : { admitted, leaving, members: keysOf(asked.filter((e) => !e.isLeaving && !e.isReplaced)) };
  }

  /** Reads the records exactly, because the times have to be exact and every end has to be known. */
  private recordsOf(entries: readonly Entry[]): Promise<(LedgerRecord | undefined)[]> {
    return Promise.all(entries.map(({ key }) => this.records.read(key, { exact: true })));
  }

  /**
   * Removes sessions without records from the list, in case nobody reads the list. This happens seldom, because it
   * reads all records.
   */
  private tidy(user: string, size: number): void {
    const isPowerOfTwo = (size & (size - 1)) === 0;
    if (size >= MANY && isPowerOfTwo) inBackground(this.ofUser(user));
  }
}

function isOpen(record: LedgerRecord | undefined, user: string): record is OpenRecord {
  return record?.state === 'open' && record.user === user;
}

/** Whether a session has ended, or its record is gone or belongs to another user. */
function isOver(entry: Entry, record: LedgerRecord | undefined, user: string): boolean {
  return record ? !isOpen(record, user) : !entry.isAwaited;
}

function keysOf(entries: readonly Entry[]): string[] {
  return entries.map(({ key }) => key);
}

function inBackground(work: Promise<unknown>): void {
  work.catch(() => undefined);
}
