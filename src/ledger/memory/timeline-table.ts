import { type Reason, reasons } from '../../policy/reason.js';

/** What is known about a session. Times are readings of one clock, in milliseconds. */
export interface Timeline {
  readonly startedAt: number;
  /** The last activity; for an ended session, the end. */
  readonly latestAt: number;
  /** When to delete the entry. */
  readonly forgetAt: number;
  readonly user: string | undefined;
  /** Why it ended; `undefined` if it has not. */
  readonly reason: Reason | undefined;
}

const SHARDS = 256;
/** Rows per block. */
const ROWS = 1024;
/** The prime of the hash function FNV-1a. */
const FNV = 0x01000193;

/** The columns of a row. */
const [STARTED, LATEST, FORGET, REASON, WIDTH] = [0, 1, 2, 3, 4];

/** The reasons by number; 0 means that the session has not ended. */
const REASONS = [undefined, ...reasons];

/** Rows of numbers side by side. They take half the memory of one object per row. */
class Block {
  readonly numbers = new Float64Array(ROWS * WIDTH);
  readonly users = Array.from<string | undefined>({ length: ROWS });
}

/**
 * A compact map of timelines by key. It uses many small maps, because a big map stops the process for a long time
 * when it grows or shrinks.
 */
export class TimelineTable {
  private readonly shards = Array.from({ length: SHARDS }, () => new Map<string, number>());
  private readonly blocks: Block[] = [];
  private readonly freed: number[] = [];
  /** Rows in use or freed. */
  private rows = 0;
  private swept = 0;

  get size(): number {
    return this.rows - this.freed.length;
  }

  get(key: string): Timeline | undefined {
    const row = this.shardOf(key).get(key);
    if (row === undefined) return undefined;
    const { numbers, users } = this.blockOf(row);
    const at = (row % ROWS) * WIDTH;
    return {
      startedAt: numbers[at + STARTED] as number,
      latestAt: numbers[at + LATEST] as number,
      forgetAt: numbers[at + FORGET] as number,
      user: users[row % ROWS],
      reason: REASONS[numbers[at + REASON] as number],
    };
  }

  set(key: string, { startedAt, latestAt, forgetAt, user, reason }: Timeline): void {
    const shard = this.shardOf(key);
    let row = shard.get(key);
    if (row === undefined) {
      row = this.freed.pop() ?? this.rows++;
      shard.set(key, row);
    }
    const { numbers, users } = this.blockOf(row);
    const at = (row % ROWS) * WIDTH;
    numbers[at + STARTED] = startedAt;
    numbers[at + LATEST] = latestAt;
    numbers[at + FORGET] = forgetAt;
    numbers[at + REASON] = REASONS.indexOf(reason);
    users[row % ROWS] = user;
  }

  /** Deletes what is due by `now` in the next part of the table. After `parts` calls, all of it is checked. */
  sweep(now: number, parts: number): void {
    for (let left = Math.ceil(SHARDS / parts); left > 0; left -= 1) {
      this.swept = (this.swept + 1) % SHARDS;
      const shard = this.shards[this.swept] as Map<string, number>;
      for (const [key, row] of shard) {
        const { numbers, users } = this.blockOf(row);
        if ((numbers[(row % ROWS) * WIDTH + FORGET] as number) > now) continue;
        users[row % ROWS] = undefined;
        this.freed.push(row);
        shard.delete(key);
      }
    }
    if (this.size > 0) return;
    this.blocks.length = this.freed.length = this.rows = 0;
  }

  private shardOf(key: string): Map<string, number> {
    // Keys are hashes, so any of their characters are evenly distributed.
    let hash = 0;
    for (let i = Math.max(0, key.length - 4); i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), FNV);
    return this.shards[(hash >>> 16) % SHARDS] as Map<string, number>;
  }

  private blockOf(row: number): Block {
    return (this.blocks[Math.floor(row / ROWS)] ??= new Block());
  }
}
