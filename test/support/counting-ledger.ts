import { type MaybePromise, MemoryLedger } from '../../src/index.js';
import { LedgerLayer, type LedgerOperation } from '../../src/ledger/layers/ledger-layer.js';
import type { ManualClock } from '../../src/testing/index.js';

const NONE = { open: 0, read: 0, advance: 0, end: 0 };

/** A memory ledger without a list of users that counts what it is asked. */
export class CountingLedger extends LedgerLayer {
  override readonly shared: boolean = false;
  override readonly users = undefined;
  readonly calls = { ...NONE };

  /** @param wrap what becomes of each answer: a promise makes the ledger behave like a remote one */
  constructor(
    clock: ManualClock,
    private readonly wrap: <T>(answer: MaybePromise<T>) => MaybePromise<T> = (answer) => answer,
  ) {
    super(new MemoryLedger({ clock }));
  }

  /** Starts counting anew. */
  reset() {
    Object.assign(this.calls, NONE);
  }

  protected override through<T>(operation: LedgerOperation, ask: () => MaybePromise<T>): MaybePromise<T> {
    this.calls[operation as keyof typeof NONE] += 1;
    return this.wrap(ask());
  }
}
