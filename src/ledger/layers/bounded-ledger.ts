import type { ActivityLedger } from '../activity-ledger.js';
import { isPromise, type MaybePromise } from '../../base/maybe-promise.js';
import { LONGEST_TIMER } from '../../base/timers.js';
import { LedgerUnavailableError } from '../ledger-unavailable.error.js';
import { UnusableIdError } from '../usable-id.js';
import { UnusableNumberError } from '../usable-number.js';
import { LedgerLayer, type LedgerOperation } from './ledger-layer.js';

/** How late a timer is without the event loop being busy, in milliseconds. */
const LATE = 5;
/** How often it is checked during one timeout whether the event loop is busy. */
const CHECKS = 10;

interface WaitingCommand {
  /** The deadline, on the clock that stops while the event loop is busy. */
  readonly deadline: number;
  readonly giveUp: () => void;
}

/** The limits of {@link BoundedLedger}. */
export interface Bounds {
  /** How long an answer may take, in milliseconds. */
  readonly timeout: number;
  /** How many commands may be under way, including those that have timed out; default 1000. */
  readonly maxPending?: number;
  /** Called on each failure. */
  readonly onFailure?: (error: LedgerUnavailableError) => void;
}

/**
 * Protects callers from a ledger that hangs. Each answer comes in time or fails, and commands do not pile up behind a
 * server that is down. Synchronous answers pass straight through.
 *
 * Time during which the event loop is busy does not count: the answer may have arrived, but nobody could read it.
 */
export class BoundedLedger extends LedgerLayer {
  private readonly waiting = new Set<WaitingCommand>();
  private timer: NodeJS.Timeout | undefined;
  /** For how long the event loop was busy, in milliseconds. */
  private busyFor = 0;
  private underWay = { count: 0 };
  private probedAt = -Infinity;

  constructor(
    inner: ActivityLedger,
    private readonly bounds: Bounds,
  ) {
    super(inner);
  }

  protected override through<T>(_operation: LedgerOperation, ask: () => MaybePromise<T>): MaybePromise<T> {
    const isFull = this.underWay.count >= (this.bounds.maxPending ?? 1000);
    if (isFull && !this.mayProbe()) throw this.failure('too many commands are waiting for the session ledger');
    let answer: MaybePromise<T>;
    try {
      answer = ask();
    } catch (error) {
      throw this.failed(error);
    }
    return isPromise(answer) ? this.inTime(answer, isFull) : answer;
  }

  private inTime<T>(answer: Promise<T>, isProbe: boolean): Promise<T> {
    const { underWay } = this;
    underWay.count += 1;
    return new Promise<T>((resolve, reject) => {
      const waiting: WaitingCommand = {
        deadline: this.now() + this.bounds.timeout,
        giveUp: () => {
          // Nobody has to know of a later failure.
          const late = answer.catch(() => new Promise<never>(() => {}));
          reject(this.failure(`the session ledger did not answer within ${this.bounds.timeout} ms`, undefined, late));
        },
      };
      this.waiting.add(waiting);
      if (!this.timer) this.arm(this.bounds.timeout);

      const settled = () => {
        underWay.count -= 1;
        return this.waiting.delete(waiting);
      };
      answer.then(
        (value) => {
          // The ledger answers again, and answers in order. So commands sent before the probe no longer count as under
          // way.
          if (isProbe) this.underWay = { count: 0 };
          settled();
          resolve(value);
        },
        (error: unknown) => {
          if (settled()) reject(this.failed(error));
        },
      );
    });
  }

  /** Once per timeout, lets one command through to test whether the ledger answers again. */
  private mayProbe(): boolean {
    const now = performance.now();
    if (now - this.probedAt < this.bounds.timeout) return false;
    this.probedAt = now;
    return true;
  }

  /** One timer is enough: all commands wait equally long, so the first to be sent is the first to time out. */
  private arm(timeLeft: number): void {
    const delay = Math.min(timeLeft, this.bounds.timeout / CHECKS, LONGEST_TIMER);
    const expectedAt = this.now() + delay;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const late = this.now() - expectedAt;
      if (late > LATE) this.busyFor += late;
      this.giveUpOverdue();
    }, delay).unref();
  }

  private giveUpOverdue(): void {
    const now = this.now();
    for (const waiting of this.waiting) {
      if (waiting.deadline > now) return this.arm(waiting.deadline - now);
      this.waiting.delete(waiting);
      waiting.giveUp();
    }
  }

  /** A clock that stops while the event loop is busy. */
  private now(): number {
    return performance.now() - this.busyFor;
  }

  private failed(cause: unknown): Error {
    if (cause instanceof UnusableIdError || cause instanceof UnusableNumberError) return cause;
    const why = cause instanceof Error && cause.message ? `: ${cause.message}` : '';
    return this.failure(`the session ledger failed${why}`, cause);
  }

  private failure(message: string, cause?: unknown, late?: Promise<unknown>): LedgerUnavailableError {
    const error = new LedgerUnavailableError(message, { cause }, late);
    this.bounds.onFailure?.(error);
    return error;
  }
}
