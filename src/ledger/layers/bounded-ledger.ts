import type { ActivityLedger } from '../activity-ledger.js';
import { isPromise, type MaybePromise } from '../maybe-promise.js';
import { LedgerLayer, type LedgerOperation } from './ledger-layer.js';

/** The ledger did not answer: it failed, it took too long, or too many commands are already waiting. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError';

  /** @param late the answer, if it may still come after its time */
  constructor(
    message: string,
    options?: ErrorOptions,
    readonly late?: Promise<unknown>,
  ) {
    super(message, options);
  }
}

/** What a ledger answers after its time, to a command that has failed with `error`; `undefined` if there is no more. */
export function lateAnswer(error: unknown): Promise<unknown> | undefined {
  return error instanceof LedgerUnavailableError ? error.late : undefined;
}

interface Waiting {
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
 */
export class BoundedLedger extends LedgerLayer {
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;
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
      throw this.failure('the session ledger failed', error);
    }
    return isPromise(answer) ? this.inTime(answer, isFull) : answer;
  }

  private inTime<T>(answer: Promise<T>, isProbe: boolean): Promise<T> {
    const { underWay } = this;
    underWay.count += 1;
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = {
        deadline: performance.now() + this.bounds.timeout,
        giveUp: () => {
          // A failure that comes later is none of anybody's business.
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
          // The ledger answers again, and in order: commands sent before the probe no longer count as under way.
          if (isProbe) this.underWay = { count: 0 };
          settled();
          resolve(value);
        },
        (error: unknown) => {
          if (settled()) reject(this.failure('the session ledger failed', error));
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
  private arm(delay: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const now = performance.now();
      for (const waiting of this.waiting) {
        if (waiting.deadline > now) return this.arm(waiting.deadline - now);
        this.waiting.delete(waiting);
        waiting.giveUp();
      }
    }, delay).unref();
  }

  private failure(message: string, cause?: unknown, late?: Promise<unknown>): LedgerUnavailableError {
    const error = new LedgerUnavailableError(message, { cause }, late);
    this.bounds.onFailure?.(error);
    return error;
  }
}
