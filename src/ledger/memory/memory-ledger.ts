import { randomBytes } from 'node:crypto';
import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening } from '../activity-ledger.js';
import { type Clock, monotonicClock } from '../clock.js';
import { forwardSteps } from '../forward-clock.js';
import { assertKey, assertUser } from '../usable-id.js';
import { type Timeline, TimelineTable } from './timeline-table.js';

const SWEEP_INTERVAL = 1000;
/** So the whole table is checked about once a minute. */
const SWEEPS_FOR_ALL = 60;

/**
 * Keeps the timelines in the memory of this process: for a single instance, with nothing to install. They are lost
 * when the process ends. For sessions whose store survives a restart, see the option `unknownSessions`.
 *
 * Its clock only counts forward: a wall clock that is set back extends no session.
 */
export class MemoryLedger implements ActivityLedger {
  readonly shared = false;
  readonly runId = randomBytes(6).toString('base64url');

  private readonly now: () => number;
  private readonly timelines = new TimelineTable();
  private sweeper: NodeJS.Timeout | undefined;

  /** @param options.clock the source of time; default: monotonic */
  constructor({ clock = monotonicClock }: { clock?: Clock | undefined } = {}) {
    this.now = forwardSteps(clock);
  }

  /** How many sessions it knows, including ended ones. */
  get size(): number {
    return this.timelines.size;
  }

  open(key: string, { user, sessionAge = 0, keepFor }: Opening): LedgerRecord {
    assertUser(user);
    const now = this.now();
    const known = this.find(key, now);
    if (known) return describe(known, now);
    const startedAt = now - Math.max(0, sessionAge);
    return describe(
      this.keep(key, { startedAt, latestAt: now, forgetAt: now + keepFor, user, reason: undefined }),
      now,
    );
  }

  read(key: string): LedgerRecord | undefined {
    const now = this.now();
    const known = this.find(key, now);
    return known && describe(known, now);
  }

  advance(activities: readonly Activity[]): void {
    const now = this.now();
    for (const { key, idleFor, keepFor } of activities) {
      const known = this.find(key, now);
      const latestAt = now - Math.max(0, idleFor);
      if (!known || known.reason || !(latestAt > known.latestAt)) continue;
      this.keep(key, { ...known, latestAt, forgetAt: Math.max(known.forgetAt, now + keepFor) });
    }
  }

  end(key: string, { reason, keepFor }: Ending): boolean {
    const now = this.now();
    const known = this.find(key, now);
    if (known?.reason) return false;
    const { startedAt = now, user } = known ?? {};
    this.keep(key, { startedAt, latestAt: now, forgetAt: now + keepFor, user, reason });
    return true;
  }

  close(): void {
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }

  private find(key: string, now: number): Timeline | undefined {
    const known = this.timelines.get(key);
    // A key that is known was usable.
    if (!known) assertKey(key);
    return known && known.forgetAt > now ? known : undefined;
  }

  private keep(key: string, timeline: Timeline): Timeline {
    this.timelines.set(key, timeline);
    this.sweeper ??= setInterval(() => this.sweep(), SWEEP_INTERVAL).unref();
    return timeline;
  }

  /** Sweeps one part at a time, to avoid a long pause. */
  private sweep(): void {
    this.timelines.sweep(this.now(), SWEEPS_FOR_ALL);
    if (this.size === 0) this.close();
  }
}

function describe({ startedAt, latestAt, user, reason }: Timeline, now: number): LedgerRecord {
  return reason
    ? { state: 'ended', reason, endedFor: now - latestAt, user }
    : { state: 'open', sessionAge: now - startedAt, idleFor: now - latestAt, user };
}
