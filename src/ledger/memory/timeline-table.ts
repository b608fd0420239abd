import { longerLimits } from '../../policy/limits.js';
import { type Reason, reasons } from '../../policy/reason.js';
import type { SessionDevice } from '../../policy/session-device.js';
import type { LedgerLimits } from '../activity-ledger.js';
import { DueQueue } from './due-queue.js';
import { Interned } from './interned.js';
import { ShardedMap } from './sharded-map.js';
import { UserIndex } from './user-index.js';

/** What is known about a session. Times are readings of one clock, in milliseconds. */
export interface TimelineRow {
  readonly startedAt: number;
  /** The last activity; for an ended session, the end. */
  readonly latestAt: number;
  /** When to delete the entry. */
  readonly forgetAt: number;
  /** When the user last authenticated. */
  readonly authAt: number;
  readonly user: string | undefined;
  /** Why it ended; `undefined` if it has not. */
  readonly reason: Reason | undefined;
  /** What only open sessions have. */
  readonly traits: Traits;
}

/** What many sessions have in common. */
export interface Traits {
  readonly limits?: LedgerLimits | undefined;
  readonly device?: SessionDevice | undefined;
}

/** The traits of sessions that have none. */
export const NO_TRAITS: Traits = {};

/** Rows per block. */
const ROW_BITS = 10;
const ROWS = 1 << ROW_BITS;
/** The place of a row in its block. */
const MASK = ROWS - 1;

/** The columns of times in a row. */
const [STARTED, LATEST, FORGET, WIDTH] = [0, 1, 2, 3];

/**
 * A block of rows. Columns of numbers take half the memory of one object per row. The last columns exist only if they
 * are needed.
 */
class Block {
  readonly times = new Float64Array(ROWS * WIDTH);
  /** The number of the traits of an open session; below zero, the reason of an ended one. */
  readonly states = new Int32Array(ROWS);
  readonly keys = Array.from<string | undefined>({ length: ROWS });
  users: (string | undefined)[] | undefined;
  authTimes: Float64Array | undefined;
}

/** A compact table of timelines, with an index by key, one by user, and one by due time. */
export class TimelineTable {
  /** When to check whether an open session is past a limit. */
  readonly due = new DueQueue();
  /** The open sessions of each user, and some ended ones. Removing them at once would make each end more expensive. */
  readonly users = new UserIndex((row) => !this.isEnded(row));

  // Keys are hashes, so all their characters are evenly distributed.
  private readonly byKey = new ShardedMap<number>(4);
  private readonly traits = new Interned<Traits>(textOf);
  private readonly blocks: Block[] = [];
  private readonly freed: number[] = [];
  /** Rows in use or freed. */
  private rows = 0;

  get size(): number {
    return this.rows - this.freed.length;
  }

  /** The row of a session that is not to be deleted by `now`. */
  rowOf(key: string, now: number): number | undefined {
    const row = this.byKey.get(key);
    return row === undefined || this.isOver(row, now) ? undefined : row;
  }

  get(row: number): TimelineRow {
    const { times, states, users, authTimes } = this.blockOf(row);
    const at = row & MASK;
    const state = states[at] as number;
    const startedAt = times[at * WIDTH + STARTED] as number;
    return {
      startedAt,
      latestAt: times[at * WIDTH + LATEST] as number,
      forgetAt: times[at * WIDTH + FORGET] as number,
      authAt: authTimes ? (authTimes[at] as number) : startedAt,
      user: users?.[at],
      reason: state < 0 ? reasons[~state] : undefined,
      traits: state < 0 ? NO_TRAITS : this.traits.get(state),
    };
  }

  keyOf(row: number): string {
    return this.blockOf(row).keys[row & MASK] as string;
  }

  /** Whether the entry is to be deleted by `now`. */
  isOver(row: number, now: number): boolean {
    return !((this.blockOf(row).times[(row & MASK) * WIDTH + FORGET] as number) > now);
  }

