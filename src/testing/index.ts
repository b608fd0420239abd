export { type LedgerCheck, ledgerConformance, type LedgerSubject } from './ledger-conformance.js';
export { ManualClock } from './manual-clock.js';
