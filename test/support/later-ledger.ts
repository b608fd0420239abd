import type { ActivityLedger, MemoryLedger } from '../../src/index.js';

/** A ledger whose answers come in a later turn of the event loop. */
export function laterLedger(ledger: MemoryLedger): ActivityLedger {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    shared: false,
    runId: ledger.runId,
    open: async (...given) => turn().then(() => ledger.open(...given)),
    read: async (key) => turn().then(() => ledger.read(key)),
    advance: async (...given) => turn().then(() => ledger.advance(...given)),
    end: async (...given) => turn().then(() => ledger.end(...given)),
    close: () => ledger.close(),
  };
}