  /** Writes the whole row of a session, and replaces a row that is to be deleted. Sets no due time. */
  add(key: string, timeline: TimelineRow): number {
    let row = this.byKey.get(key);
    if (row === undefined) {
      row = this.freed.pop() ?? this.rows++;
      this.byKey.set(key, row);
    } else this.unlink(row);
    this.write(row, timeline);
    this.blockOf(row).keys[row & MASK] = key;
    if (timeline.user !== undefined && !timeline.reason) this.users.add(timeline.user, row);
    return row;
  }

  /** Turns the row of an open session into its tombstone. */
  end(row: number, reason: Reason, endedAt: number, forgetAt: number): void {
    const { times, states } = this.blockOf(row);
    const at = row & MASK;
    this.due.delete(row);
    this.traits.drop(states[at] as number);
    states[at] = ~reasons.indexOf(reason);
    times[at * WIDTH + LATEST] = endedAt;
    times[at * WIDTH + FORGET] = forgetAt;
  }

  isEnded(row: number): boolean {
    return (this.blockOf(row).states[row & MASK] as number) < 0;
  }

  /** Records activity of an open session. It moves only forward. */
  advance(row: number, latestAt: number, forgetAt: number): void {
    const { times } = this.blockOf(row);
    const at = (row & MASK) * WIDTH;
    if (!(latestAt > (times[at + LATEST] as number))) return;
    times[at + LATEST] = latestAt;
    if (forgetAt > (times[at + FORGET] as number)) times[at + FORGET] = forgetAt;
  }

  /** Lengthens the limits of an open session to `limits`, and keeps its row until `forgetAt`. Nothing becomes shorter. */
  lengthen(row: number, limits: LedgerLimits, forgetAt: number): void {
    const { states, times } = this.blockOf(row);
    const number = states[row & MASK] as number;
    const traits = this.traits.get(number);
    const longest = traits.limits ? longerLimits(traits.limits, limits) : limits;
    if (longest === traits.limits) return;
    states[row & MASK] = this.traits.take({ ...traits, limits: longest });
    this.traits.drop(number);
    const at = (row & MASK) * WIDTH + FORGET;
    if (forgetAt > (times[at] as number)) times[at] = forgetAt;
  }

  /**
   * Deletes the rows that are over at `now` in the next part of the table. After `parts` calls, all rows have been
   * checked.
   */
  prune(now: number, parts: number): void {
    for (const shard of this.byKey.nextPart(parts)) {
      for (const [key, row] of shard) {
        if (!this.isOver(row, now)) continue;
        this.unlink(row);
        this.blockOf(row).keys[row & MASK] = undefined;
        this.freed.push(row);
        shard.delete(key);
      }
    }
    if (this.size > 0) return;
    this.blocks.length = this.freed.length = this.rows = 0;
    this.due.clear();
  }

  private write(row: number, { startedAt, latestAt, forgetAt, authAt, user, reason, traits }: TimelineRow): void {
    const block = this.blockOf(row);
    const at = row & MASK;
    block.times[at * WIDTH + STARTED] = startedAt;
    block.times[at * WIDTH + LATEST] = latestAt;
    block.times[at * WIDTH + FORGET] = forgetAt;
    block.states[at] = reason ? ~reasons.indexOf(reason) : this.traits.take(traits);
    if (authAt !== startedAt) block.authTimes ??= block.times.filter((_time, index) => index % WIDTH === STARTED);
    if (block.authTimes) block.authTimes[at] = authAt;
    if (user !== undefined) block.users ??= Array.from({ length: ROWS });
    if (block.users) block.users[at] = user;
  }

  /** Removes a row from the indexes by user and by due time, and frees its values. */
  private unlink(row: number): void {
    const { states, users } = this.blockOf(row);
    const at = row & MASK;
    const state = states[at] as number;
    const user = users?.[at];
    this.due.delete(row);
    if (state >= 0) this.traits.drop(state);
    if (user !== undefined) this.users.delete(user, row);
    if (users) users[at] = undefined;
  }

  private blockOf(row: number): Block {
    return (this.blocks[row >>> ROW_BITS] ??= new Block());
  }
}

function textOf({ limits, device }: Traits): string {
  const text = limits ? `${limits.idleTimeout} ${limits.absoluteTimeout}` : '';
  return device ? `${text} ${JSON.stringify(device)}` : text;
}
