import { MemoryLedger } from '../../src/index.js';

/** A ledger in memory that behaves as one that several instances share: it names no run of a process. */
export class SharedLedger extends MemoryLedger {
  override readonly shared = true as never;
  override readonly runId = undefined as never;
}
