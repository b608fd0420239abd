import { longerLimits } from '../../policy/limits.js';
import type { ExpiryReason } from '../../policy/reason.js';
import { judge } from '../../policy/verdict.js';
import type { LedgerLimits } from '../activity-ledger.js';
import { assertClaim, assertDue, assertExpiry } from '../usable-arguments.js';
import { assertKey, assertUser } from '../usable-id.js';
import type { Claim, Claimed, Expired, Expiry, KeyedRecord, UserSessions } from '../user-sessions.js';
import type { PlaceMarks } from './place-marks.js';
import { describeOpen } from './records.js';
import type { TimelineTable } from './timeline-table.js';

/** The parts that {@link MemoryUsers} works with. */
export interface MemoryParts {
  readonly timelines: TimelineTable;
  readonly places: PlaceMarks;
  readonly now: () => number;
  /** Called when there is something new to delete later. */
  readonly noted: () => void;
}

/**
 * The sessions of a user in the memory of this process. Everything happens in one turn, so no other caller can come in
 * between.
 */
export class MemoryUsers implements UserSessions {
  constructor(private readonly parts: MemoryParts) {}

  ofUser(user: string): readonly KeyedRecord[] {
    assertUser(user);
    const { timelines } = this.parts;
    const now = this.parts.now();
    return this.openRows(user, now)
      .map((row) => Object.assign(describeOpen(timelines.get(row), now), { key: timelines.keyOf(row) }))
      .toSorted((some, other) => other.sessionAge - some.sessionAge);
  }

  claim(user: string, key: string, claim: Claim): Claimed {
    assertClaim(user, key, claim);
    const { max, evict, replaces } = claim;
    const now = this.parts.now();
    const { members, leaving } = this.standings(user, now);
    if (members.includes(key)) return { admitted: true, leaving };

    const others = members.filter((member) => member !== replaces);
    const evicted = others.filter((member) => evict.includes(member));
    const takesOver = replaces !== undefined && members.includes(replaces);
    if (!takesOver && others.length - evicted.length + 1 > max) return { admitted: false, members, leaving };

    if (takesOver) {
      this.parts.places.set(user, replaces, { state: 'replaced', since: now });
    }
    for (const member of evicted) this.evict(user, member, now);
    this.admit(user, key, now);
    return { admitted: true, leaving: this.standings(user, now).leaving };
  }

  release(user: string, key: string): void {
    assertUser(user);
    assertKey(key);
    this.forget(user, key, this.parts.now());
  }

  due(limit: number, lease: number): readonly string[] {
    assertDue(limit, lease);
    const { timelines } = this.parts;
    const now = this.parts.now();
    const keys: string[] = [];
    while (keys.length < limit) {
      const row = timelines.due.first(now);
      if (row === undefined) break;
      if (timelines.isOver(row, now)) timelines.due.delete(row);
      else {
        timelines.due.set(row, now + lease);
        keys.push(timelines.keyOf(row));
      }
    }
    return keys;
  }

  expire(key: string, expiry: Expiry): Expired | undefined {
    assertExpiry(key, expiry);
    const { keepFor, limits } = expiry;
    const { timelines, places, now: clock } = this.parts;
    const now = clock();
    const row = timelines.rowOf(key, now);
    if (row === undefined || timelines.isEnded(row)) return undefined;
    const known = timelines.get(row);
    const { user, traits } = known;
    const end = (reason: ExpiryReason | 'displaced'): Expired => {
      timelines.end(row, reason, now, now + keepFor);
      return { ended: reason, user };
    };
    if (user !== undefined && places.markOf(user, key)?.state === 'leaving') return end('displaced');
    const { idleTimeout, absoluteTimeout } = longest(traits.limits, limits);
    const verdict = judge(describeOpen(known, now), { idleTimeout, absoluteTimeout, warnBefore: 0 });
    if (!verdict.alive) return end(verdict.reason);
    timelines.due.set(row, now + verdict.expiresIn);
    return { dueIn: verdict.expiresIn };
  }

  /** The keys that have a place, and those that have given up theirs and are still to be ended. */
  private standings(user: string, now: number): { members: string[]; leaving: string[] } {
    const { timelines, places } = this.parts;
    const members = new Set(this.openRows(user, now).map((row) => timelines.keyOf(row)));
    const leaving: string[] = [];
    for (const [key, { state }] of places.of(user, now)) {
      if (state === 'claimed') members.add(key);
      else members.delete(key);
      if (state === 'leaving') leaving.push(key);
    }
    return { members: [...members], leaving };
  }

  private openRows(user: string, now: number): number[] {
    const { timelines } = this.parts;
    return timelines.users.rowsOf(user).filter((row) => !timelines.isOver(row, now));
  }

  private admit(user: string, key: string, now: number): void {
    const { timelines, places, noted } = this.parts;
    places.set(user, key, { state: 'claimed', since: now });
    noted();
    // The session may already be open, and may have been released.
    const row = timelines.rowOf(key, now);
    if (row !== undefined && timelines.get(row).user === user) timelines.users.add(user, row);
  }

  /** Takes the place of a session away. The session has to be ended by the caller, or by the next caller of `due()`. */
  private evict(user: string, key: string, now: number): void {
    const { timelines, places } = this.parts;
    places.set(user, key, { state: 'leaving', since: now });
    const row = timelines.rowOf(key, now);
    if (row !== undefined) timelines.due.set(row, now);
  }

  /** Takes a session off the list of its user. */
  private forget(user: string, key: string, now: number): void {
    const { timelines, places } = this.parts;
    places.delete(user, key);
    const row = timelines.rowOf(key, now);
    if (row !== undefined) timelines.users.delete(user, row);
  }
}

/** The longer of each limit; none at all if there are none. */
function longest(stored: LedgerLimits | undefined, given: LedgerLimits | undefined): LedgerLimits {
  if (stored && given) return longerLimits(stored, given);
  return stored ?? given ?? { idleTimeout: false, absoluteTimeout: false };
}
