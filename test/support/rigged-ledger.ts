import { type LedgerRecord, MemoryLedger } from '../../src/index.js';

/** A ledger that gives back what a test puts into it. */
export class RiggedLedger extends MemoryLedger {
  rigged: { readonly record: unknown } | undefined;

  override read(key: string): LedgerRecord | undefined {
    return this.rigged ? (this.rigged.record as LedgerRecord | undefined) : super.read(key);
  }
}
