import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening, Reading } from '../activity-ledger.js';
import type { Clock } from '../clock.js';
import type { MaybePromise } from '../maybe-promise.js';

/** The operations of a ledger. */
export type LedgerOperation = 'open' | 'read' | 'advance' | 'end';

/**
 * A layer around another ledger. Override {@link through} to do the same for every operation, or a single operation
 * to change what it does.
 */
export abstract class LedgerLayer implements ActivityLedger {
  readonly shared: boolean;
  readonly runId: string | undefined;
  readonly clock: Clock | undefined;

  constructor(protected readonly inner: ActivityLedger) {
    this.shared = inner.shared;
    this.runId = inner.runId;
    this.clock = inner.clock;
  }

  open(key: string, opening: Opening): MaybePromise<LedgerRecord> {
    return this.through('open', () => this.inner.open(key, opening));
  }

  read(key: string, reading?: Reading): MaybePromise<LedgerRecord | undefined> {
    return this.through('read', () => this.inner.read(key, reading));
  }

  advance(activities: readonly Activity[]): MaybePromise<void> {
    return this.through('advance', () => this.inner.advance(activities));
  }

  end(key: string, ending: Ending): MaybePromise<boolean> {
    return this.through('end', () => this.inner.end(key, ending));
  }

  close(): MaybePromise<void> {
    return this.inner.close?.();
  }

  /** What the layer does around each operation of the inner ledger. */
  protected through<T>(_operation: LedgerOperation, ask: () => MaybePromise<T>): MaybePromise<T> {
    return ask();
  }
}
