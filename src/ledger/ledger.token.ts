/** The token of the ledger, bounded by `ledgerTimeout`. */
export const LEDGER = Symbol('nestjs-session-timeout ledger');
