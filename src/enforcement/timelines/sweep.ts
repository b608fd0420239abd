import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ActivityLedger } from '../../ledger/activity-ledger.js';
import { LEDGER } from '../../ledger/ledger.token.js';
import { LONGEST_TIMER } from '../../base/timers.js';
import type { UserSessions } from '../../ledger/user-sessions.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { Timelines } from './timelines.js';

/** How many sessions to get from the ledger at once, and to end at the same time. */
const BATCH = 200;
const AT_ONCE = 20;
/**
 * How long other instances leave a session to this one, in milliseconds. If this instance dies, they wait no longer.
 */
const LEASE = 10_000;
/** The longest pause while the ledger does not answer, in milliseconds, if the interval is not longer. */
const LONGEST_PAUSE = 15_000;
/**
 * The part of an interval that a run may take. Otherwise, many sessions that are due together would keep a process
 * busy.
 */
const SHARE = 0.5;

/**
 * Ends sessions that are past a limit, without a request. Each instance does this. The ledger gives a due session to
 * one of them, and exactly one of them ends it.
 */
@Injectable()
export class Sweep implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private failures = 0;
  /** Whether the ledger is back, but other instances may still have to write what they noted meanwhile. */
  private isCatchingUp = false;
  private isStopped = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly timelines: Timelines,
  ) {}

  onApplicationBootstrap(): void {
    const { sweepInterval } = this.settings;
    if (sweepInterval !== false && this.ledger.users) this.arm(this.ledger.users, sweepInterval);
  }

  /** Stops before the application closes the connection of the ledger. */
  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Plans the next run. Runs come one after another, and not at the same time on all instances. */
  private arm(users: UserSessions, interval: number): void {
    if (this.isStopped) return;
    const longest = Math.min(Math.max(interval, LONGEST_PAUSE), LONGEST_TIMER);
    const pause = Math.min(interval * 2 ** this.failures, longest) * (0.75 + Math.random() / 4);
    const delay = this.isCatchingUp ? longest : pause;
    this.timer = setTimeout(() => {
      this.running = this.run(users, interval * SHARE).finally(() => this.arm(users, interval));
    }, delay).unref();
  }

  /** @param most how long it may take, in milliseconds */
  private async run(users: UserSessions, most: number): Promise<void> {
    const until = performance.now() + most;
    try {
      if (this.failures > 0 && !this.isCatchingUp) return await this.catchUp(users, until);
      while (await this.sweep(users)) {
        if (this.isStopped || performance.now() >= until) break;
        await nextTurn();
      }
      this.failures = 0;
      this.isCatchingUp = false;
    } catch {
      // If the ledger does not answer, the event already has a line in the log.
      this.failures += 1;
      this.isCatchingUp = false;
    }
  }

  /**
   * After an outage, writes the activity that this instance has noted. A long pause follows, so that other instances do the
   * same before anybody ends a session. If there is no time for all of it, the next run goes on. If limits differ, the
   * timelines write it, or the next request of a session does.
   */
  private async catchUp(users: UserSessions, until: number): Promise<void> {
    const { limits, limitsVary } = this.settings;
    // Fails if the ledger is still away. This session is due again after the lease.
    await users.due(1, LEASE);
    const keys = limitsVary ? [] : this.timelines.unjudged.keys();
    await this.forEach(keys, (key) => this.timelines.findOrAdopt(key, { user: undefined, limits }, undefined), until);
    this.isCatchingUp = performance.now() < until;
  }

  /** Ends a batch of sessions. Returns true if there may be more. */
  private async sweep(users: UserSessions): Promise<boolean> {
    const keys = await users.due(BATCH, LEASE);
    // A session that is held is due again after the lease.
    const isDone = await this.forEach(keys, (key) => this.timelines.expire(key, true));
    return isDone && keys.length === BATCH;
  }

  /** Does work for each session, some at the same time. Returns false if it had to stop early. */
  private async forEach(keys: readonly string[], work: (key: string) => unknown, until = Infinity): Promise<boolean> {
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      if (this.isStopped || performance.now() >= until) return false;
      const some = keys.slice(start, start + AT_ONCE).map(async (key) => work(key));
      const results = await Promise.allSettled(some);
      // Either the ledger has stopped answering, or the work fails for this one session, which must not slow the sweep.
      if (results.every(({ status }) => status === 'rejected')) return false;
    }
    return true;
  }
}
