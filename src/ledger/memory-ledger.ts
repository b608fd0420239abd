import { randomBytes } from 'node:crypto';
import type { Reason } from '../policy/reason.js';
import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening } from './activity-ledger.js';
import { type Clock, monotonicClock } from './clock.js';
import { forwardSteps } from './forward-clock.js';

const SWEEP_INTERVAL = 1000;
const ROUND = 60;
const SMALLEST_SLICE = 1000;

/** Times are readings of the ledger's own clock, in milliseconds. */
interface Entry {
  readonly startedAt: number;
  readonly user: string | undefined;
  activeAt: number;
  forgetAt: number;
  ended: { readonly reason: Reason; readonly at: number } | undefined;
}

/**
 * Keeps the timelines in this process: for one instance, with nothing to install. They are gone with
 * the process; sessions of a store that survives a restart are taken up again, see `unknownSessions`.
 *
 * Its clock counts forward steps only: a wall clock set back an hour lengthens nothing.
 */
export class MemoryLedger implements ActivityLedger {
  readonly shared = false;
  readonly runId = randomBytes(6).toString('base64url');

  private readonly now: () => number;
  private readonly entries = new Map<string, Entry>();
  private sweeper: NodeJS.Timeout | undefined;
  private cursor: MapIterator<[string, Entry]> | undefined;

  /** @param options.clock where times come from; default: monotonic */
  constructor({ clock = monotonicClock }: { clock?: Clock | undefined } = {}) {
    this.now = forwardSteps(clock);
  }

  /** How many sessions it knows, the ended ones included. */
  get size(): number {
    return this.entries.size;
  }

  open(key: string, { user, sessionAge = 0, keepFor }: Opening): LedgerRecord {
    const now = this.now();
    let entry = this.find(key, now);
    if (!entry) {
      entry = {
        startedAt: now - Math.max(0, sessionAge),
        user,
        activeAt: now,
        forgetAt: now + keepFor,
        ended: undefined,
      };
      this.keep(key, entry);
    }
    return describe(entry, now);
  }

  read(key: string): LedgerRecord | undefined {
    const now = this.now();
    const entry = this.find(key, now);
    return entry && describe(entry, now);
  }

  advance(activities: readonly Activity[]): void {
    const now = this.now();
    for (const { key, idleFor, keepFor } of activities) {
      const entry = this.find(key, now);
      const activeAt = now - Math.max(0, idleFor);
      if (!entry || entry.ended || !(activeAt > entry.activeAt)) continue;
      entry.activeAt = activeAt;
      entry.forgetAt = Math.max(entry.forgetAt, now + keepFor);
    }
  }

  end(key: string, { reason, keepFor }: Ending): boolean {
    const now = this.now();
    const entry = this.find(key, now);
    if (entry?.ended) return false;
    this.keep(key, {
      startedAt: entry?.startedAt ?? now,
      user: entry?.user,
      activeAt: entry?.activeAt ?? now,
      forgetAt: now + keepFor,
      ended: { reason, at: now },
    });
    return true;
  }

  close(): void {
    clearInterval(this.sweeper);
    this.sweeper = undefined;
    this.cursor = undefined;
  }

  private find(key: string, now: number): Entry | undefined {
    const entry = this.entries.get(key);
    return entry && entry.forgetAt > now ? entry : undefined;
  }

  private keep(key: string, entry: Entry): void {
    this.entries.set(key, entry);
    this.sweeper ??= setInterval(() => this.sweep(), SWEEP_INTERVAL).unref();
  }

  /** Looks at a slice of the entries at a time, all of them within about a minute: no long pause. */
  private sweep(): void {
    const now = this.now();
    this.cursor ??= this.entries.entries();
    for (let slice = Math.max(SMALLEST_SLICE, this.entries.size / ROUND); slice > 0; slice -= 1) {
      const { done, value } = this.cursor.next();
      if (done) {
        this.cursor = undefined;
        break;
      }
      if (value[1].forgetAt <= now) this.entries.delete(value[0]);
    }
    if (this.entries.size === 0) this.close();
  }
}

function describe({ startedAt, activeAt, user, ended }: Entry, now: number): LedgerRecord {
  return ended
    ? { state: 'ended', reason: ended.reason, endedFor: now - ended.at, user }
    : { state: 'open', sessionAge: now - startedAt, idleFor: now - activeAt, user };
}
