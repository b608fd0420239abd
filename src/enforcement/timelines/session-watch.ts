import type { Clock } from '../../base/clock.js';
import type { MaybePromise } from '../../base/maybe-promise.js';
import { LONGEST_TIMER } from '../../base/timers.js';
import type { Limits } from '../../policy/limits.js';
import type { Reason } from '../../policy/reason.js';
import { callOut } from './events/call-out.js';
import type { Outlook } from './outlook.js';

/** A session with listeners for its end. `startedAt` is a reading of the clock. */
export interface WatchedSession {
  readonly key: string;
  readonly user: string | undefined;
  readonly startedAt: number;
}

/** A listener that waits for the end of a session. */
export interface Waiting {
  /** The current watch. It changes when the session goes on under a new id. */
  watch?: SessionWatch;
  /** Returns the limits for the session. */
  readonly limits: () => MaybePromise<Limits>;
  /** How often the ledger is asked whether the session was ended elsewhere, in milliseconds. */
  readonly checkInterval: number;
  /** Called when the session goes on under a new id. */
  readonly onNewId?: (session: WatchedSession & { readonly sessionId: string }) => void;
  /** Called once. */
  readonly onEnd: (reason: Reason) => void;
}

/** Asks for the outlook of a session for its listeners, and ends the session if it is past a limit. */
export type Ask = (session: WatchedSession, waiting: ReadonlySet<Waiting>) => Promise<Outlook>;

/** How long to keep listeners while the ledger or `limitsFor` does not answer, in milliseconds, unless a limit comes first. */
const PATIENCE = 60_000;
/** How soon to see to a session whose outlook is not known, in milliseconds. */
const RETRY_INTERVAL = 1000;
/** How long a regenerated session may take to go on under its new id, in milliseconds. */
const NEW_ID_WITHIN = 2000;

/** Calls a listener. If it throws or rejects, the error is logged. */
export function callListener(listener: Waiting['onEnd'], reason: Reason): void {
  void callOut('A listener of onEnd() failed', () => listener(reason));
}

/** Finds out when one session ends, with one timer and one question for all its listeners. */
export class SessionWatch {
  readonly waiting = new Set<Waiting>();
  private checkInterval = LONGEST_TIMER;
  /** When the session ends if there is no activity, as far as is known. A reading of the clock. */
  private expiresAt = Infinity;
  /** Since when the outlook is not known. A reading of the clock. */
  private unknownSince: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** When the timer fires, in milliseconds of the process. */
  private dueAt = Infinity;
  /** Until when a session that ended as `replaced` may go on under a new id, in milliseconds of the process. */
  private newIdUntil = -Infinity;
  private asking: Promise<void> | undefined;
  private isOver = false;

  /** @param onOver called before the listeners are called */
  constructor(
    readonly session: WatchedSession,
    private readonly ask: Ask,
    private readonly clock: Clock,
    private readonly onOver: () => void,
  ) {}

  /** @param left how long the session goes on without activity, in milliseconds */
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

  /** Asks for the outlook of the session. Callers at the same time share one question. */
  check(): Promise<void> {
    return (this.asking ??= this.look().finally(() => (this.asking = undefined)));
  }

  /** Waits a moment if the session ends as `replaced`, because it may go on under a new id. */
  awaitNewId(): void {
    this.newIdUntil = performance.now() + NEW_ID_WITHIN;
  }

  /** Stops waiting: the session does not go on. */
  expectNoNewId(): void {
    this.newIdUntil = -Infinity;
    void this.check();
  }

  /** The session has ended. */
  end(reason: Reason): void {
    if (this.isOver) return;
    const wait = reason === 'replaced' ? this.newIdUntil - performance.now() : 0;
    if (wait > 0) return this.wakeIn(wait);
    this.stop();
    this.onOver();
    for (const { onEnd } of this.waiting) callListener(onEnd, reason);
    this.waiting.clear();
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    this.sleep();
    // In case no answer comes.
    this.wakeIn(RETRY_INTERVAL);
    try {
      const outlook = await this.ask(this.session, this.waiting);
      if (this.isOver) return;
      this.sleep();
      this.unknownSince = undefined;
      if ('ended' in outlook) return this.end(outlook.ended);
      this.expiresAt = this.clock.now() + outlook.left;
      this.arm();
    } catch {
      // If the ledger does not answer, the event already has a line in the log.
      if (!this.isOver) this.bePatient();
    }
  }

  /** Keeps the listeners for a while without an answer, but not past a known limit. */
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
    if (this.asking) this.bePatient();
    else void this.check();
  }

  private sleep(): void {
    clearTimeout(this.timer);
    this.dueAt = Infinity;
  }

  /** Checks in this many milliseconds, or sooner if that was planned. */
  private wakeIn(delay: number): void {
    const dueAt = performance.now() + delay;
    if (dueAt >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = dueAt;
    this.timer = setTimeout(() => this.wake(), Math.min(delay, LONGEST_TIMER)).unref();
  }
}
