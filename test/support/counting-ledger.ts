import {
  type Activity,
  type ActivityLedger,
  type Ending,
  MemoryLedger,
  type MaybePromise,
  type Opening,
} from '../../src/index.js';
import type { ManualClock } from '../../src/testing/index.js';

/** A memory ledger that counts what it is asked. */
export class CountingLedger implements ActivityLedger {
  readonly shared: boolean = false;
  readonly runId: string;
  readonly calls = { open: 0, read: 0, advance: 0, end: 0 };
  private readonly ledger: MemoryLedger;

  /** @param wrap what becomes of each answer: a promise makes the ledger behave like a remote one */
  constructor(
    clock: ManualClock,
    private readonly wrap: <T>(answer: T) => MaybePromise<T> = (answer) => answer,
  ) {
    this.ledger = new MemoryLedger({ clock });
    this.runId = this.ledger.runId;
  }

  open(key: string, opening: Opening) {
    this.calls.open += 1;
    return this.wrap(this.ledger.open(key, opening));
  }

  read(key: string) {
    this.calls.read += 1;
    return this.wrap(this.ledger.read(key));
  }

  advance(activities: readonly Activity[]) {
    this.calls.advance += 1;
    return this.wrap(this.ledger.advance(activities));
  }

  end(key: string, ending: Ending) {
    this.calls.end += 1;
    return this.wrap(this.ledger.end(key, ending));
  }

  close() {
    this.ledger.close();
  }

  /** Starts counting anew. */
  reset() {
    Object.assign(this.calls, { open: 0, read: 0, advance: 0, end: 0 });
  }
}
