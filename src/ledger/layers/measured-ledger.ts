import type { Activity, ActivityLedger, Ending, LedgerRecord, MaybePromise, Opening } from '../activity-ledger.js';
import { isPromise } from '../activity-ledger.js';

/** What a ledger was asked. */
export type LedgerOperation = 'open' | 'read' | 'advance' | 'end';

/** Told of each answer: after how many seconds it came, and the error if it was one. */
export type LedgerObserver = (operation: LedgerOperation, seconds: number, error?: unknown) => void;

/** Tells how long a ledger takes to answer. What is answered at once is not measured. */
export class MeasuredLedger implements ActivityLedger {
  constructor(
    private readonly ledger: ActivityLedger,
    private readonly observe: LedgerObserver,
  ) {}

  get shared(): boolean {
    return this.ledger.shared;
  }

  get runId(): string | undefined {
    return this.ledger.runId;
  }

  open(key: string, opening: Opening): MaybePromise<LedgerRecord> {
    return this.measure('open', () => this.ledger.open(key, opening));
  }

  read(key: string): MaybePromise<LedgerRecord | undefined> {
    return this.measure('read', () => this.ledger.read(key));
  }

  advance(activities: readonly Activity[]): MaybePromise<void> {
    return this.measure('advance', () => this.ledger.advance(activities));
  }

  end(key: string, ending: Ending): MaybePromise<boolean> {
    return this.measure('end', () => this.ledger.end(key, ending));
  }

  close(): MaybePromise<void> {
    return this.ledger.close?.();
  }

  private measure<T>(operation: LedgerOperation, ask: () => MaybePromise<T>): MaybePromise<T> {
    const answer = ask();
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
