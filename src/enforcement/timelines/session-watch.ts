import { Logger } from '@nestjs/common';
import type { Clock } from '../../ledger/clock.js';
import type { MaybePromise } from '../../ledger/maybe-promise.js';
import { LONGEST_TIMER } from '../../ledger/timers.js';
import type { Limits } from '../../policy/limits.js';
import type { Reason } from '../../policy/reason.js';
import type { Subject } from './subject.js';
import type { Outlook } from './timelines.js';

/** A session whose end somebody waits for. `startedAt` is a reading of the clock. */
export interface WatchedSession {
  readonly key: string;
  readonly user: string | undefined;
  readonly startedAt: number;
}

/** Somebody who waits for the end of a session. */
export interface Waiting {
  /** What watches the session for it; another one once the session goes on under a new id. */
  watch?: SessionWatch;
  /** The limits that it is judged by. */
  readonly limits: () => MaybePromise<Limits>;
  /** How often the ledger is asked whether the session was ended elsewhere, in milliseconds. */
  readonly checkInterval: number;
  /** Called once. */
  readonly onEnd: (reason: Reason) => void;
}

/** Asks how a session stands, and ends it if its time has come. */
export type Ask = (session: WatchedSession, subject: Subject) => Promise<Outlook>;

/** How long those who wait are kept while the ledger does not answer, in milliseconds, unless a limit comes first. */
const PATIENCE = 60_000;
/** How soon a ledger that has not answered is asked again, in milliseconds. */
const RETRY_INTERVAL = 1000;
/** How long a session that was regenerated may take to go on under its new id, in milliseconds. */
const HOLD = 2000;

/** Finds out when one session ends, with one timer and one question for all who wait for it. */
export class SessionWatch {
  private readonly logger = new Logger('SessionTimeout');
  readonly waiting = new Set<Waiting>();
  private checkInterval = LONGEST_TIMER;
  /** When the session ends if nothing happens, as far as is known. A reading of the clock. */
  private expiresAt = Infinity;
  /** Since when the ledger has not answered. A reading of the clock. */
  private unknownSince: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** When the timer comes, and until when the session may go on under a new id. In milliseconds of the process. */
  private dueAt = Infinity;
  private heldUntil = -Infinity;
  private asking: Promise<void> | undefined;
  private isOver = false;

  /** @param onOver called before those who wait are told that the session has ended */
  constructor(
    readonly session: WatchedSession,
    private readonly ask: Ask,
    private readonly clock: Clock,
    private readonly onOver: () => void,
  ) {}

  /** @param left how long the session goes on if nothing happens, in milliseconds */
  add(waiting: Waiting, left: number): void {
    waiting.watch = this;
    this.waiting.add(waiting);
    this.checkInterval = Math.min(this.checkInterval, waiting.checkInterval);
    this.expiresAt = Math.min(this.expiresAt, this.clock.now() + left);
    this.arm();
  }

  /** Whether the session is known to go on, without asking. */
  get isAlive(): boolean {
    return !this.isOver && this.clock.now() < this.expiresAt;
  }

  /** Asks how the session stands; once, whoever wants to know at the same time. */
  check(): Promise<void> {
    return (this.asking ??= this.look().finally(() => (this.asking = undefined)));
  }

  /** If the session ends as `replaced`, it may go on under a new id in a moment. */
  hold(): void {
    this.heldUntil = performance.now() + HOLD;
  }

  /** It does not. */
  letGo(): void {
    this.heldUntil = -Infinity;
    void this.check();
  }

  /** The session has ended. */
  end(reason: Reason): void {
    if (this.isOver) return;
    const wait = reason === 'replaced' ? this.heldUntil - performance.now() : 0;
    if (wait > 0) return this.wakeIn(wait);
    this.stop();
    this.onOver();
    for (const { onEnd } of this.waiting) {
      try {
        onEnd(reason);
      } catch (error) {
        this.logger.error('A listener of onEnd() failed', error instanceof Error ? error.stack : error);
      }
    }
    this.waiting.clear();
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    clearTimeout(this.timer);
    this.dueAt = Infinity;
    try {
      const outlook = await this.outlook();
      if (this.isOver) return;
      this.unknownSince = undefined;
      if ('ended' in outlook) return this.end(outlook.ended);
      this.expiresAt = this.clock.now() + outlook.left;
      this.arm();
    } catch {
      // What the ledger does not answer is an event, which has a line in the log.
      if (!this.isOver) this.bePatient();
    }
  }

  /** How the session stands by the limits of all who wait: they may differ from request to request. */
  private async outlook(): Promise<Outlook> {
    const limits = new Set(await Promise.all([...this.waiting].map((waiting) => waiting.limits())));
    let soonest: Outlook = { left: Infinity, idleFor: 0 };
    for (const each of limits) {
      const outlook = await this.ask(this.session, { user: this.session.user, limits: each });
      if ('ended' in outlook) return outlook;
      if (outlook.left < soonest.left) soonest = outlook;
    }
    return soonest;
  }

  /** Nobody knows how the session stands: it is kept for a while, but not past a limit that is known. */
  private bePatient(): void {
    const now = this.clock.now();
    this.unknownSince ??= now;
    const left = Math.min(this.unknownSince + PATIENCE, this.expiresAt) - now;
    if (left <= 0) this.end('lost');
    else this.wakeIn(Math.min(RETRY_INTERVAL, this.checkInterval, left));
  }

  private arm(): void {
    this.wakeIn(Math.min(this.checkInterval, Math.max(0, Math.ceil(this.expiresAt - this.clock.now()))));
  }

  private wake(): void {
    this.dueAt = Infinity;
    void this.check();
  }

  /** Checks in so many milliseconds, or sooner if it was to. */
  private wakeIn(delay: number): void {
    const dueAt = performance.now() + delay;
    if (dueAt >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = dueAt;
    this.timer = setTimeout(() => this.wake(), Math.min(delay, LONGEST_TIMER)).unref();
  }
}
