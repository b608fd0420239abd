import type { ActivityLedger } from '../activity-ledger.js';
import { isPromise, type MaybePromise } from '../../base/maybe-promise.js';
import { LedgerLayer, type LedgerOperation } from './ledger-layer.js';

/** Called on each answer, with the seconds it took, and the error if it failed. */
export type LedgerObserver = (operation: LedgerOperation, seconds: number, error?: unknown) => void;

/** Measures how long a ledger takes to answer. Synchronous answers are not measured, but synchronous failures are. */
export class MeasuredLedger extends LedgerLayer {
  constructor(
    inner: ActivityLedger,
    private readonly observe: LedgerObserver,
  ) {
    super(inner);
  }

  protected override through<T>(operation: LedgerOperation, ask: () => MaybePromise<T>): MaybePromise<T> {
    let answer: MaybePromise<T>;
    try {
      answer = ask();
    } catch (error) {
      this.observe(operation, 0, error);
      throw error;
    }
    if (!isPromise(answer)) return answer;
    const from = performance.now();
    const seconds = () => (performance.now() - from) / 1000;
    return answer.then(
      (value) => {
        this.observe(operation, seconds());
        return value;
      },
      (error: unknown) => {
        this.observe(operation, seconds(), error);
        throw error;
      },
    );
  }
}
